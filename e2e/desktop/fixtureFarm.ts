import { type ChunkView, type FarmView, type JobView, type NodeView, RenditionId } from '@reelmill/protocol';
import { fixtureWatchFolders } from './fixtureWatch.ts';

const names = ['REEL_A_v7.mov', 'INT_03_take2.mxf', 'BROLL_pickup.mp4', 'CAM2_0041.mov', 'interview-müller.mkv'];
const states: JobView['state'][] = [
  'encoding',
  'encoding',
  'finishing',
  'failed',
  'done',
  'preparing',
  'canceled',
  'queued',
];
const letters = 'abcdefghijklmnopqrstuvwxyz234567';

const idOf = (index: number): string => {
  let rest = index;
  let text = '';
  for (let place = 0; place < 10; place++) {
    text = letters[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return `J-${text}`;
};

function chunkStates(state: JobView['state'], total: number): ChunkView['state'][] {
  return Array.from({ length: total }, (_, index) => {
    if (state === 'done' || state === 'finishing') return 'verified';
    if (state === 'queued') return 'waiting';
    if (state === 'failed' && index === Math.floor(total / 2)) return 'failed';
    const part = index / total;
    if (part < 0.55) return 'verified';
    if (part < 0.58) return 'uploading';
    if (part < 0.66) return 'encoding';
    return part < 0.7 ? 'retry' : 'waiting';
  });
}

export function fixtureJob(index: number, state: JobView['state']): JobView {
  const name = names[index % names.length] ?? 'clip.mp4';
  const total = [24, 96, 60, 24, 300, 0, 12, 0][index % 8] ?? 0;
  const chunks = chunkStates(state, state === 'preparing' || state === 'queued' ? 0 : total).map(
    (chunkState, chunk) => ({
      index: chunk,
      rendition: RenditionId.parse('h264-1080p'),
      chunkIndex: chunk,
      firstFrame: chunk * 50,
      endFrame: chunk * 50 + 50,
      state: chunkState,
      attempt: chunkState === 'waiting' ? 0 : 1,
      node:
        chunkState === 'waiting' || chunkState === 'retry' ? null : (['studio', 'tower', 'mini-2'][chunk % 3] ?? null),
      percent: chunkState === 'verified' ? 100 : chunkState === 'encoding' ? (chunk * 37) % 100 : 0,
      fps: chunkState === 'encoding' || chunkState === 'verified' ? 54 : 0,
    }),
  ) satisfies ChunkView[];
  const done = chunks.filter((chunk) => chunk.state === 'verified').length;
  const running = state === 'encoding';
  return {
    jobId: idOf(index),
    name,
    input: `/Media/Project/${name}`,
    presets: ['h264-1080p'],
    outputFolder: '/Media/Deliver',
    package: null,
    plannedOutput: `/Media/Deliver/${name.replace(/\.\w+$/, '')}_h264-1080p.mp4`,
    state,
    phase: state === 'encoding' ? 'encode' : state === 'finishing' ? 'join' : state === 'preparing' ? 'index' : 'none',
    percent: state === 'done' ? 100 : (done / Math.max(1, chunks.length)) * 95,
    waiting: null,
    fps: running ? 98 : 0,
    speed: running ? 4.1 : 0,
    eta: running && index > 0 ? { fromSeconds: 540, toSeconds: 720 } : null,
    plan: chunks.length > 0 ? 'chunked' : null,
    wholeReason: null,
    reports: [],
    warnings: [],
    sourceFrames: chunks.length * 50,
    threads: 1,
    durationSeconds: chunks.length * 2,
    phaseBytes: state === 'preparing' ? { done: 3.1e9, total: 12.4e9 } : null,
    chunks,
    chunksDone: done,
    chunksTotal: chunks.length,
    attempts: done + 2,
    nodes: ['mini-2', 'studio', 'tower'],
    verify: 'seams',
    priority: index === 0 ? 'urgent' : 'normal',
    submitter: 'owner',
    queue: index === 1 ? 'review' : null,
    held: state === 'queued',
    deadline: index === 1 ? '2026-11-21T18:00:00.000Z' : null,
    deadlineRisk: index === 1 ? 'at-risk' : 'none',
    error:
      state === 'failed'
        ? {
            code: 'DECODE_FAILED',
            cause: 'The source is damaged at 00:07:10.080: "Invalid NAL unit size", on every node.',
            fix: 'Play the source; if it stops at the same place, copy it again from its origin.',
            details: { log: '[h264 @ 0x55d] Invalid NAL unit size (0 > 4123).' },
          }
        : null,
    failedOn: state === 'failed' ? ['mini-2', 'studio', 'tower'] : [],
    givenUp: false,
    outputs:
      state === 'done'
        ? [
            {
              rendition: 'h264-1080p',
              path: `/Media/Deliver/${name}_h264-1080p.mp4`,
              frames: 15000,
              sizeBytes: 5.4e9,
              sha256: 'ab'.repeat(32),
            },
          ]
        : [],
    submittedAt: '2026-11-21T10:00:00.000Z',
    finishedAt: null,
    elapsedSeconds: running ? 431 : null,
  } as unknown as JobView;
}

function fixtureNode(name: string, change: Partial<NodeView>): NodeView {
  return {
    nodeId: name,
    name,
    state: 'rendering',
    local: false,
    address: '192.168.1.20:54112',
    slots: 4,
    busySlots: 3,
    cpuPercent: 72,
    memoryUsedBytes: 9.2e9,
    memoryBytes: 32e9,
    taskMemoryBytes: 32e9,
    tags: name === 'tower' ? ['fast'] : [],
    kinds: null,
    freeDiskBytes: 211e9,
    temperatureCelsius: 68,
    fps: 54,
    work: [
      { jobId: idOf(0), label: 'REEL_A_v7.mov #70', percent: 46, fps: 54 },
      { jobId: idOf(1), label: 'INT_03_take2.mxf #9', percent: 12, fps: 32 },
    ],
    completed: 34,
    failed: 0,
    lost: 0,
    ffmpegVersion: '5.1.9-0+deb12u1',
    hardware: null,
    lastSeenAt: '2026-11-21T10:21:09.000Z',
    quarantine: null,
    pause: null,
    closure: null,
    hours: null,
    cpuBack: null,
    lending: null,
    error: null,
    ...change,
  } as unknown as NodeView;
}

export function fixtureFarm(jobCount: number): FarmView {
  const jobs = Array.from({ length: jobCount }, (_, index) =>
    fixtureJob(index, states[index % states.length] ?? 'queued'),
  );
  return {
    coordinatorId: 'fixture',
    coordinatorName: 'studio',
    productVersion: '0.1.0',
    stats: {
      jobsActive: 4,
      jobsWaiting: Math.max(0, jobCount - 6),
      jobsFailed: 1,
      jobsDone: 1,
      chunksWaiting: 286,
      chunksEncoding: 9,
      chunksVerified: 81,
      chunksTotal: 380,
      fps: 168,
      speed: 6.9,
      bytesUpPerSecond: 6.1e6,
      bytesDownPerSecond: 104e6,
      cpuPercent: 78,
      paused: false,
      stopAfter: idOf(2),
      queues: [],
      storage: { kind: 'embedded', ok: true, freeBytes: 412e9 },
      eta: { right: 17, total: 20 },
      lan: true,
      joinCommand: 'REELMILL_JOIN_TOKEN=3f9c… npx reelmill-agent --coordinator 192.168.1.10:7420',
      refusedMessages: {},
      warnings: [],
    },
    presets: [
      { id: 'h264-1080p', name: 'H.264 1080p', description: 'Plays everywhere; fits 1920 × 1080.', container: 'mp4' },
      { id: 'h264-720p', name: 'H.264 720p', description: 'Plays everywhere; fits 1280 × 720.', container: 'mp4' },
      { id: 'prores-proxy', name: 'ProRes Proxy', description: 'For editing, source size.', container: 'mov' },
    ],
    nodes: [
      fixtureNode('studio', { local: true, address: null, temperatureCelsius: null }),
      fixtureNode('tower', { slots: 8, busySlots: 8, cpuPercent: 96 }),
      fixtureNode('mini-2', { state: 'offline', busySlots: 0, work: [], lost: 1, cpuPercent: null }),
      fixtureNode('edit-pc', { state: 'found', slots: 0, work: [], address: '192.168.1.31' }),
    ],
    watchFolders: fixtureWatchFolders,
    jobs,
  } as unknown as FarmView;
}

/** Moves one running job on and answers the chunks that changed. */
export function tickJob(job: JobView): ChunkView[] {
  const changed: ChunkView[] = [];
  for (const chunk of job.chunks) {
    if (chunk.state !== 'encoding') continue;
    const percent = chunk.percent + 4;
    const next: ChunkView = percent >= 100 ? { ...chunk, percent: 100, state: 'verified' } : { ...chunk, percent };
    job.chunks[chunk.index] = next;
    changed.push(next);
  }
  const waiting = job.chunks.find((chunk) => chunk.state === 'waiting');
  if (waiting && changed.some((chunk) => chunk.state === 'verified')) {
    const started: ChunkView = { ...waiting, state: 'encoding', attempt: 1, percent: 0, fps: 50, node: 'tower' };
    job.chunks[waiting.index] = started;
    changed.push(started);
  }
  job.chunksDone = job.chunks.filter((chunk) => chunk.state === 'verified').length;
  job.percent = (job.chunksDone / job.chunks.length) * 95;
  job.fps = 90 + Math.random() * 12;
  return changed;
}
