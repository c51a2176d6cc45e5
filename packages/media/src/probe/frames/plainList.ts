import type { PacketList } from '../packetList.ts';

/** What the readers of plain containers tell. */
export interface PlainList {
  /** All packets of picture tracks, of sound those of the end. */
  readonly byStream: ReadonlyMap<number, PacketList>;
  /** By stream: seconds at which the first frame of sound is heard, as it decodes; those that were seen. */
  readonly soundStarts: ReadonlyMap<number, number>;
}
