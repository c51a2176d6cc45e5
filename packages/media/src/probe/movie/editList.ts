import { type BoxBytes, boxesOf, onlyBox } from './boxBytes.ts';

/** What a plain edit list says (ISO/IEC 14496-12, 8.6.6), in ticks of the track. */
export interface Edit {
  /** Nothing is shown for so long. */
  readonly emptyTicks: number;
  /** Then what lies in `[startTicks, endTicks)` of the track. */
  readonly startTicks: number;
  readonly endTicks: number;
}

interface Clocks {
  readonly timescale: number;
  readonly movieTimescale: number;
}

interface Entry {
  readonly length: number;
  readonly mediaTime: number;
}

/** The edit of a track: null where it has none, `unusual` for more than one, also after an empty one, or another speed. */
export function editOf(track: readonly BoxBytes[], clocks: Clocks): Edit | null | 'unusual' {
  const boxes = track.filter(({ type }) => type === 'edts');
  if (boxes.length === 0) return null;
  const lists = boxes.length === 1 ? boxesOf(boxes[0]?.content ?? Buffer.alloc(0)) : null;
  const entries = lists && entriesOf(onlyBox(lists, 'elst'));
  if (!entries) return 'unusual';
  const [first, second] = entries;
  const shown = entries.length === 1 ? first : first?.mediaTime === -1 ? second : undefined;
  if (shown === undefined || shown.mediaTime < 0 || shown.length <= 0) return 'unusual';
  const ticks = (length: number) => Math.round((length * clocks.timescale) / clocks.movieTimescale);
  const emptyTicks = entries.length === 1 ? 0 : ticks(first?.length ?? 0);
  const edit = { emptyTicks, startTicks: shown.mediaTime, endTicks: shown.mediaTime + ticks(shown.length) };
  return Object.values(edit).every(Number.isSafeInteger) ? edit : 'unusual';
}

const normalSpeed = 0x1_0000;

/** One or two entries; null for none, more, another speed than the film's. */
function entriesOf(list: Buffer | null): Entry[] | null {
  const isLong = list?.[0] === 1;
  const entryBytes = isLong ? 20 : 12;
  if (!list || list.length < 8 || (list[0] ?? 2) > 1) return null;
  const count = list.readUInt32BE(4);
  if (count < 1 || count > 2 || list.length !== 8 + count * entryBytes) return null;
  const entries: Entry[] = [];
  for (let at = 8; at < list.length; at += entryBytes) {
    if (list.readInt32BE(at + entryBytes - 4) !== normalSpeed) return null;
    entries.push(
      isLong
        ? { length: Number(list.readBigUInt64BE(at)), mediaTime: Number(list.readBigInt64BE(at + 8)) }
        : { length: list.readUInt32BE(at), mediaTime: list.readInt32BE(at + 4) },
    );
  }
  return entries;
}
