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
  /** By stream: how many frames its decoder holds back before it shows one; where no sound was decoded. */
  readonly delays: ReadonlyMap<number, number>;
  /** By stream: seconds at which the first frame of sound is heard, as it decodes; those that were seen. */
  readonly soundStarts: ReadonlyMap<number, number>;
}

export interface AskedEnds {
  readonly demuxer: string;
  /** Container's own time. */
  readonly tailSeconds: number;
  /** Of all tracks: a file may hold fewer than are asked for. */
  readonly totalPackets: number;
  /** Whether sound is decoded by the way; decoders of the pictures have to be of those that skip all they are told to. */
  readonly decodesSound: boolean;
}

/**
 * Lists the first packets of a file, and all from a time on; where that is asked, it notes when sound starts, which
 * saves a process of its own. Decoders may complain where demuxers do not: then packets alone are listed once more.
 * @throws FarmError CANCELED; a file that FFprobe cannot read or seek counts as one error line
 */
export async function readFileEnds(path: string, asked: AskedEnds, run: RunOptions): Promise<FileEnds> {
  const ends = await listEnds(path, asked, run);
  const mayBeDecoder = asked.decodesSound && ends.errorLines > 0;
  return mayBeDecoder ? listEnds(path, { ...asked, decodesSound: false }, run) : ends;
}

async function listEnds(path: string, asked: AskedEnds, run: RunOptions): Promise<FileEnds> {
  const packets: ListedPacket[] = [];
  const delays = new Map<number, number>();
  const soundStarts = new Map<number, number>();
  let errorLines = 0;
  const failureCode = 'UNSUPPORTED_MEDIA';
  const hooks = {
    failureCode,
    onStdoutLine: (line: string) => {
      const comma = line.indexOf(',');
      const [section, fields] = [line.slice(0, comma), line.slice(comma + 1)];
      const packet = section === 'packet' ? packetOfLine(fields) : null;
      if (packet !== null) packets.push(packet);
      const [stream, value] = fields.split(',').map(Number.parseFloat);
      if (stream === undefined || value === undefined) return;
      if (section === 'stream') delays.set(stream, value);
      // what decodes later belongs to the tail
      const isFirst = section === 'frame' && packets.length <= headPackets && !soundStarts.has(stream);
      if (isFirst) soundStarts.set(stream, value);
    },
    onStderrLine: () => {
      errorLines += 1;
    },
  } as const;
  try {
    await runFfprobe(endArgs(path, asked), run, hooks);
  } catch (thrown) {
    if (!(thrown instanceof FarmError) || thrown.code !== failureCode) throw thrown;
    errorLines += 1;
  }
  for (const [stream, seconds] of soundStarts) if (!Number.isFinite(seconds)) soundStarts.delete(stream);
  const headEnd = Math.min(headPackets, asked.totalPackets);
  return { head: packets.slice(0, headEnd), tail: packets.slice(headEnd), errorLines, delays, soundStarts };
}

function endArgs(path: string, { demuxer, tailSeconds, decodesSound }: AskedEnds): string[] {
  return [
    ...inputGuardArgs(demuxer),
    ...(decodesSound ? ['-skip_frame:v', 'all'] : []),
    ...['-read_intervals', `%+#${headPackets},${Math.max(0, tailSeconds).toFixed(3)}%`],
    ...[
      '-show_entries',
      decodesSound ? `${packetEntries}:frame=stream_index,pts_time` : `${packetEntries}:stream=index,has_b_frames`,
    ],
    ...['-of', 'csv', `file:${path}`],
  ];
}
