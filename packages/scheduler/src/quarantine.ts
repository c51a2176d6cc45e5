import { FarmError, retryLimits, type TaskId } from '@reelmill/protocol';
import type { Command } from './command.ts';
import type { Draft, RejectionReason } from './draft.ts';
import { loseLease } from './leases.ts';
import { leasesOf } from './state.ts';

type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>;

/** Puts away the nodes that reached the limit of bad results; what they hold goes to others. */
export function quarantineConvicted(draft: Draft): void {
  for (const [nodeId, { badResults, quarantine }] of draft.state.trust) {
    if (quarantine !== null || badResults.length < retryLimits.badResultLimit) continue;
    const error = quarantineError(badResults);
    draft.emit({ type: 'node-quarantined', v: 1, nodeId, error, iso: draft.iso });
    for (const [taskId, lease] of leasesOf(draft.state, nodeId)) {
      draft.stopAttempt(taskId, lease);
      loseLease(draft, { taskId, attempt: lease.attempt }, { reason: 'infrastructure', error, avoidNode: true });
    }
  }
}

const quarantineError = (taskIds: readonly TaskId[]) =>
  new FarmError('NODE_QUARANTINED', {
    message: `Its results of ${taskIds.length} tasks failed verification, and other nodes did the same tasks well.`,
    details: { tasks: taskIds },
  }).toData();

export function releaseNode(draft: Draft, { nodeId }: CommandOf<'release-node'>): RejectionReason | null {
  if (!draft.state.trust.has(nodeId)) return 'unknown-node';
  draft.emit({ type: 'node-released', v: 1, nodeId, iso: draft.iso });
  return null;
}
