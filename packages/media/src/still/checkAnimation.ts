import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FarmError } from '@reelmill/protocol';
import type { RunOptions } from '../process/tools.ts';
import { checkImages, patternIn } from './checkImages.ts';
import type { ExtractSpec } from './stillManifest.ts';
import { readWebpAnimation } from './webpAnimation.ts';

/**
 * Decodes an animation that was just made. WebP shows equal neighbours as one longer frame, so that it may hold fewer.
 * @returns how many frames it holds
 * @throws FarmError FRAME_COUNT, DECODE_FAILED, CANCELED
 */
export async function checkAnimation(
  spec: ExtractSpec,
  { folder, outputPath }: { folder: string; outputPath: string },
  run: RunOptions,
): Promise<{ frames: number }> {
  const { width, height } = spec.picture;
  const size = { width, height };
  const planned = spec.passages[0]?.picks.length ?? 0;
  if (spec.output.form === 'animation' && spec.output.format === 'gif') {
    await checkImages({ path: outputPath, demuxer: 'gif', firstNumber: 0, count: planned, size }, run);
    return { frames: planned };
  }
  const animation = await readWebpAnimation(outputPath);
  if (animation === null) {
    const still = patternIn(dirname(outputPath), basename(outputPath));
    await checkImages({ path: still, demuxer: 'image2', firstNumber: 1, count: 1, size }, run);
    return { frames: 1 };
  }
  const count = animation.frames.length;
  const isPlanned = animation.width === width && animation.height === height && animation.loops === 0;
  if (!isPlanned || count < 1 || count > planned) {
    const { frames: _, ...found } = animation;
    throw new FarmError('FRAME_COUNT', {
      message: `The animation has ${count} frames of ${animation.width} by ${animation.height}.`,
      details: { ...found, count, planned, width, height },
    });
  }
  for (const [at, { still }] of animation.frames.entries()) await writeFile(join(folder, `${at + 1}.webp`), still);
  const path = patternIn(folder, '%d.webp');
  await checkImages({ path, demuxer: 'image2', firstNumber: 1, count, size: null }, run);
  return { frames: count };
}
