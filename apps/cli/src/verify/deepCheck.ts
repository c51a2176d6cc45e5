import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  applySettings,
  type ChunkQuality,
  checkSource,
  classesLike,
  comparePictures,
  type Manifest,
  planLadder,
  plannerVersion,
  readSource,
  resolveFfmpeg,
} from '@reelmill/media';
import { FarmError, hasPicture, type SeamProof } from '@reelmill/protocol';

interface DeepCheck {
  readonly output: string;
  readonly proof: SeamProof;
  readonly source: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Plans the rendition anew from the source and the preset in the certificate (nothing of the certificate reaches
 * FFmpeg as text), compares the plans, then decodes both films side by side.
 * @throws FarmError SOURCE_NOT_FOUND, SOURCE_CHANGED, PROOF_MISMATCH and those of `comparePictures`
 */
export async function deepCheck({ output, proof, source, signal }: DeepCheck): Promise<ChunkQuality[]> {
  if (!hasPicture(proof.job.preset)) {
    const message = `${output} is sound alone: --deep compares pictures. Without it, every byte is checked.`;
    throw new FarmError('UNSUPPORTED_MEDIA', { message });
  }
  const sourcePath = findSource(output, proof, source);
  const run = { tools: await resolveFfmpeg({ signal }), signal };
  const identity = await checkSource(sourcePath);
  if (identity.sizeBytes !== proof.source.sizeBytes) {
    throw new FarmError('SOURCE_CHANGED', { message: `${sourcePath} is not the source that was rendered.` });
  }
  const { info, index } = await readSource(sourcePath, run);
  const { preset, ladder, settings, chunkSeconds, threads, segmentSeconds = null } = proof.job;
  const presets = ladder ?? [preset];
  const set = presets.map((one) => applySettings(one, settings));
  const { depth: verify } = proof.checks;
  const plans = planLadder({
    ...{ info, index, identity, settings, chunkSeconds, threads, segmentSeconds, verify },
    ...classesLike(set, proof.plan.toolchainClass),
    presets: presets.filter(hasPicture),
  });
  const manifest = plans.find(({ presetId }) => presetId === preset.id);
  if (manifest === undefined) throw planDiffers(proof);
  assertSamePlan(manifest, proof);
  return comparePictures(manifest, { outputPath: output, sourcePath }, run);
}

function findSource(output: string, proof: SeamProof, given: string | undefined): string {
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
