import type { PlannedOutput } from '@reelmill/protocol';
import type { StillManifest, StillOutput } from './stillManifest.ts';
import { imageExtension, stillTasks } from './stillTasks.ts';

/** What the plan makes of the source, as for a film. Pure. */
export function plannedStills(manifest: StillManifest, isIndexed: boolean): PlannedOutput {
  const tasks = stillTasks(manifest);
  const { width, height } = manifest.picture;
  return {
    container: imageExtension(manifest.output),
    size: { width, height },
    videoEncoder: stillEncoder(manifest.output),
    audioEncoder: null,
    frames: tasks.reduce((sum, task) => sum + task.frames, 0),
    frameEvidence: isIndexed ? manifest.frameEvidence : 'header',
    durationSeconds: manifest.durationSeconds,
    estimatedBytes: manifest.estimatedOutputBytes,
    predictedCpuSeconds: Math.round(tasks.reduce((sum, task) => sum + task.costSeconds, 0) * 100) / 100,
  };
}

/** FFmpeg's encoder of an output. */
export function stillEncoder(output: StillOutput): string {
  const format = 'format' in output ? output.format : 'jpeg';
  if (format === 'webp') return output.form === 'animation' ? 'libwebp_anim' : 'libwebp';
  return format === 'jpeg' ? 'mjpeg' : format;
}

/** Length of film that each passage stands for. */
export function passageSeconds({ durationSeconds, passages }: StillManifest): number[] {
  const starts = passages.map(({ picks }) => picks[0]?.atSeconds ?? 0);
  return starts.map((start, at) => Math.round(((starts[at + 1] ?? durationSeconds) - start) * 1000) / 1000);
}
