import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HardwareForm, type HardwareProof, type RateControl } from '@reelmill/protocol';
import { runFfmpeg } from '../process/runFfmpeg.ts';
import type { RunOptions } from '../process/tools.ts';
import { type HardwareArgs, hardwareArgs } from './hardwareArgs.ts';
import { type HardwareEncoder, hardwareEncodersOf } from './hardwareEncoders.ts';
import { proofReason } from './proofReason.ts';

/** Devices take few encodes at once, and a machine with none shall hardly notice. */
const triesAtOnce = 2;
/** A driver that hangs is not waited for. */
const tryLimitMs = 20_000;
const frames = 25;
const picture = `testsrc2=size=1280x720:rate=${frames}:duration=1`;
/** Far below what any working encoder leaves of this picture, far above grey or green frames. */
const leastPsnr = 20;

const rates: Readonly<Record<Exclude<RateControl['mode'], 'target-size'>, RateControl>> = {
  bitrate: { mode: 'bitrate', bitrate: 4_000_000, maxBitrate: 6_000_000, bufferBits: 6_000_000 },
  'constant-quality': { mode: 'constant-quality', crf: 25 },
  'capped-quality': { mode: 'capped-quality', crf: 25, maxBitrate: 8_000_000, bufferBits: 8_000_000 },
};

/**
 * Tries every hardware encoder that this FFmpeg lists and that this system may have: a generated second of 1280 by 720
 * is really encoded, decoded again in software, and compared. Where the plainest form fails, the others are not tried.
 * Never throws because of a device. Files go to `folder`, which is removed.
 * @throws FarmError CANCELED when the signal ends
 */
export async function proveHardwareEncoders(run: RunOptions, folder: string): Promise<HardwareProof[]> {
  const encoders = hardwareEncodersOf(run.tools.toolchain.encoders, process.platform);
  const proofs: HardwareProof[] = [];
  const waiting = [...encoders.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, encoder] = next;
      proofs[at] = await prove(encoder, folder, run);
    }
  };
  await mkdir(folder, { recursive: true });
  try {
    await Promise.all(Array.from({ length: triesAtOnce }, work));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return proofs;
}

async function prove(encoder: HardwareEncoder, folder: string, run: RunOptions): Promise<HardwareProof> {
  const startedMs = performance.now();
  const forms: HardwareProof['forms'] = [];
  for (const form of HardwareForm.options) {
    const args = argsOf(encoder, form);
    if (args === null) continue;
    const file = join(folder, `${encoder.name}-${form}.mp4`);
    const whyNot = await tryForm(encoder, { args, file }, run);
    if (whyNot !== null && forms.length === 0) {
      return { encoder: encoder.name, proven: false, reason: whyNot, forms: [] };
    }
    forms.push({ form, whyNot });
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const reason = `It encoded ${frames} frames, and they decode as they were, in each of its forms (${seconds} s).`;
  return { encoder: encoder.name, proven: true, reason, forms };
}

/** What to tell FFmpeg; null where the encoder has no such form. */
function argsOf(encoder: HardwareEncoder, form: HardwareForm): HardwareArgs | null {
  const bitDepth = form.endsWith('-10bit') ? 10 : 8;
  const rate = rates[form.replace('-10bit', '') as keyof typeof rates];
  return hardwareArgs(encoder, { speed: 'medium', rate, bitDepth, keyframeIntervalFrames: 250 });
}

async function tryForm(
  encoder: HardwareEncoder,
  { args, file }: { readonly args: HardwareArgs; readonly file: string },
  run: RunOptions,
): Promise<string | null> {
  const limit = AbortSignal.timeout(tryLimitMs);
  const limited = { ...run, signal: AbortSignal.any([run.signal, limit]) };
  try {
    await runFfmpeg(proofArgs(encoder.name, args, file), limited);
    return await judge(file, limited);
  } catch (thrown) {
    if (run.signal.aborted) throw thrown;
    return limit.aborted
      ? `It did not finish one second of pictures within ${tryLimitMs / 1000} s.`
      : proofReason(thrown);
  }
}

/** A second of the test picture through the device into a file. */
export function proofArgs(encoder: string, { device, pixelFormat, encoderArgs }: HardwareArgs, file: string): string[] {
  return [
    ...['-loglevel', 'level+verbose', ...device.initArgs, '-f', 'lavfi', '-i', picture],
    ...['-vf', [`format=${pixelFormat}`, ...device.uploadFilters].join(',')],
    ...['-fps_mode', 'passthrough', '-c:v', encoder, ...encoderArgs, '-f', 'mp4', '-y', `file:${file}`],
  ];
}

/** Decodes what was made beside what it was made of. @returns why it is no proof; null: it is */
async function judge(file: string, run: RunOptions): Promise<string | null> {
  const psnr: number[] = [];
  const once = 'eof_action=pass:repeatlast=0';
  const same = 'settb=1,setpts=N,format=yuv420p';
  const graph = `[0:v:0]${same}[made];[1:v]${same}[wanted];[made][wanted]psnr=${once},metadata=mode=print:file=-[out]`;
  const args = ['-i', `file:${file}`, '-f', 'lavfi', '-i', picture, '-filter_complex', graph, '-map', '[out]'];
  let decoded = 0;
  await runFfmpeg([...args, '-fps_mode', 'passthrough', '-f', 'null', '-'], run, {
    failureCode: 'DECODE_FAILED',
    onStdoutLine: (line) => {
      if (line.startsWith('frame:')) decoded += 1;
      const [key, value] = line.split('=');
      if (key === 'lavfi.psnr.psnr_avg') psnr.push(value === 'inf' ? Number.POSITIVE_INFINITY : Number(value));
    },
  });
  if (decoded !== frames || psnr.length !== frames) return `It wrote ${psnr.length} of ${frames} frames.`;
  const worst = Math.min(...psnr);
  return worst >= leastPsnr ? null : `Its pictures are not those it was given (PSNR ${worst.toFixed(1)} dB).`;
}
