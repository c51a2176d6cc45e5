import type { NodeClosure, NodeHours, NodePause, PauseMode } from '@reelmill/protocol';
import type { LocalPause } from './pauseFile.ts';

/** Since when it is outside some hours, and when they begin. */
export interface Outside {
  readonly since: string;
  readonly until: string | null;
}

/** Everything that may close a node; each null while it does not. */
export interface Causes {
  readonly pausedHere: LocalPause | null;
  readonly pausedByFarm: NodePause | null;
  /** Of the machine's own hours. */
  readonly outsideHours: Outside | null;
  /** Those that the farm set, whether it is outside of them or not. */
  readonly farmHours: NodeHours | null;
  readonly outsideFarmHours: (Outside & { readonly by: string }) | null;
  readonly inUse: { readonly since: string } | null;
}

export const noCauses: Causes = {
  pausedHere: null,
  pausedByFarm: null,
  outsideHours: null,
  farmHours: null,
  outsideFarmHours: null,
  inUse: null,
};

/** What the machine itself says; the farm's own pause is known to the farm. */
export function closureOf({ pausedHere, outsideHours, outsideFarmHours, inUse }: Causes): NodeClosure | null {
  if (pausedHere !== null) return { reason: 'paused', by: pausedHere.by, since: pausedHere.since, until: null };
  if (outsideHours !== null) return { reason: 'outside-hours', by: null, ...outsideHours };
  if (outsideFarmHours !== null) return { reason: 'outside-hours', ...outsideFarmHours };
  if (inUse !== null) return { reason: 'in-use', by: null, since: inUse.since, until: null };
  return null;
}

/**
 * What becomes of running tasks, by the strictest cause in force; null: the node is open. `atEdge` is what the owner
 * chose for hours that end and people that come.
 */
export function modeOf(causes: Causes, atEdge: PauseMode): PauseMode | null {
  const modes = [
    causes.pausedHere?.mode,
    causes.pausedByFarm?.mode,
    causes.outsideHours && atEdge,
    causes.outsideFarmHours && atEdge,
    causes.inUse && atEdge,
  ].filter((mode) => mode != null);
  if (modes.length === 0) return null;
  return modes.includes('now') ? 'now' : 'after-chunk';
}
