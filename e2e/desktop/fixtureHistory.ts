import type {
  AttemptLog,
  AttemptView,
  JobHistory,
  JobQuality,
  JobView,
  LogRequest,
  StageView,
} from '@reelmill/protocol';

const startedMs = Date.parse('2026-11-21T10:00:10.000Z');
const iso = (seconds: number): string => new Date(startedMs + seconds * 1000).toISOString();
/** Seconds from the first attempt to now. */
const nowSeconds = 431;

const faultCause = {
  code: 'LEASE_LOST',
  cause: 'The node did not answer for 10 s.',
  fix: 'Wake it, or check its cable or VPN; the chunk is made elsewhere.',
};

const attemptOf = (job: JobView, index: number, change: Partial<AttemptView>): AttemptView =>
  ({
    taskId: `${job.jobId}/h264-1080p/encode-${String(index).padStart(4, '0')}`,
    kind: 'encode',
    rendition: 'h264-1080p',
    chunkIndex: index,
    attempt: 1,
    nodeId: 'node-tower',
    node: 'tower',
    state: 'completed',
    grantedAt: iso(0),
    steps: [],
    endedAt: null,
    reason: null,
    error: null,
    ...change,
  }) as AttemptView;

const lanesOf: Record<string, number> = { studio: 1, tower: 2, 'mini-2': 1 };

/** When the nth chunk of a node was begun, and how long it took: its lanes are busy from the first second on. */
function spanOf(job: JobView, index: number): { from: number; took: number; node: string } {
  const node = job.chunks[index]?.node ?? 'mini-2';
  const own = job.chunks.filter((chunk) => chunk.state !== 'waiting' && (chunk.node ?? 'mini-2') === node);
  const lanes = lanesOf[node] ?? 1;
  const place = own.findIndex((chunk) => chunk.index === index);
  const took = (nowSeconds - 20) / Math.ceil(own.length / lanes);
  return { node, took: took * 0.96, from: 4 + Math.floor(place / lanes) * took + (place % lanes) * took * 0.3 };
}

const stepsOf = (from: number, took: number): AttemptView['steps'] => [
  { step: 'fetch', at: iso(from) },
  { step: 'encode', at: iso(from + took * 0.1) },
  { step: 'upload', at: iso(from + took * 0.88) },
];

const thrice = (job: JobView, index: number): AttemptView[] =>
  ['mini-2', 'studio', 'tower'].map((node, at) =>
    attemptOf(job, index, {
      ...{ attempt: at + 1, node, state: 'failed', grantedAt: iso(300 + at * 30), endedAt: iso(312 + at * 30) },
      error: { code: 'DECODE_FAILED', cause: job.error?.cause ?? '', fix: job.error?.fix ?? '' },
    }),
  );

/** Three nodes work the film off; one of them went away and left lost attempts. */
function encodeAttempts(job: JobView): AttemptView[] {
  return job.chunks.flatMap(({ state }, index) => {
    if (state === 'waiting') return [];
    if (state === 'failed') return thrice(job, index);
    const { from, took, node } = spanOf(job, index);
    const steps = stepsOf(from, took);
    const base = { node, nodeId: `node-${node}` as never, grantedAt: iso(from) };
    if (state === 'verified') return attemptOf(job, index, { ...base, steps, endedAt: iso(from + took) });
    const end = { state: 'lost', reason: 'expired', error: faultCause, endedAt: iso(from + took * 0.6) } as const;
    const lost = attemptOf(job, index, { ...base, ...end, node: 'mini-2', steps: steps.slice(0, 2) });
    if (state === 'retry') return lost;
    const running = { ...base, state: 'running', steps: steps.slice(0, state === 'uploading' ? 3 : 2) } as const;
    if (index % 5 !== 0) return attemptOf(job, index, running);
    const again = { ...running, attempt: 2, grantedAt: iso(nowSeconds - 30) };
    return [lost, attemptOf(job, index, { ...again, steps: stepsOf(nowSeconds - 29, 290).slice(0, 1) })];
  });
}

function stagesOf(job: JobView): StageView[] {
  const { chunksDone: done, chunksTotal: total, state } = job;
  const over = state === 'done' || state === 'finishing';
  const stage = (name: StageView['stage'], change: Partial<StageView>): StageView => ({
    ...{ stage: name, state: 'waiting', done: 0, total: 1, startedAt: null, endedAt: null },
    ...change,
  });
  const ended = (from: number, until: number) =>
    ({ state: 'done', done: 1, startedAt: iso(from), endedAt: iso(until) }) as const;
  const failed = state === 'failed';
  const part = {
    done,
    total,
    state: over ? 'done' : failed ? 'failed' : 'running',
    startedAt: iso(8),
    endedAt: over ? iso(400) : null,
  } as const;
  return [
    stage('probe', ended(-9, -8)),
    stage('index', ended(-8, -1)),
    stage('encode', { ...part, done: Math.min(total, done + 1) }),
    stage('sound', ended(0, 21)),
    stage('hash', ended(0, 64)),
    stage('upload', { ...part, startedAt: iso(31) }),
    stage('verify', { ...part, startedAt: iso(33) }),
    stage(
      'join',
      over
        ? {
            state: state === 'done' ? 'done' : 'running',
            startedAt: iso(401),
            endedAt: state === 'done' ? iso(409) : null,
            done: state === 'done' ? 1 : 0,
          }
        : {},
    ),
    stage('check', state === 'done' ? ended(409, 420) : {}),
    stage('publish', state === 'done' ? ended(420, 421) : {}),
  ];
}

/** A history that fits an invented job. */
export const fixtureHistory = (job: JobView): JobHistory => ({
  jobId: job.jobId,
  now: iso(nowSeconds),
  stages: job.plan === null ? [] : stagesOf(job),
  attempts: encodeAttempts(job),
  omitted: 0,
  sourceBytes: 78.2e9,
  madeBytes: 3.5e9,
});

const command = [
  '-hide_banner',
  '-nostdin',
  '-loglevel',
  'level+verbose',
  '-benchmark',
  '-ss',
  '4137.8',
  '-i',
  'file:/Media/Project/REEL_A_v7.mov',
  '-map',
  '0:0',
  '-an',
  '-vf',
  'trim=start_pts=99302400:end_pts=100742400,setpts=PTS-STARTPTS,scale=1920:1080',
  '-c:v',
  'libx264',
  '-preset',
  'medium',
  '-crf',
  '20',
  '-threads',
  '1',
  '-f',
  'mp4',
  'file:/var/lib/reelmill/scratch/output.mp4',
];
const logLines = [
  "[info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:/Media/Project/REEL_A_v7.mov':",
  '[info]   Duration: 01:35:48.46, start: 0.000000, bitrate: 108842 kb/s',
  '[verbose] [graph 0 input from stream 0:0 @ 0x55d0c1] w:1920 h:1080 pixfmt:yuv422p10le tb:1/24000 fr:24000/1001 sar:1/1',
  '[info] [libx264 @ 0x55d0a4] profile High, level 4.0, 4:2:0, 8-bit',
  '[info] frame= 1439 fps= 54 q=-1.0 Lsize=   52311kB time=00:00:59.93 bitrate=7150.1kbits/s speed=2.27x',
  '[info] bench: utime=25.412s stime=0.611s rtime=26.633s',
];

export const fixtureLog = ({ jobId, taskId, chunk, attempt }: LogRequest): AttemptLog => {
  const begun = taskId !== undefined;
  return {
    taskId: taskId ?? (`${jobId}/h264-1080p/encode-${String(chunk).padStart(4, '0')}` as never),
    attempt: attempt ?? 0,
    node: begun ? 'tower' : null,
    from: begun ? 'node' : 'plan',
    note: begun ? null : 'It has not run yet: this is what its node will be asked to do.',
    runs: [
      {
        program: 'ffmpeg',
        args: command,
        exitCode: begun ? 0 : null,
        endSignal: null,
        log: begun ? logLines.join('\n') : '',
      },
    ],
  };
};

export const fixtureQuality = (job: JobView): JobQuality => ({
  jobId: job.jobId,
  outputs: job.outputs.map(({ rendition, path, frames, sha256 }) => ({
    rendition,
    path,
    error: null,
    proof: {
      ...{ path: `${path}.proof.json`, createdAt: iso(421), depth: 'seams', frames, sourceFrames: frames },
      ...{ chunks: job.chunksTotal, seams: job.chunksTotal - 1, soundTracks: 1, maxPtsErrorSeconds: 0 },
      ...{ audioOffsetErrorSeconds: 0.000021, nodes: [...job.nodes], sha256, publicKey: 'MCowBQYDK2VwAyEA' },
    },
  })),
});
