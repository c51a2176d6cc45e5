import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FarmError, type StillProof } from '@reelmill/protocol';
import { inputGuardArgs, runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { pickFilters } from '../still/extractArgs.ts';
import type { PickedFrame, StillManifest } from '../still/stillManifest.ts';
import { meterFilters, pictureMeter } from './pictureMeter.ts';
import { shownStills } from './shownStills.ts';

/** How near a picture, a tile of a sheet or a frame of an animation is to the source's frame. */
export interface StillQuality {
  readonly file: string;
  /** Number of the frame in the source, and the instant that was asked for. */
  readonly frame: number;
  readonly atSeconds: number;
  readonly ssim: number;
  /** dB; null where it is identical. */
  readonly psnr: number | null;
}

interface StillFiles {
  /** The picture, or the folder of them. */
  readonly outputPath: string;
  readonly sourcePath: string;
  /** What the certificate says they show. */
  readonly frames: StillProof['frames'];
}

/**
 * Compares every picture with the frame of the source it is said to show. The source is decoded from its beginning on,
 * without the seeks by which the pictures were made.
 * @throws FarmError PROOF_MISMATCH where the plan has other frames, FRAME_COUNT where one side has more pictures,
 * VERIFY_FAILED when something does not decode
 */
export async function compareStills(
  manifest: StillManifest,
  files: StillFiles,
  run: RunOptions,
): Promise<StillQuality[]> {
  const picks = picksOf(manifest, files.frames);
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-stills-'));
  try {
    const made = await shownStills(manifest, { outputPath: files.outputPath, picks, folder }, run);
    const graphPath = join(folder, 'filters');
    await writeFile(graphPath, comparison(manifest, picks, made.filters).join(';'));
    const source = ['-copyts', ...inputGuardArgs(manifest.demuxer), '-i', `file:${files.sourcePath}`];
    const output = ['-map', '[out]', '-fps_mode', 'passthrough', '-f', 'null', '-'];
    const meter = pictureMeter();
    const hooks = { failureCode: 'VERIFY_FAILED', onStdoutLine: meter.add } as const;
    await runFfmpeg([...made.inputArgs, ...source, '-filter_complex_script', graphPath, ...output], run, hooks);
    const { pictures } = meter;
    if (pictures.length !== picks.length || pictures.some(({ ssim }) => Number.isNaN(ssim))) {
      throw new FarmError('FRAME_COUNT', {
        message: `${pictures.length} pictures decode, ${picks.length} frames of the source were picked.`,
        details: { planned: picks.length, found: pictures.length },
      });
    }
    return files.frames.map(({ file, frame, atSeconds }, at) => {
      const { ssim, psnr } = pictures[at] ?? { ssim: Number.NaN, psnr: Number.NaN };
      return { file, frame, atSeconds, ssim, psnr: Number.isFinite(psnr) ? psnr : null };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The plan's own picks, those that were shown; of candidates for one picture, the chosen one. */
function picksOf({ passages, output }: StillManifest, frames: StillProof['frames']): PickedFrame[] {
  const planned = passages.flatMap(({ picks }) => picks);
  const picks = output.form === 'picture' ? planned.filter(({ frame }) => frame === frames[0]?.frame) : planned;
  const isSame = picks.length === frames.length && picks.every(({ frame }, at) => frame === frames[at]?.frame);
  if (isSame && picks.length > 0) return picks;
  throw new FarmError('PROOF_MISMATCH', {
    message: 'The source gives other frames than those that the certificate names.',
    details: { planned: picks.length, certified: frames.length },
  });
}

function comparison(
  { picture, output, streamIndex }: StillManifest,
  picks: readonly PickedFrame[],
  madeFilters: readonly string[],
): string[] {
  const order = ['settb=1', 'setpts=N', `format=${comparedPixels('format' in output ? output.format : 'jpeg')}`];
  return [
    `[0:v:0]${[...madeFilters, ...order].join(',')}[made]`,
    `[1:${streamIndex}]${[...pickFilters(picks), ...picture.filters, ...order].join(',')}[wanted]`,
    ...meterFilters,
  ];
}

/** Planes that the meters read, and to which the format's own pixels go without loss; transparency is left out. */
function comparedPixels(format: 'jpeg' | 'png' | 'webp' | 'gif'): string {
  if (format === 'jpeg') return 'yuvj420p';
  return format === 'webp' ? 'yuv420p' : 'gbrp';
}
