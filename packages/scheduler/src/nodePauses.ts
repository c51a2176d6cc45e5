import type { Command } from './command.ts';
import type { Draft, RejectionReason } from './draft.ts';
import { giveBack } from './leases.ts';

type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>;

/** Also of a node that is not connected. No lease is taken back by it (P8): the node itself ends what it has, or gives it back. */
export function pauseNode(draft: Draft, { nodeId, mode, by }: CommandOf<'pause-node'>): RejectionReason | null {
  const known = draft.state.pauses.get(nodeId);
  if (known?.mode !== mode) draft.emit({ type: 'node-paused', v: 1, nodeId, mode, by, iso: draft.iso });
  draft.effect({ type: 'tell-pause', nodeId, pause: draft.state.pauses.get(nodeId) ?? null });
  return null;
}

export function resumeNode(draft: Draft, { nodeId }: CommandOf<'resume-node'>): RejectionReason | null {
  if (!draft.state.pauses.has(nodeId)) return 'unknown-node';
  draft.emit({ type: 'node-resumed', v: 1, nodeId, iso: draft.iso });
  draft.effect({ type: 'tell-pause', nodeId, pause: null });
  return null;
}

/** Also of a node that is not connected. It gets nothing new before it confirmed them: only its own clock can tell them. */
export function setHours(draft: Draft, { nodeId, schedule, by }: CommandOf<'set-hours'>): RejectionReason | null {
  const known = draft.state.hours.get(nodeId);
  if (schedule === null && known === undefined) return 'unknown-node';
  if (known?.schedule !== schedule) draft.emit({ type: 'node-hours-set', v: 1, nodeId, schedule, by, iso: draft.iso });
  draft.effect({ type: 'tell-hours', nodeId, hours: draft.state.hours.get(nodeId) ?? null });
  return null;
}

/** What the node says counts from now on; what it stopped goes to others at once. */
export function noteStanding(draft: Draft, command: CommandOf<'note-standing'>): RejectionReason | null {
  const { nodeId, closure, farmHours, givenBack } = command;
  if (!draft.state.nodes.has(nodeId)) return 'unknown-node';
  draft.emit({ type: 'node-standing', nodeId, closure, ...(farmHours !== undefined && { farmHours }) });
  giveBack(draft, nodeId, givenBack);
  return null;
}
