import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { drawBarcodeClip, type FfmpegTools, readBarcodes, resolveFfmpeg } from '@reelmill/media';
import { exitCodes, FarmError, type JobView, type SubmitAnswer } from '@reelmill/protocol';
import { callApi, findServer, openFeed } from '../farm/farmClient.ts';
import { untilFinal } from '../farm/followFarm.ts';
import { interruption } from '../farm/interruption.ts';
import { formatTable } from '../output/formatTable.ts';
import { formatError } from '../output/printError.ts';
import { boardFor } from '../output/progressBoard.ts';
import { startDemoFarm } from './demoProcesses.ts';

const seconds = 20;
const framesPerSecond = 25;
const frames = seconds * framesPerSecond;

/** Three processes render a numbered film; its numbers are read back from the output. Returns the exit code. */
export async function demo(options: { readonly out: string }): Promise<number> {
  const out = resolve(options.out);
  await mkdir(out, { recursive: true });
  const tools = await resolveFfmpeg();
  const stop = interruption();
  const scratch = await mkdtemp(join(tmpdir(), 'reelmill-demo-'));
  try {
    const clip = join(out, 'sample.mp4');
    process.stdout.write(`Drawing ${clip}: ${frames} numbered frames, 1280x720, ${framesPerSecond} fps, with a tone\n`);
    const run = { tools, signal: stop.signal };
    await drawBarcodeClip({ outputPath: clip, frames, frameRate: { num: framesPerSecond, den: 1 } }, run);
    const job = await renderOnFarm({ scratch, clip, out });
    if (job.state !== 'done') {
      process.stderr.write(formatError(job.error ?? new FarmError('CANCELED').toData()));
      return exitCodes.jobFailed;
    }
    return await prove(job, { tools, signal: stop.signal });
  } finally {
    stop.dispose();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function renderOnFarm({ scratch, clip, out }: { scratch: string; clip: string; out: string }): Promise<JobView> {
  process.stdout.write('Starting a coordinator and two agents, each its own process\n');
  const farm = await startDemoFarm(scratch);
  try {
    process.stdout.write(`Agents joined, ${farm.foundBy}\n`);
    const access = await findServer({ server: farm.ready.apiUrl, data: farm.ready.dataDir });
    const feed = await openFeed(access);
    const answer = await callApi<SubmitAnswer>(access, '/jobs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        inputs: [{ kind: 'path', path: clip }],
        preset: 'h264-720p',
        outputFolder: out,
        chunkSeconds: 2.5,
      }),
    });
    const board = boardFor(process.stdout);
    const jobs = await untilFinal(
      feed,
      answer.jobs.map((job) => job.jobId),
      (view) => board.update(view),
    );
    board.end();
    feed.close();
    const job = jobs[0];
    if (job === undefined) throw new FarmError('INTERNAL', { message: 'The demo job disappeared.' });
    return job;
  } finally {
    await farm.stop();
  }
}

/** The table of chunks, and the verdict computed from the barcodes of the output. */
async function prove(job: JobView, run: { tools: FfmpegTools; signal: AbortSignal }): Promise<number> {
  const rows = job.chunks.map((chunk) => [
    `${chunk.index + 1} (${chunk.firstFrame}-${chunk.endFrame - 1})`,
    chunk.node ?? '-',
    String(chunk.attempt),
    chunk.fps.toFixed(1),
  ]);
  process.stdout.write(`\n${formatTable(['CHUNK (FRAMES)', 'NODE', 'ATTEMPTS', 'FPS'], rows)}\n`);
  const path = job.outputs[0]?.path ?? '';
  const numbers = await readBarcodes(path, run);
  const identical = numbers.length === frames && numbers.every((number, index) => number === index);
  process.stdout.write(`output: ${path}\n`);
  process.stdout.write(
    `frames: source ${frames}, output ${numbers.length}, identical order: ${identical ? 'yes' : 'no'}\n`,
  );
  return identical ? exitCodes.done : exitCodes.jobFailed;
}
