import { FarmError } from '@reelmill/protocol';
import { soundTracks } from '../audio/soundTracks.ts';
import { type AudioReport, isFilm, type JoinReport, type Manifest } from '../manifest.ts';
import type { RunOptions } from '../process/tools.ts';
import { audioLengthWarnings, checkAudioComplete } from './checkAudioLength.ts';
import { checkAudioOffset, checkDecodeOrder, checkFrameCount, checkFrameTimes } from './checkPackets.ts';
import { decodeWhole } from './decodeWhole.ts';
import { readPackets, type StreamPackets } from './readPackets.ts';
import { verifySound } from './verifySound.ts';

export interface VerifyFiles {
  readonly outputPath: string;
  /** What the audio tasks measured, in the order of `soundTracks`: compared where given. */
  readonly sounds?: readonly AudioReport[];
  readonly sourcePath?: string | null;
  /** 0 to 100. */
  readonly onProgress?: (percent: number) => void;
}

/**
 * Proves a finished rendition against its plan (decision 4): frames, their times, decode order, A/V offset, length of
 * the sound; with `verify: 'full'` every frame is decoded too.
 * @throws FarmError FRAME_COUNT, TIMESTAMPS_WRONG, AV_OFFSET, VERIFY_FAILED, CANCELED.
 */
export async function verifyRendition(manifest: Manifest, files: VerifyFiles, run: RunOptions): Promise<JoinReport> {
  if (!isFilm(manifest)) return verifySound(manifest, files, run);
  const streams = await readPackets(files.outputPath, run);
  const video = streams.find(({ codecType }) => codecType === 'video');
  if (!video) throw new FarmError('VERIFY_FAILED', { message: 'The output has no picture.' });
  checkFrameCount(manifest, video);
  checkDecodeOrder(video);
  const maxPtsErrorSeconds = checkFrameTimes(manifest, video);
  const audioOffsetErrorSeconds = checkAudioOffset(manifest, streams);
  checkSubtitles(manifest, streams);
  const warnings = checkSound(manifest, streams, files.sounds ?? []);
  files.onProgress?.(manifest.verify === 'full' ? 5 : 100);
  if (manifest.verify === 'full') {
    const onFrames = (frames: number) => files.onProgress?.(5 + (95 * frames) / manifest.frames);
    await decodeWhole(manifest, { outputPath: files.outputPath, onFrames }, run);
  }
  return {
    kind: 'join',
    frames: manifest.frames,
    maxPtsErrorSeconds,
    audioOffsetErrorSeconds,
    verify: manifest.verify,
    warnings,
  };
}

function checkSound(manifest: Manifest, streams: readonly StreamPackets[], sounds: readonly AudioReport[]): string[] {
  const outputs = streams.filter(({ codecType }) => codecType === 'audio');
  return soundTracks(manifest).flatMap(({ audio }, at) => {
    const output = outputs[at];
    if (!output) return [];
    const encoded = sounds[at];
    if (encoded) checkAudioComplete(output, encoded);
    return audioLengthWarnings(audio, output);
  });
}

function checkSubtitles({ side }: Manifest, streams: readonly StreamPackets[]): void {
  const found = streams.filter(({ codecType }) => codecType === 'subtitle').length;
  if (found === side.subtitles.length) return;
  throw new FarmError('VERIFY_FAILED', {
    message: `The output has ${found} subtitle tracks instead of ${side.subtitles.length}.`,
  });
}
