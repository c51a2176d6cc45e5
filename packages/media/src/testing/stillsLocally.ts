// Used by tests only: the whole way of a rendition that is pictures, without a farm.
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BugError, isStillPreset } from '@reelmill/protocol';
import { decodeBarcodes } from '../identity/readBarcodes.ts';
import { findPreset, loadPresets } from '../presets/loadPresets.ts';
import { checkSource } from '../probe/checkSource.ts';
import { readSource } from '../probe/readSource.ts';
import type { SourceIndex } from '../probe/sourceIndex.ts';
import { inputGuardArgs } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { patternIn } from '../still/checkImages.ts';
import { type FinishedStills, finishStills } from '../still/finishStills.ts';
import { planStills } from '../still/planStills.ts';
import { runExtract } from '../still/runExtract.ts';
import type { ExtractReport, StillManifest } from '../still/stillManifest.ts';
import { isFolder, partExtension, stillTasks } from '../still/stillTasks.ts';

export interface LocalStills extends FinishedStills {
  readonly manifest: StillManifest;
  readonly index: SourceIndex;
  readonly reports: readonly ExtractReport[];
  readonly outputPath: string;
}

/** probe → plan → every task → output. `folder` is made; the last task runs first, for order must not matter. */
export async function stillsLocally(
  sourcePath: string,
  order: { presetId: string; settings?: Record<string, string>; chunkSeconds?: number; folder: string },
  run: RunOptions,
): Promise<LocalStills> {
  const preset = findPreset(await loadPresets(), order.presetId);
  if (!isStillPreset(preset)) throw new BugError(`${order.presetId} makes a film`);
  const identity = await checkSource(sourcePath);
  const { info, index } = await readSource(sourcePath, run);
  const common = { threads: null, toolchainClass: 'test', verify: 'seams', settings: order.settings ?? {} } as const;
  const manifest = planStills({ info, index, identity, preset, chunkSeconds: order.chunkSeconds ?? null, ...common });
  await mkdir(order.folder, { recursive: true });
  const tasks = stillTasks(manifest).map((task, at) => ({
    ...task,
    path: join(order.folder, `part-${at}.${partExtension(manifest.output)}`),
  }));
  const reports: ExtractReport[] = [];
  for (const { spec, path } of tasks.toReversed()) {
    reports.unshift(await runExtract(spec, { sourcePath, outputPath: path }, run));
  }
  const outputPath = join(
    order.folder,
    isFolder(manifest.output) ? 'output' : `output.${partExtension(manifest.output)}`,
  );
  const finished = await finishStills(manifest, {
    partPaths: tasks.map(({ path }) => path),
    outputPath,
    signal: run.signal,
  });
  return { ...finished, manifest, index, reports, outputPath };
}

/** Frame numbers in the barcodes of one image, or of those a pattern with `%d` names, in order. */
export function readImageBarcodes(path: string, run: RunOptions): Promise<number[]> {
  const pattern = patternIn(dirname(path), basename(path));
  const numbered = basename(path).includes('%') ? ['-start_number', '1'] : ['-pattern_type', 'none'];
  return decodeBarcodes(['-framerate', '1', ...numbered, ...inputGuardArgs('image2'), '-i', `file:${pattern}`], run);
}
