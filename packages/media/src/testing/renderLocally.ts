// Used by tests only: the whole way of a file through this package, without a farm.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkSeams } from '../encode/checkSeams.ts';
import type { AudioReport, EncodeReport, FilmManifest, JoinReport } from '../manifest.ts';
import { manifestTasks } from '../plan/manifestTasks.ts';
import { planRendition } from '../plan/planRendition.ts';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import { checkSource } from '../probe/checkSource.ts';
import { indexSource } from '../probe/indexSource.ts';
import { probeSource } from '../probe/probeSource.ts';
import type { RunOptions } from '../process/tools.ts';
import { runFarmSpec, segmentName } from '../runFarmSpec.ts';

export interface LocalRender {
  readonly manifest: FilmManifest;
  readonly report: JoinReport;
  readonly outputPath: string;
  /** What the decoder said within the chunks. */
  readonly decodeErrors: number;
}

export interface LocalOrder {
  readonly presetId: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly chunkSeconds: number;
  readonly verify: 'seams' | 'full';
  /** Scratch and output go here. */
  readonly folder: string;
}

/** probe → index → plan. */
export async function planLocally(sourcePath: string, order: LocalOrder, run: RunOptions): Promise<FilmManifest> {
  const identity = await checkSource(sourcePath);
  const info = await probeSource(sourcePath, run);
  return planRendition({
    info,
    index: await indexSource(sourcePath, info, run),
    identity,
    preset: findPreset(await loadTimedPresets(), order.presetId),
    settings: order.settings ?? {},
    chunkSeconds: order.chunkSeconds,
    threads: null,
    toolchainClass: run.tools.toolchain.classId,
    verify: order.verify,
  });
}

/** plan → every chunk → sound → seams → join → proof. */
export async function renderLocally(sourcePath: string, order: LocalOrder, run: RunOptions): Promise<LocalRender> {
  const manifest = await planLocally(sourcePath, order, run);
  return renderPlan(manifest, { sourcePath, folder: order.folder }, run);
}

/** The same from the plan on. */
export async function renderPlan(
  manifest: FilmManifest,
  order: { readonly sourcePath: string; readonly folder: string },
  run: RunOptions,
): Promise<LocalRender> {
  const { sourcePath } = order;
  await mkdir(order.folder, { recursive: true });
  const inputs: Record<string, string> = {};
  const tasks = manifestTasks(manifest);
  const reports: EncodeReport[] = [];
  for (const { spec } of tasks.encode) {
    const name = segmentName(spec.chunk.index);
    const outputPath = join(order.folder, `${name}.${spec.video.chunkContainer}`);
    inputs[name] = outputPath;
    reports.push(
      (await runFarmSpec(spec, { sourcePath, inputs: {}, outputPaths: [outputPath] }, run)).report as EncodeReport,
    );
  }
  checkSeams(manifest, reports);
  const decodeErrors = reports.reduce((sum, report) => sum + report.decodeErrors, 0);
  const sounds: AudioReport[] = [];
  for (const { name, spec } of tasks.audio) {
    const audioPath = join(order.folder, `${name}.${spec.audio.container}`);
    inputs[name] = audioPath;
    sounds.push(
      (await runFarmSpec(spec, { sourcePath, inputs: {}, outputPaths: [audioPath] }, run)).report as AudioReport,
    );
  }
  const outputPath = join(order.folder, `output.${manifest.container}`);
  const { report } = await runFarmSpec(
    { kind: 'join', manifest, sounds },
    { sourcePath, inputs, outputPaths: [outputPath] },
    run,
  );
  return { manifest, report: report as JoinReport, outputPath, decodeErrors };
}
