import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FarmError } from '@reelmill/protocol';
import { inputGuardArgs } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { patternIn } from '../still/checkImages.ts';
import { composeWebp } from '../still/composeWebp.ts';
import type { PickedFrame, StillManifest } from '../still/stillManifest.ts';
import { imageExtension, imageName, imagesOf } from '../still/stillTasks.ts';
import { readWebpAnimation } from '../still/webpAnimation.ts';

export interface ShownStills {
  readonly inputArgs: readonly string[];
  /** From what the input decodes to one picture for each frame picked. */
  readonly filters: readonly string[];
}

interface Delivered {
  readonly outputPath: string;
  readonly picks: readonly PickedFrame[];
  /** Scratch. */
  readonly folder: string;
}

/** How FFmpeg reads what was delivered, in order of the frames picked. @throws FarmError DECODE_FAILED, CANCELED */
export async function shownStills(manifest: StillManifest, made: Delivered, run: RunOptions): Promise<ShownStills> {
  const { output } = manifest;
  const { outputPath } = made;
  switch (output.form) {
    case 'picture':
      return { inputArgs: still(outputPath), filters: [] };
    case 'animation':
      if (output.format === 'webp') return webp(manifest, made, run);
      return { inputArgs: [...inputGuardArgs('gif'), '-i', `file:${outputPath}`], filters: [] };
    case 'frames':
    case 'sheets': {
      const name = imageName(output, 0).replace(/0+/, (zeros) => `%0${zeros.length}d`);
      const numbered = ['-framerate', '1', '-pattern_type', 'sequence', '-start_number', '1'];
      const inputArgs = [...numbered, ...inputGuardArgs('image2'), '-i', `file:${patternIn(outputPath, name)}`];
      return { inputArgs, filters: output.form === 'frames' ? [] : tileFilters(manifest, output) };
    }
  }
}

const still = (path: string): string[] => [
  ...['-framerate', '1', '-pattern_type', 'none'],
  ...inputGuardArgs('image2'),
  ...['-i', `file:${path}`],
];

/** Tiles of all sheets, without those that a sheet has left over. */
function tileFilters(manifest: StillManifest, { columns, rows }: { columns: number; rows: number }): string[] {
  const perSheet = columns * rows;
  let sheets = 0;
  const ranges = manifest.passages.map((passage) => {
    const first = sheets * perSheet;
    sheets += imagesOf(manifest, passage);
    return `between(n,${first},${first + passage.picks.length - 1})`;
  });
  return [`untile=layout=${columns}x${rows}`, `select='${ranges.join('+')}'`];
}

/** FFmpeg 5 does not decode animated WebP: its frames are put together here, one raw picture for each frame picked. */
async function webp(manifest: StillManifest, { outputPath, picks, folder }: Delivered, run: RunOptions) {
  const animation = await readWebpAnimation(outputPath);
  if (animation === null) {
    const repeated = picks.length > 1 ? [`loop=loop=${picks.length - 1}:size=1:start=0`] : [];
    return { inputArgs: still(outputPath), filters: repeated };
  }
  const pictures = await composeWebp(animation, folder, run);
  const ends: number[] = [];
  for (const { durationMs } of animation.frames) ends.push((ends.at(-1) ?? 0) + durationMs);
  const { num, den } = manifest.timeBase;
  const shown = picks.map(({ pts }) => {
    const ms = Math.round(((pts - (picks[0]?.pts ?? 0)) * num * 1000) / den);
    const at = ends.findIndex((end) => ms < end);
    return pictures[at < 0 ? pictures.length - 1 : at];
  });
  const missing = shown.includes(undefined);
  if (missing) throw new FarmError('DECODE_FAILED', { message: `${outputPath} has no frame to show.` });
  const path = join(folder, `shown.${imageExtension(manifest.output)}.raw`);
  await writeFile(path, Buffer.concat(shown as Buffer[]));
  const size = `${animation.width}x${animation.height}`;
  const raw = ['-pixel_format', 'rgba', '-video_size', size, '-framerate', '1'];
  return { inputArgs: [...raw, ...inputGuardArgs('rawvideo'), '-i', `file:${path}`], filters: [] };
}
