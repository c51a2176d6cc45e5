import type { TrackFate } from '@reelmill/protocol';

/** More rows tell nobody anything: the rest is counted in one. */
const mostRows = 100;
/** Titles and file names come from the source, and may be megabytes. */
const longestText = 300;

/** A list that is shown, journaled and sent: never longer than people read. */
export function boundedFates(fates: readonly TrackFate[]): TrackFate[] {
  const shown = fates.slice(0, mostRows).map((one) => ({ ...one, label: clip(one.label), note: clip(one.note) }));
  const left = fates.slice(mostRows);
  if (left.length === 0) return shown;
  const dropped = left.filter(({ fate }) => fate === 'dropped').length;
  const rest = { stream: null, kind: 'data', fate: dropped > 0 ? 'dropped' : 'converted' } as const;
  const note = `too many to list; ${dropped} of them are dropped`;
  return [...shown, { ...rest, label: `${left.length} further tracks`, note }];
}

/** A text at the length people read. */
export const clip = (text: string): string =>
  text.length <= longestText ? text : `${text.slice(0, longestText - 1)}…`;
