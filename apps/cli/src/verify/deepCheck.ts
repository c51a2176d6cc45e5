import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  applySettings,
  type ChunkQuality,
  checkSource,
  classesLike,
  comparePictures,
  compareSound,
  compareStills,
  isFilm,
  type Manifest,
  plannerVersion,
  planSource,
  planStills,
  type ReadSource,
  readSource,
  readSourceFor,
  resolveFfmpeg,
  type SoundComparison,
  type StillQuality,
} from '@reelmill/media';
import { FarmError, type SeamProof, type StillProof } from '@reelmill/protocol';

interface DeepCheck {
  readonly output: string;
  readonly proof: SeamProof;
  readonly source: string | undefined;
  readonly signal: AbortSignal;
}

/** What decoding told: of a film its chunks, of sound alone its minutes. */
export type DeepVerdict = { readonly quality: ChunkQuality[] } | { readonly sound: SoundComparison };

/**
 * Plans the rendition anew from the source and the preset in the certificate (nothing of the certificate reaches
 * FFmpeg as text), compares the plans, then decodes both side by side.
 * @throws FarmError SOURCE_NOT_FOUND, SOURCE_CHANGED, PROOF_MISMATCH and those of `comparePictures` and `compareSound`
 */
export async function deepCheck({ output, proof, source, signal }: DeepCheck): Promise<DeepVerdict> {
  const sourcePath = findSource(output, proof, source);
  const run = { tools: await resolveFfmpeg({ signal }), signal };
  const identity = await sameSource(sourcePath, proof);
  const read = await readSourceFor(proof.job.ladder ?? [proof.job.preset], sourcePath, run);
  const manifest = planAgain(read, identity, proof);
  assertSamePlan(manifest, proof);
  const files = { outputPath: output, sourcePath };
  if (isFilm(manifest)) return { quality: await comparePictures(manifest, files, run) };
  const { audio } = manifest;
  if (audio === null) throw planDiffers(proof);
  return { sound: await compareSound({ ...manifest, audio }, { ...files, info: read.info }, run) };
}

/**
 * The same for pictures: each against the frame of the source that the certificate names.
 * @throws FarmError SOURCE_NOT_FOUND, SOURCE_CHANGED, PROOF_MISMATCH and those of `compareStills`
 */
export async function deepStillCheck({
  output,
  proof,
  source,
  signal,
}: Omit<DeepCheck, 'proof'> & { readonly proof: StillProof }): Promise<{ readonly pictures: StillQuality[] }> {
  const sourcePath = findSource(output, proof, source);
  const run = { tools: await resolveFfmpeg({ signal }), signal };
  const identity = await sameSource(sourcePath, proof);
  const { preset, settings, chunkSeconds } = proof.job;
  const { toolchainClass } = proof.plan;
  const { info, index } = await readSource(sourcePath, run);
  const order = { settings, chunkSeconds, threads: null, toolchainClass, verify: 'seams' as const };
  const manifest = planStills({ info, index, identity, preset, ...order });
  return { pictures: await compareStills(manifest, { outputPath: output, sourcePath, frames: proof.frames }, run) };
}

async function sameSource(sourcePath: string, { source }: SeamProof | StillProof): Promise<Manifest['source']> {
  const identity = await checkSource(sourcePath);
  if (identity.sizeBytes === source.sizeBytes) return identity;
  throw new FarmError('SOURCE_CHANGED', { message: `${sourcePath} is not the source that was rendered.` });
}

function planAgain(read: ReadSource, identity: Manifest['source'], proof: SeamProof): Manifest {
  const { preset, ladder, settings, chunkSeconds, threads, segmentSeconds = null } = proof.job;
  const presets = ladder ?? [preset];
  const set = presets.map((one) => applySettings(one, settings));
  const { depth: verify } = proof.checks;
  const plans = planSource(read, {
    ...{ identity, settings, chunkSeconds, threads, segmentSeconds, verify, presets },
    ...classesLike(set, proof.plan.toolchainClass),
  });
  const manifest = plans.find(({ presetId }) => presetId === preset.id);
  if (manifest === undefined) throw planDiffers(proof);
  return manifest;
}

function findSource(output: string, proof: SeamProof | StillProof, given: string | undefined): string {
  if (given !== undefined) return given;
  const folder = dirname(output);
  const places = [join(folder, proof.source.name), join(dirname(folder), proof.source.name)];
  const found = places.find(existsSync);
  if (found !== undefined) return found;
  throw new FarmError('SOURCE_NOT_FOUND', {
    message: `The source ${proof.source.name} is neither beside the output nor one folder up: name it with --source.`,
    details: { places },
  });
}

/** Another version of the planner may cut elsewhere; then its chunks say nothing about these. */
function assertSamePlan(manifest: Manifest, proof: SeamProof): void {
  const same =
    manifest.frames === proof.output.frames &&
    manifest.chunks.length === proof.chunks.length &&
    manifest.chunks.every(({ first, end }, at) => proof.chunks[at]?.first === first && proof.chunks[at]?.end === end);
  if (!same) throw planDiffers(proof);
}

const planDiffers = (proof: SeamProof): FarmError =>
  new FarmError('PROOF_MISMATCH', {
    message: `The source gives another plan than the certified one (planner ${plannerVersion}, then ${proof.plan.version}).`,
  });
