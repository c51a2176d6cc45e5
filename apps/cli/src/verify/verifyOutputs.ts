import { join, resolve } from 'node:path';
import { checkOutputBytes, keyFingerprint, readKey, readProof } from '@reelmill/coordinator';
import type { ChunkQuality, SoundComparison, SoundMinute, StillQuality } from '@reelmill/media';
import {
  dataFiles,
  type ErrorData,
  exitCodes,
  FarmError,
  type SeamProof,
  type StillProof,
  toFarmError,
} from '@reelmill/protocol';
import { requireInputs } from '../commands/options.ts';
import type { VerifyOptions } from '../commands/verifyCommand.ts';
import { defaultDataFolder } from '../farm/dataFolders.ts';
import { interruption } from '../farm/interruption.ts';
import { formatError } from '../output/printError.ts';
import { deepCheck, deepStillCheck } from './deepCheck.ts';
import { worstChunks, worstMinutes, worstPictures } from './worstParts.ts';

interface Verdict {
  readonly type: 'verify';
  readonly output: string;
  readonly ok: boolean;
  readonly depth: 'hash' | 'deep';
  readonly error?: ErrorData;
  readonly sha256?: string;
  readonly frames?: number;
  /** Of films and sound alone. */
  readonly chunks?: number;
  /** Of pictures: files, their index among them. */
  readonly files?: number;
  readonly nodes?: readonly string[];
  readonly checkedAtRender?: SeamProof['checks'];
  readonly signedBy?: { readonly fingerprint: string; readonly known: 'this user' | 'the given key' | 'not checked' };
  readonly quality?: readonly ChunkQuality[];
  readonly worst?: readonly ChunkQuality[];
  readonly sound?: SoundComparison;
  readonly worstMinutes?: readonly SoundMinute[];
  readonly pictures?: readonly StillQuality[];
  readonly worstPictures?: readonly StillQuality[];
}

/** Checks each output against its certificate, one after the other; returns the exit code. */
export async function verifyOutputs(outputs: readonly string[], options: VerifyOptions): Promise<number> {
  requireInputs(outputs);
  const stop = interruption();
  let allGood = true;
  try {
    for (const output of outputs) {
      const verdict = await verdictOf(resolve(output), options, stop.signal);
      if (stop.signal.aborted) throw new FarmError('INTERRUPTED');
      allGood &&= verdict.ok;
      if (options.json) process.stdout.write(`${JSON.stringify(verdict)}\n`);
      else process.stdout.write(describe(verdict));
    }
  } finally {
    stop.dispose();
  }
  return allGood ? exitCodes.done : exitCodes.jobFailed;
}

async function verdictOf(output: string, options: VerifyOptions, signal: AbortSignal): Promise<Verdict> {
  const base = { type: 'verify', output, depth: options.deep ? 'deep' : 'hash' } as const;
  try {
    const proof = await readProof(output);
    const signedBy = await signerOf(proof, options.key);
    await checkOutputBytes(output, proof, { signal });
    const facts = { ...factsOf(proof), sha256: proof.output.sha256, signedBy };
    if (!options.deep) return { ...base, ok: true, ...facts };
    return { ...base, ok: true, ...facts, ...(await deepVerdict(output, proof, { source: options.source, signal })) };
  } catch (thrown) {
    return { ...base, ok: false, error: toFarmError(thrown).toData() };
  }
}

type DeepFacts = Pick<Verdict, 'quality' | 'worst' | 'sound' | 'worstMinutes' | 'pictures' | 'worstPictures'>;

async function deepVerdict(
  output: string,
  proof: SeamProof | StillProof,
  how: { readonly source: string | undefined; readonly signal: AbortSignal },
): Promise<DeepFacts> {
  if (proof.type === 'reelmill-still-proof') {
    const { pictures } = await deepStillCheck({ output, proof, ...how });
    return { pictures, worstPictures: worstPictures(pictures) };
  }
  const deep = await deepCheck({ output, proof, ...how });
  if ('quality' in deep) return { ...deep, worst: worstChunks(deep.quality) };
  return { ...deep, worstMinutes: worstMinutes(deep.sound.minutes) };
}

function factsOf(proof: SeamProof | StillProof) {
  const nodesOf = (parts: readonly { readonly node: string }[]) => [...new Set(parts.map(({ node }) => node))];
  if (proof.type === 'reelmill-still-proof') {
    return { frames: proof.frames.length, files: proof.files.length, nodes: nodesOf(proof.parts) };
  }
  const { chunks, audio, output, checks } = proof;
  const nodes = nodesOf([...chunks, ...(chunks.length === 0 ? audio : [])]);
  return { frames: output.frames, chunks: chunks.length, nodes, checkedAtRender: checks };
}

/** @throws FarmError PROOF_INVALID when `--key` names another key than the one that signed */
async function signerOf(
  proof: Pick<SeamProof, 'coordinator'>,
  wanted: string | undefined,
): Promise<NonNullable<Verdict['signedBy']>> {
  const { publicKey } = proof.coordinator;
  const fingerprint = keyFingerprint(publicKey);
  if (wanted !== undefined) {
    if (wanted === publicKey || wanted.toLowerCase() === fingerprint) return { fingerprint, known: 'the given key' };
    throw new FarmError('PROOF_INVALID', { message: `The certificate is signed by ${fingerprint}, not by ${wanted}.` });
  }
  const own = await readKey(join(defaultDataFolder(), dataFiles.signingKey));
  return { fingerprint, known: own?.publicKey === publicKey ? 'this user' : 'not checked' };
}

function describe(verdict: Verdict): string {
  if (verdict.error !== undefined) return `${verdict.output}  NOT AS CERTIFIED\n${formatError(verdict.error)}`;
  const { signedBy, checkedAtRender } = verdict;
  const lines = [
    `${verdict.output}  as certified`,
    `  ${contentText(verdict)} by ${verdict.nodes?.join(', ')}, sha256 ${verdict.sha256}`,
    ...(checkedAtRender === undefined
      ? []
      : [`  checked at render: ${checkedAtRender.depth}, ${checkedAtRender.seams} seams`]),
    `  signed by ${signedBy?.fingerprint} (${signedBy?.known})`,
    ...(verdict.worst ?? []).map(qualityLine),
    ...(verdict.worstPictures ?? []).map(pictureLine),
    ...(verdict.sound === undefined ? [] : [soundLine(verdict.sound)]),
    ...(verdict.sound?.isIdentical ? [] : (verdict.worstMinutes ?? []).map(minuteLine)),
  ];
  return `${lines.join('\n')}\n`;
}

function contentText({ frames, chunks, files }: Verdict): string {
  if (files !== undefined) return `frames shown: ${frames}, files: ${files},`;
  return chunks === 0 ? 'sound alone, encoded' : `${frames} frames, ${chunks} chunks`;
}

function qualityLine({ index, first, end, ssimMean, ssimMin, psnrMean, worstFrame }: ChunkQuality): string {
  const psnr = psnrMean === null ? 'identical' : `PSNR ${psnrMean.toFixed(2)} dB`;
  return `  chunk ${index} (frames ${first}–${end - 1}): SSIM ${ssimMean.toFixed(4)}, ${psnr}, worst frame ${worstFrame} (${ssimMin.toFixed(4)})`;
}

function pictureLine({ file, frame, atSeconds, ssim, psnr }: StillQuality): string {
  const noise = psnr === null ? 'identical' : `PSNR ${psnr.toFixed(2)} dB`;
  return `  ${file} at ${atSeconds} s (frame ${frame}): SSIM ${ssim.toFixed(4)}, ${noise}`;
}

const soundLine = ({ samples, isIdentical }: SoundComparison): string =>
  `  ${samples} samples compared${isIdentical ? ': every one as in the source' : ''}`;

function minuteLine({ minute, rmsErrorDb, correlation, gainDb }: SoundMinute): string {
  const error = rmsErrorDb === null ? 'identical' : `error ${rmsErrorDb.toFixed(1)} dBFS`;
  const wave = correlation === null ? 'silent' : `correlation ${correlation.toFixed(5)}, gain ${gainDb} dB`;
  return `  minute ${minute}: ${error}, ${wave}`;
}
