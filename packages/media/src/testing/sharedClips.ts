// Used by tests only.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';

/** Facts of the shared clips that choose what a test can do with them. */
const withoutVideo = new Set(['d19_audio_only.mp4', 'd27_mp3_cover.mp3']);
const withoutAudio = new Set([
  'd02_screen_vfr_big.mp4',
  'd07_dv_pal_interlaced.mov',
  'd08_prores_lt.mov',
  'd11_start_10s.mp4',
  'd13_av1.mkv',
  'd14_vp9_alpha_60fps.webm',
  'd16_flv_shell_name.flv',
  'd24_corrupt_h264.mp4',
  'd25_1x1_1fps_dash_name.mp4',
  'd26_odd_161x121.webm',
]);

/**
 * Name and path of the clips in `REELMILL_TEST_MEDIA`, video ones only. Where the folder is not given a skipped test
 * says so by name: the run lists it, and a strict one fails (decision 27).
 * @param numbers e.g. `d04`; default all.
 */
export function sharedClips(kind: 'all' | 'with-audio', numbers?: readonly string[]): [name: string, path: string][] {
  const folder = join(process.env.REELMILL_TEST_MEDIA ?? '', 'clips');
  if (!process.env.REELMILL_TEST_MEDIA || !existsSync(folder)) {
    test.skip(`shared clips ${numbers?.join(' ') ?? kind}: REELMILL_TEST_MEDIA names no folder of them`, () =>
      undefined);
    return [];
  }
  return readdirSync(folder)
    .filter((name) => !withoutVideo.has(name) && (kind === 'all' || !withoutAudio.has(name)))
    .filter((name) => numbers?.includes(name.slice(0, 3)) ?? true)
    .sort()
    .map((name) => [name, join(folder, name)]);
}
