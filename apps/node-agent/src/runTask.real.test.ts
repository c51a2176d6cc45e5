import { mkdirSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTurns, type EncodeReport, type FfmpegTools, resolveFfmpeg } from '@reelmill/media';
import { FarmError, type TaskOffer, type TaskProgress } from '@reelmill/protocol';
import { sha256OfFile } from '@reelmill/storage';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createBlockCache } from './blockCache.ts';
import { runTask, type TaskServices } from './runTask.ts';
import { chooseSandbox } from './sandbox/sandbox.ts';
import { createChildRegister } from './sweep.ts';
import { makeClip, offerOfChunk, type TestClip } from './testing/testClip.ts';
import { TestFarm } from './testing/testFarm.ts';

vi.setConfig({ testTimeout: 60_000 });
const log = pino({ level: 'silent' });
const home = mkdtempSync(join(tmpdir(), 'reelmill-run-task-'));
const scratchFolder = join(home, 'scratch');

let tools: FfmpegTools;
let clip: TestClip;
let farm: TestFarm;

beforeAll(async () => {
  mkdirSync(scratchFolder);
  tools = await resolveFfmpeg();
  farm = await TestFarm.open();
  clip = await makeClip(
    { path: join(home, 'clip.mp4'), seconds: 4, size: '320x180', chunkSeconds: 2, speed: 'ultrafast' },
    tools,
  );
});
afterAll(() => farm.close());

interface Run {
  readonly offer: TaskOffer;
  readonly services?: Partial<TaskServices>;
  readonly signal?: AbortSignal;
  readonly sandboxed?: boolean;
}

async function run({ offer, services = {}, signal = new AbortController().signal, sandboxed = true }: Run) {
  const progress: TaskProgress[] = [];
  const counters = { bytesDownloaded: 0, bytesUploaded: 0 };
  const steps: string[] = [];
  const outcome = await runTask(
    offer,
    {
      cache: await createBlockCache({ folder: join(home, 'cache'), maxBytes: 1e9, log }),
      scratchFolder,
      counters,
      log,
      sameMachine: () => true,
      sharesDisk: () => true,
      onDiskFull: () => undefined,
      tools: async () => tools,
      sandbox: () => chooseSandbox({ wanted: sandboxed, registers: [createChildRegister(join(home, 'children'))] }),
      requestUpload: async ({ taskId, attempt, name, sizeBytes, sha256 }) => {
        steps.push('upload');
        const key = `videos/J-abcdefghij/attempts/${taskId.slice(13).replaceAll('/', '-')}/${attempt}-x/${name}`;
        return farm.store.signPut(key, { ttlSeconds: 60, baseUrl: farm.url, sizeBytes, sha256 });
      },
      deviceTurns: async () => createTurns(1),
      progress: (one) => progress.push(one),
      ffmpegTimeoutSeconds: null,
      nodeName: 'this node',
      ...services,
    },
    { signal, releaseSlot: async () => void steps.push('slot free'), reporting: () => undefined },
  );
  return { outcome, progress, counters, steps };
}

test('a chunk is encoded from the original in place, and its slot is free before the upload', async () => {
  const { outcome, progress, counters, steps } = await run({ offer: offerOfChunk(clip, 1) });
  if (outcome?.kind !== 'completed') throw new Error(JSON.stringify(outcome));
  expect(outcome.report).toMatchObject({ kind: 'encode', frames: 50 });
  expect(outcome.sourceSha256).toBeNull();
  const [artifact] = outcome.artifacts;
  expect(await sha256OfFile(farm.store.localPath(artifact?.key ?? ''))).toEqual({
    sha256: artifact?.sha256,
    sizeBytes: artifact?.sizeBytes,
  });
  expect(steps).toEqual(['slot free', 'upload']);
  expect(new Set(progress.map(({ phase }) => phase))).toEqual(new Set(['encode', 'upload']));
  expect(counters.bytesUploaded).toBe(artifact?.sizeBytes);
  expect(readdirSync(scratchFolder)).toEqual([]);
});

test('a fetched source gives the same bytes, and its hash is reported', async () => {
  const inPlace = await run({ offer: offerOfChunk(clip, 0, 2) });
  const get = farm.store.signOriginal(clip.path, clip.identity, { ttlSeconds: 60, baseUrl: farm.url, sha256: null });
  const offer: TaskOffer = {
    ...offerOfChunk(clip, 0, 3),
    source: { kind: 'fetch', sourceId: 'clip', extension: 'mp4', get },
  };
  const fetched = await run({ offer, services: { sameMachine: () => false } });
  if (inPlace.outcome?.kind !== 'completed' || fetched.outcome?.kind !== 'completed') throw new Error('not completed');
  expect(fetched.outcome.artifacts[0]?.sha256).toBe(inPlace.outcome.artifacts[0]?.sha256);
  expect(fetched.outcome.sourceSha256).toBe((await sha256OfFile(clip.path)).sha256);
  expect(fetched.progress.some(({ phase }) => phase === 'fetch')).toBe(true);
  expect((fetched.outcome.report as EncodeReport).frames).toBe(50);
});

test('the sandbox changes no byte', async () => {
  const outcomes = await Promise.all(
    [true, false].map((sandboxed) => run({ offer: offerOfChunk(clip, 0, sandboxed ? 4 : 5), sandboxed })),
  );
  const hashes = outcomes.map(({ outcome }) =>
    outcome?.kind === 'completed' ? outcome.artifacts[0]?.sha256 : outcome,
  );
  expect(hashes[0]).toBe(hashes[1]);
});

test('a path is never opened on another machine', async () => {
  const { outcome } = await run({ offer: offerOfChunk(clip, 0, 6), services: { sameMachine: () => false } });
  expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'NODE_REFUSED' } });
});

test('a source that changed since it was planned fails its attempt', async () => {
  const copy = await makeClip(
    { path: join(home, 'changing.mp4'), seconds: 2, size: '64x64', chunkSeconds: 2, speed: 'ultrafast' },
    tools,
  );
  utimesSync(copy.path, 1, 1);
  const { outcome } = await run({ offer: offerOfChunk(copy, 0, 7) });
  expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'SOURCE_CHANGED' } });
});

test('an encoder without progress is stopped and named', async () => {
  const { outcome } = await run({ offer: offerOfChunk(clip, 0, 8), services: { noProgressMs: 12 } });
  expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'NO_PROGRESS' } });
  expect(readdirSync(scratchFolder)).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'an encoder that takes far more memory than was expected is ended',
  async () => {
    const fat = await makeClip(
      { path: join(home, 'fat.mp4'), seconds: 3, size: '1280x720', chunkSeconds: 3, speed: 'medium' },
      tools,
    );
    const offer: TaskOffer = { ...offerOfChunk(fat, 0, 20), memoryBytes: 30e6 };
    const limits: number[] = [];
    const memoryLimit = (estimateBytes: number): number => {
      limits.push(estimateBytes);
      return 2 * estimateBytes;
    };
    const { outcome, steps } = await run({ offer, services: { memoryLimit } });
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: { code: 'MEMORY_EXCEEDED', details: { limitBytes: 60e6 } },
    });
    expect([limits, steps, readdirSync(scratchFolder)]).toEqual([[30e6], [], []]);
  },
);

test('an estimate below what is always allowed ends nothing', async () => {
  const offer: TaskOffer = { ...offerOfChunk(clip, 0, 21), memoryBytes: 1 };
  expect((await run({ offer })).outcome).toMatchObject({ kind: 'completed' });
});
/** The real FFmpeg, stopped by SIGSTOP before its first frame; its process id is in the file. */
function stoppedFfmpeg(pidFile: string): FfmpegTools {
  const path = join(home, 'stopped-ffmpeg');
  writeFileSync(path, `#!/bin/sh\necho $$ > '${pidFile}'\nkill -STOP $$\nexec '${tools.ffmpegPath}' "$@"\n`, {
    mode: 0o755,
  });
  return { ...tools, ffmpegPath: path };
}

test.runIf(process.platform === 'linux')(
  'a stopped FFmpeg ends at FFMPEG_TIMEOUT, and the error names setting and value',
  async () => {
    const pidFile = join(home, 'stopped.pid');
    const services = { tools: async () => stoppedFfmpeg(pidFile), ffmpegTimeoutSeconds: 1.5, nodeName: 'attic' };
    const { outcome } = await run({ offer: offerOfChunk(clip, 0, 12), services, sandboxed: false });
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: { code: 'FFMPEG_TIMEOUT', details: { setting: 'FFMPEG_TIMEOUT', seconds: 1.5, framesDone: 0 } },
    });
    const fix = outcome?.kind === 'failed' ? outcome.error.fix : '';
    expect(fix).toContain('attic');
    expect(fix).toContain('FFMPEG_TIMEOUT above 1.5');
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(readdirSync(scratchFolder)).toEqual([]);
  },
);

test.runIf(process.platform === 'linux')(
  'a stopped FFmpeg is found by its silence long before its timeout',
  async () => {
    const services = { tools: async () => stoppedFfmpeg(join(home, 'silent.pid')), noProgressMs: 1_200 };
    const { outcome } = await run({ offer: offerOfChunk(clip, 0, 13), services, sandboxed: false });
    expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'NO_PROGRESS' } });
  },
);

test('a revoked attempt ends without an outcome and leaves nothing', async () => {
  const revoked = new AbortController();
  const { outcome, steps } = await run({
    offer: offerOfChunk(clip, 0, 9),
    signal: revoked.signal,
    services: { progress: () => revoked.abort(new FarmError('LEASE_LOST')) },
  });
  expect([outcome, steps, readdirSync(scratchFolder)]).toEqual([null, [], []]);
});

test('an expired upload address is replaced by a fresh one', async () => {
  let asked = 0;
  const requestUpload: TaskServices['requestUpload'] = async ({ sizeBytes, sha256 }) => {
    asked += 1;
    const key = 'videos/J-abcdefghij/attempts/late/1-x/output.mp4';
    const ttlSeconds = asked === 1 ? -10 : 60;
    return farm.store.signPut(key, { ttlSeconds, baseUrl: farm.url, sizeBytes, sha256 });
  };
  const { outcome } = await run({ offer: offerOfChunk(clip, 0, 10), services: { requestUpload } });
  expect(outcome?.kind).toBe('completed');
  expect(asked).toBe(2);
  expect(readFileSync(farm.store.localPath('videos/J-abcdefghij/attempts/late/1-x/output.mp4')).length).toBeGreaterThan(
    0,
  );
});
