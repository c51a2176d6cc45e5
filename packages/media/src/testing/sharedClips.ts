// Used by tests only.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

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
 * Name and path of the clips in `REELMILL_TEST_MEDIA`, video ones only; empty, and said so, where the folder is not
 * given (decision 27).
 */
export function sharedClips(kind: 'all' | 'with-audio'): [name: string, path: string][] {
  const folder = process.env.REELMILL_TEST_MEDIA;
  if (!folder || !existsSync(join(folder, 'clips'))) {
    if (process.env.CI_STRICT === '1') throw new Error('REELMILL_TEST_MEDIA does not name the folder of shared clips');
    console.warn(`not run: shared clips, ${kind} (REELMILL_TEST_MEDIA is not set)`);
    return [];
  }
  return readdirSync(join(folder, 'clips'))
    .filter((name) => !withoutVideo.has(name) && (kind === 'all' || !withoutAudio.has(name)))
    .sort()
    .map((name) => [name, join(folder, 'clips', name)]);
}
