// Used by tests only: everything of this package up to the join.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeChunk } from '../encode/encodeChunk.ts';
import { frameHashes } from '../identity/frameHashes.ts';
import type { EncodeReport, EncodeSpec, Manifest } from '../manifest.ts';
import { manifestTasks } from '../plan/manifestTasks.ts';
import { planRendition } from '../plan/planRendition.ts';
import { findPreset, loadTimedPresets } from '../presets/loadPresets.ts';
import { checkSource } from '../probe/checkSource.ts';
import { indexSource } from '../probe/indexSource.ts';
import { probeSource } from '../probe/probeSource.ts';
import type { RunOptions } from '../process/tools.ts';

/** The plan of a source as the tests use it: 2 s chunks unless told otherwise. */
export async function planFor(sourcePath: string, presetId: string, run: RunOptions, chunkSeconds: number | null = 2) {
  const identity = await checkSource(sourcePath);
  const info = await probeSource(sourcePath, run);
  const index = await indexSource(sourcePath, info, run);
  const preset = findPreset(await loadTimedPresets(), presetId);
  const common = { threads: null, toolchainClass: 'test', verify: 'seams', settings: {} } as const;
  return planRendition({ info, index, identity, preset, chunkSeconds, ...common });
}

export interface EncodedChunks {
  readonly reports: EncodeReport[];
  /** Hashes of all frames of all chunks, in order. */
  readonly hashes: string[];
}

/** Encodes chunks one after the other and hashes their frames; `pick` chooses some. */
export async function encodeAllChunks(
  manifest: Manifest,
  folder: string,
  run: RunOptions & { readonly pick?: (spec: EncodeSpec) => boolean },
): Promise<EncodedChunks> {
  const reports: EncodeReport[] = [];
  const hashes: string[] = [];
  for (const { spec } of manifestTasks(manifest).encode.filter(({ spec }) => run.pick?.(spec) ?? true)) {
    const outputPath = join(folder, `chunk-${spec.chunk.index}.${spec.video.chunkContainer}`);
    reports.push(await encodeChunk(spec, { sourcePath: manifest.source.path, outputPath }, run));
    hashes.push(...(await frameHashes(outputPath, run)));
    await rm(outputPath);
  }
  return { reports, hashes };
}
