import { FarmError } from '@reelmill/protocol';
import type { AudioReport, AudioSpec } from '../manifest.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { firstShownSeconds, readPackets, type StreamPackets, shownLengthSeconds } from '../verify/readPackets.ts';
import { audioArgs } from './audioArgs.ts';

export interface AudioFiles {
  readonly sourcePath: string;
  readonly outputPath: string;
  readonly onProgress?: (progress: { seconds: number }) => void;
}

/**
 * Encodes the whole track in one task: cut sound clicks at its seams.
 * @throws FarmError DECODE_FAILED when no sample could be decoded; ENCODE_FAILED, ENCODER_MISSING, DISK_FULL, CANCELED.
 */
export async function encodeAudio(spec: AudioSpec, files: AudioFiles, run: RunOptions): Promise<AudioReport> {
  const finished = await runFfmpeg(audioArgs(spec, files.sourcePath, files.outputPath), run, {
    onProgress: ({ outTimeSeconds }) => files.onProgress?.({ seconds: Math.max(0, outTimeSeconds ?? 0) }),
  });
  const stream = (await readPackets(files.outputPath, run)).find(({ codecType }) => codecType === 'audio');
  const first = stream && firstShownSeconds(stream);
  if (!stream || first === undefined || first === null) {
    const details = { streamIndex: spec.audio.streamIndex, log: finished.log };
    throw new FarmError('DECODE_FAILED', { message: 'No sample of the audio track could be decoded.', details });
  }
  return {
    kind: 'audio',
    durationSeconds: shownLengthSeconds(stream),
    samples: samplesOf(stream, spec.audio.sampleRate),
    packets: stream.pts.length,
    primingSeconds: Math.max(0, first - ((stream.pts[0] ?? 0) * stream.timeBase.num) / stream.timeBase.den),
    firstSeconds: Math.max(0, first),
    wallSeconds: finished.wallSeconds,
  };
}

function samplesOf(stream: StreamPackets, sampleRate: number): number {
  let ticks = 0;
  for (const [at, duration] of stream.durations.entries()) if (stream.shown[at]) ticks += duration;
  return Math.round((ticks * stream.timeBase.num * sampleRate) / stream.timeBase.den);
}
