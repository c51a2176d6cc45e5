import { FarmError } from '@reelmill/protocol';
import type { AudioReport, ResolvedAudio } from '../manifest.ts';
import { type StreamPackets, shownLengthSeconds } from './readPackets.ts';

/** A header may count a few frames that do not decode; more than this is worth telling. */
const headerSlackSeconds = 0.5;

/**
 * The join lost no sound: as many packets as the audio task made, and the same length within one of its frames.
 * @throws FarmError VERIFY_FAILED.
 */
export function checkAudioComplete(output: StreamPackets, encoded: AudioReport): void {
  const found = { packets: output.pts.length, seconds: shownLengthSeconds(output) };
  const expected = { packets: encoded.packets, seconds: encoded.durationSeconds };
  const frameSeconds = expected.seconds / Math.max(1, expected.packets);
  if (found.packets === expected.packets && Math.abs(found.seconds - expected.seconds) <= frameSeconds) return;
  throw new FarmError('VERIFY_FAILED', {
    message: `The sound of the output is ${found.seconds.toFixed(3)} s long instead of ${expected.seconds.toFixed(3)} s.`,
    details: { found, expected },
  });
}

/** What the source's header promised and the decoder did not deliver: told, never padded. */
export function audioLengthWarnings(audio: ResolvedAudio, output: StreamPackets): string[] {
  const stated = audio.durationSeconds;
  const found = shownLengthSeconds(output);
  if (stated === 0 || Math.abs(stated - found) <= headerSlackSeconds) return [];
  return [`AUDIO_LENGTH: the source states ${stated.toFixed(2)} s of sound, ${found.toFixed(2)} s could be decoded.`];
}
