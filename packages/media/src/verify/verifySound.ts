import { FarmError } from '@reelmill/protocol';
import type { AudioReport, JoinReport, Manifest } from '../manifest.ts';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { audioLengthWarnings, checkAudioComplete } from './checkAudioLength.ts';
import { firstShownSeconds, readPackets, type StreamPackets } from './readPackets.ts';

/** Below the shortest tick of a container of sound. */
const startToleranceSeconds = 0.001;

/**
 * Proves an output of sound alone against its plan: one track from 0 with every packet its audio task made; with
 * `verify: 'full'` all of it is decoded too.
 * @throws FarmError VERIFY_FAILED, CANCELED
 */
export async function verifySound(
  manifest: Manifest,
  files: {
    readonly outputPath: string;
    readonly sounds?: readonly AudioReport[];
    readonly onProgress?: (percent: number) => void;
  },
  run: RunOptions,
): Promise<JoinReport> {
  const stream = onlySound(await readPackets(files.outputPath, run));
  const [encoded] = files.sounds ?? [];
  if (encoded) checkAudioComplete(stream, encoded);
  files.onProgress?.(manifest.verify === 'full' ? 5 : 100);
  if (manifest.verify === 'full') {
    await decodeSound(files.outputPath, run, (seconds) =>
      files.onProgress?.(Math.min(100, 5 + (95 * seconds) / Math.max(1, manifest.durationSeconds))),
    );
  }
  const warnings = manifest.audio === null ? [] : audioLengthWarnings(manifest.audio, stream);
  return {
    ...{ kind: 'join', frames: 0, maxPtsErrorSeconds: 0, audioOffsetErrorSeconds: null, verify: manifest.verify },
    warnings,
  };
}

function onlySound(streams: readonly StreamPackets[]): StreamPackets {
  const sounds = streams.filter(({ codecType }) => codecType === 'audio');
  const pictures = streams.filter(({ codecType }) => codecType === 'video');
  const [sound] = sounds;
  if (!sound || sounds.length !== 1 || pictures.length > 0) {
    const message = `The output holds ${sounds.length} tracks of sound and ${pictures.length} of pictures instead of one of sound.`;
    throw new FarmError('VERIFY_FAILED', { message });
  }
  const start = firstShownSeconds(sound);
  if (start === null || Math.abs(start) > startToleranceSeconds) {
    throw new FarmError('VERIFY_FAILED', {
      message: `The sound starts at ${start} s instead of 0.`,
      details: { start },
    });
  }
  return sound;
}

/** The output is our own encode: any decoder complaint is a fault. */
async function decodeSound(path: string, run: RunOptions, onSeconds: (seconds: number) => void): Promise<void> {
  const { log } = await runFfmpeg(['-xerror', '-i', `file:${path}`, '-map', '0:a', '-f', 'null', '-'], run, {
    failureCode: 'VERIFY_FAILED',
    onProgress: ({ outTimeSeconds }) => onSeconds(outTimeSeconds ?? 0),
  });
  if (log.trim() === '') return;
  throw new FarmError('VERIFY_FAILED', { message: `The output does not decode: ${log.trim()}` });
}
