import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FarmError } from '@reelmill/protocol';
import { demuxers } from '../assemble/containers.ts';
import { burnInFilters } from '../burnIn/burnInFilters.ts';
import { type PreparedBurnIn, prepareBurnIn } from '../burnIn/prepareBurnIn.ts';
import type { Chunk, FilmManifest } from '../manifest.ts';
import { inputGuardArgs, runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { meterFilters, type PictureQuality, pictureMeter } from './pictureMeter.ts';

/** How near a chunk's decoded pictures are to the source's, after the plan's own filters. */
export interface ChunkQuality {
  readonly index: number;
  readonly first: number;
  readonly end: number;
  /** Structural similarity of all planes, mean and worst of its frames; 1: identical. */
  readonly ssimMean: number;
  readonly ssimMin: number;
  /** Mean PSNR in dB of the frames that differ; null where every frame is identical. */
  readonly psnrMean: number | null;
  /** Source frame number of the worst frame. */
  readonly worstFrame: number;
}

interface CompareFiles {
  readonly outputPath: string;
  readonly sourcePath: string;
  readonly onFrames?: (frames: number) => void;
  /** What the plan draws into the picture. */
  readonly text?: PreparedBurnIn;
}

/**
 * Decodes output and source side by side, frame n against frame n, and measures SSIM and PSNR of each chunk.
 * @throws FarmError FRAME_COUNT when a frame of one side has no partner, VERIFY_FAILED when something does not decode
 */
export async function comparePictures(
  manifest: FilmManifest,
  files: Omit<CompareFiles, 'text'>,
  run: RunOptions,
): Promise<ChunkQuality[]> {
  const { burnIn } = manifest.video;
  if (burnIn === undefined) return compare(manifest, files, run);
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-compare-'));
  try {
    const { sourcePath } = files;
    const span = { fromSeconds: 0, untilSeconds: manifest.durationSeconds + 1 };
    const text = await prepareBurnIn({ burnIn, demuxer: manifest.demuxer, sourcePath, folder, span }, run);
    return await compare(manifest, { ...files, text }, run);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function compare(manifest: FilmManifest, files: CompareFiles, run: RunOptions): Promise<ChunkQuality[]> {
  const meter = pictureMeter();
  await runFfmpeg(compareArgs(manifest, files), run, {
    failureCode: 'VERIFY_FAILED',
    environment: files.text?.environment,
    onStdoutLine: (line) => {
      meter.add(line);
      if (line.startsWith('frame:') && meter.pictures.length % 25 === 0) files.onFrames?.(meter.pictures.length);
    },
  });
  const frames = meter.pictures;
  const lonely = frames.findIndex(({ ssim }) => Number.isNaN(ssim));
  if (frames.length !== manifest.frames || lonely >= 0) {
    throw new FarmError('FRAME_COUNT', {
      message: `${frames.length} frames of the output decode, ${manifest.frames} are in the source.`,
      details: { planned: manifest.frames, found: frames.length, firstWithoutPartner: lonely < 0 ? null : lonely },
    });
  }
  return manifest.chunks.map((chunk) => qualityOf(chunk, frames));
}

function compareArgs(manifest: FilmManifest, files: CompareFiles): string[] {
  const { video } = manifest;
  const picture = [...video.filters, ...textFilters(video, files.text), ...(video.rateFilters ?? [])];
  const order = ['settb=1', 'setpts=N', `format=${video.pixelFormat}`];
  const graph = [
    `[0:v:0]${order.join(',')}[made]`,
    `[1:${video.streamIndex}]${[...picture, ...order].join(',')}[wanted]`,
    ...meterFilters,
  ];
  return [
    ...['-noautorotate', ...inputGuardArgs(demuxers[manifest.container]), '-i', `file:${files.outputPath}`],
    ...(video.applyRotation ? [] : ['-noautorotate']),
    ...[...inputGuardArgs(manifest.demuxer), '-i', `file:${files.sourcePath}`],
    ...['-filter_complex', graph.join(';'), '-map', '[out]', '-fps_mode', 'passthrough', '-f', 'null', '-'],
  ];
}

/** The source is read from its first frame on, which is 0 here. */
function textFilters({ burnIn }: FilmManifest['video'], text: PreparedBurnIn | undefined): string[] {
  if (burnIn === undefined || text === undefined) return [];
  return ['setpts=PTS-STARTPTS', ...burnInFilters(burnIn, { first: 0, firstPts: burnIn.firstPts }, text)];
}

function qualityOf({ index, first, end }: Chunk, frames: readonly PictureQuality[]): ChunkQuality {
  const own = frames.slice(first, end);
  const finite = own.map(({ psnr }) => psnr).filter(Number.isFinite);
  const ssimMin = Math.min(...own.map(({ ssim }) => ssim));
  return {
    index,
    first,
    end,
    ssimMean: mean(own.map(({ ssim }) => ssim)),
    ssimMin,
    psnrMean: finite.length === 0 ? null : mean(finite),
    worstFrame: first + own.findIndex(({ ssim }) => ssim === ssimMin),
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
