import { FarmError } from '@reelmill/protocol';
import { inputGuardArgs, runFfprobe } from '../../process/runFfmpeg.ts';
import type { RunOptions } from '../../process/tools.ts';
import { type ListedPacket, packetEntries, packetOfLine } from '../packetList.ts';

/** Packets of all tracks at the beginning: pictures are among them. */
const headPackets = 60;

/** What FFprobe lists at both ends of a file. */
export interface FileEnds {
  readonly head: readonly ListedPacket[];
  /** From a key frame at or before the asked time to the end of every track. */
  readonly tail: readonly ListedPacket[];
  readonly errorLines: number;
  /** By stream: how many frames its decoder holds back before it shows one. */
  readonly delays: ReadonlyMap<number, number>;
}

export interface AskedEnds {
  readonly demuxer: string;
  /** Container's own time. */
  readonly tailSeconds: number;
  /** Of all tracks: a file may hold fewer than are asked for. */
  readonly totalPackets: number;
}

/**
 * Lists the first packets of a file, and all from a time on.
 * @throws FarmError CANCELED; a file that FFprobe cannot read or seek counts as one error line
 */
export async function readFileEnds(
  path: string,
  { demuxer, tailSeconds, totalPackets }: AskedEnds,
  run: RunOptions,
): Promise<FileEnds> {
  const packets: ListedPacket[] = [];
  const delays = new Map<number, number>();
  let errorLines = 0;
  const args = [
    ...inputGuardArgs(demuxer),
    ...['-read_intervals', `%+#${headPackets},${Math.max(0, tailSeconds).toFixed(3)}%`],
    ...['-show_entries', `${packetEntries}:stream=index,has_b_frames`, '-of', 'csv', `file:${path}`],
  ];
  const failureCode = 'UNSUPPORTED_MEDIA';
  const hooks = {
    failureCode,
    onStdoutLine: (line: string) => {
      const comma = line.indexOf(',');
      const [section, fields] = [line.slice(0, comma), line.slice(comma + 1)];
      const packet = section === 'packet' ? packetOfLine(fields) : null;
      if (packet !== null) packets.push(packet);
      const [stream, delay] = fields.split(',').map(Number);
      if (section === 'stream' && stream !== undefined && delay !== undefined) delays.set(stream, delay);
    },
    onStderrLine: () => {
      errorLines += 1;
    },
  } as const;
  try {
    await runFfprobe(args, run, hooks);
  } catch (thrown) {
    if (!(thrown instanceof FarmError) || thrown.code !== failureCode) throw thrown;
    errorLines += 1;
  }
  const headEnd = Math.min(headPackets, totalPackets);
  return { head: packets.slice(0, headEnd), tail: packets.slice(headEnd), errorLines, delays };
}
