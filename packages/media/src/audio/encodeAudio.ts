import { FarmError } from '@reelmill/protocol';
import type { AudioReport, AudioSpec } from '../manifest.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { firstShownSeconds, readPackets, type StreamPackets, shownLengthSeconds } from '../verify/readPackets.ts';
import { audioArgs } from './audioArgs.ts';
import { normaliseLoudness } from './loudness/normaliseLoudness.ts';

export interface AudioFiles {
  readonly sourcePath: string;
  readonly outputPath: string;
  readonly onProgress?: (progress: { seconds: number }) => void;
}

/**
 * Encodes the whole track in one task: cut sound clicks at its seams, and loudness is a property of the whole.
 * @throws FarmError DECODE_FAILED when no sample could be decoded; ENCODE_FAILED, ENCODER_MISSING, DISK_FULL, CANCELED.
 */
export async function encodeAudio(spec: AudioSpec, files: AudioFiles, run: RunOptions): Promise<AudioReport> {
  const startedMs = performance.now();
  const { sourcePath, outputPath } = files;
  const onProgress = (seconds: number) => files.onProgress?.({ seconds });
  let log = '';
  const encode = async (filters: readonly string[], onSeconds: (seconds: number) => void): Promise<void> => {
    const audio = { ...spec.audio, filters: [...spec.audio.filters, ...filters] };
    ({ log } = await runFfmpeg(audioArgs({ ...spec, audio }, sourcePath, outputPath), run, {
      onProgress: ({ outTimeSeconds }) => onSeconds(Math.max(0, outTimeSeconds ?? 0)),
    }));
  };
  const { loudness } = spec.audio;
  const made =
    loudness === null
      ? await encode([], onProgress)
      : await normaliseLoudness({ spec, target: loudness }, { sourcePath, outputPath, onProgress, encode }, run);
  const stream = (await readPackets(outputPath, run)).find(({ codecType }) => codecType === 'audio');
  const first = stream && firstShownSeconds(stream);
  if (!stream || first === undefined || first === null) {
    const details = { streamIndex: spec.audio.streamIndex, log };
    throw new FarmError('DECODE_FAILED', { message: 'No sample of the audio track could be decoded.', details });
  }
  return {
    kind: 'audio',
    durationSeconds: shownLengthSeconds(stream),
    samples: samplesOf(stream, spec.audio.sampleRate),
    packets: stream.pts.length,
    primingSeconds: Math.max(0, first - ((stream.pts[0] ?? 0) * stream.timeBase.num) / stream.timeBase.den),
    firstSeconds: Math.max(0, first),
    loudness: made?.report ?? null,
    warnings: [...(made?.warnings ?? [])],
    wallSeconds: (performance.now() - startedMs) / 1000,
  };
}

function samplesOf(stream: StreamPackets, sampleRate: number): number {
  let ticks = 0;
  for (const [at, duration] of stream.durations.entries()) if (stream.shown[at]) ticks += duration;
  return Math.round((ticks * stream.timeBase.num * sampleRate) / stream.timeBase.den);
}
