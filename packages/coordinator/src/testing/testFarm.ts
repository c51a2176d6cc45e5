import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type FfmpegTools, loadPresets } from '@reelmill/media';
import { BugError, dataFiles, type JobId, type JobView, SubmitRequest } from '@reelmill/protocol';
import { pino } from 'pino';
import type { FarmCore } from '../farmCorePort.ts';
import { type CoreSettings, type OpenCore, openCore } from '../openCore.ts';

export const newFolder = (label: string): Promise<string> => mkdtemp(join(tmpdir(), `reelmill-${label}-`));

/** A farm without doors on a data folder; the embedded store unless told otherwise. */
export async function openTestFarm(
  dataDir: string,
  settings: { tools: FfmpegTools } & Partial<CoreSettings>,
): Promise<OpenCore> {
  return openCore({
    dataDir,
    name: 'test',
    storage: { kind: 'embedded' },
    presets: await loadPresets(),
    houseSlots: 2,
    segmentRetentionMs: 0,
    waitsForSpace: true,
    provesHardware: 'when-idle',
    signingKeyFile: join(dataDir, dataFiles.signingKey),
    logger: pino({ level: process.env.REELMILL_TEST_LOG ?? 'silent' }, pino.destination({ fd: 2, sync: true })),
    ...settings,
  });
}

/** Moving test picture with a tone; small, so that its encoding is quick. */
export async function drawClip(tools: FfmpegTools, path: string, seconds: number): Promise<void> {
  const video = `testsrc2=size=192x108:rate=25:duration=${seconds}`;
  const audio = `sine=frequency=440:sample_rate=48000:duration=${seconds}`;
  const inputs = ['-f', 'lavfi', '-i', video, '-f', 'lavfi', '-i', audio];
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  await promisify(execFile)(tools.ffmpegPath, ['-v', 'error', '-nostdin', '-y', ...inputs, ...codecs, path]);
}

/** Like `drawClip`, in Matroska: a second tone half a second late, one subtitle line, a chapter and an attachment. */
export async function drawClipOfManyTracks(tools: FfmpegTools, path: string, seconds: number): Promise<void> {
  const beside = `${path}.txt`;
  const chapter = '[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1500\ntitle=Opening\n';
  await writeFile(beside, `;FFMETADATA1\ntitle=Many tracks\n${chapter}`);
  await writeFile(`${path}.srt`, '1\n00:00:01,000 --> 00:00:02,000\nA line\n');
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=192x108:rate=25:duration=${seconds}`];
  const tone = ['-f', 'lavfi', '-i', `sine=sample_rate=48000:duration=${seconds}`];
  const texts = ['-i', `${path}.srt`, '-f', 'ffmetadata', '-i', beside];
  const inputs = [...picture, ...tone, '-itsoffset', '0.5', ...tone, ...texts];
  const maps = ['0:v', '1:a', '2:a', '3:s'].flatMap((map) => ['-map', map]);
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-pix_fmt', 'yuv420p', '-c:a', 'flac'];
  const attached = ['-attach', beside, '-metadata:s:t:0', 'mimetype=text/plain'];
  const all = [...inputs, ...maps, '-map_metadata', '4', ...codecs, '-c:s', 'subrip', ...attached];
  await promisify(execFile)(tools.ffmpegPath, ['-v', 'error', '-nostdin', '-y', ...all, path]);
}

type Submitted = Partial<Omit<SubmitRequest, 'inputs'>> & { readonly paths: readonly string[] };

/** Submits files with the lossless preset at 2 s chunks, unless told otherwise; returns the ids in order. */
export async function submitPaths(core: FarmCore, submitted: Submitted): Promise<JobId[]> {
  const { paths, ...rest } = submitted;
  const inputs = paths.map((path) => ({ kind: 'path', path }));
  const request = SubmitRequest.parse({ preset: 'ffv1-archive', chunkSeconds: 2, ...rest, inputs });
  return (await core.submit(request)).jobs.map((job) => job.jobId);
}

/** Like `submitPaths` for one file. */
export async function submitOne(core: FarmCore, path: string, rest: Omit<Submitted, 'paths'>): Promise<JobId> {
  const [jobId] = await submitPaths(core, { ...rest, paths: [path] });
  if (jobId === undefined) throw new BugError('one file became no job');
  return jobId;
}

/** Resolves with the job as soon as it looks as wanted. */
export function untilJob(core: FarmCore, jobId: JobId, isWanted: (job: JobView) => boolean): Promise<JobView> {
  const find = (): JobView | undefined =>
    core.projection.snapshot().farm.jobs.find((job) => job.jobId === jobId && isWanted(job));
  return new Promise((resolve) => {
    const found = find();
    if (found !== undefined) return resolve(found);
    const stop = core.projection.subscribe(() => {
      const job = find();
      if (job === undefined) return;
      stop();
      resolve(job);
    });
  });
}

export const isEnded = (job: JobView): boolean => ['done', 'failed', 'canceled'].includes(job.state);
