import type { JobView } from '@reelmill/protocol';
import type { KeyboardEvent } from 'react';
import { commands, isPressed } from '../../../shared/commands.ts';
import { extendSelection, selectOnly } from '../../store/selection.ts';
import { runCommand } from '../commands/commandActions.ts';
import { isMac } from '../shell/platform.ts';

const step: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

/** Keys of the focused job list; single letters act nowhere else. */
export function handleQueueKey(event: KeyboardEvent, jobs: readonly JobView[], selected: number): void {
  const target = targetIndex(event, { count: jobs.length, selected });
  const job = target === null ? undefined : jobs[target];
  if (job !== undefined) {
    event.preventDefault();
    if (event.shiftKey) extendSelection(job.jobId, jobs);
    else selectOnly(job.jobId);
    return;
  }
  // A focused button inside the row keeps its own Enter and Space.
  if ((event.target as HTMLElement).closest('button')) return;
  const command = commands.find(
    ({ keys, scope }) => keys !== undefined && scope === 'list' && isPressed(keys, event, isMac),
  );
  if (!command) return;
  event.preventDefault();
  runCommand(command.id);
}

function targetIndex(event: KeyboardEvent, { count, selected }: { count: number; selected: number }): number | null {
  if (event.ctrlKey || event.metaKey || event.altKey || count === 0) return null;
  if (event.key === 'Home') return 0;
  if (event.key === 'End') return count - 1;
  const by = step[event.key];
  return by === undefined ? null : Math.max(0, Math.min(count - 1, selected + by));
}
