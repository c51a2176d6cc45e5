import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { resolveFfmpeg } from '@reelmill/media';
import { JobLine } from '@reelmill/protocol';
import { filmScaled } from './benchClips.ts';
import { createCpuShare } from './cpuShare.ts';
import { report } from './report.ts';
import { roundsOr } from './rounds.ts';
import { median, round } from './statistics.ts';
import { timedRun } from './timedRun.ts';

const rounds = roundsOr(3);
const coresPerAgent = 0.25;
const cli = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
const agent = fileURLToPath(new URL('../../apps/node-agent/src/main.ts', import.meta.url));

function start(
  command: string,
  args: readonly string[],
): { child: ChildProcess; line(type: string): Promise<unknown> } {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  return {
    child,
    line: (type) =>
      new Promise((resolve, reject) => {
        lines.on('line', (text) => {
          if (text.startsWith('{') && JSON.parse(text).type === type) resolve(JSON.parse(text));
        });
        child.once('exit', (code) => reject(new Error(`${args[0]} ended with ${code} before "${type}"`)));
      }),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

/** One farm of `count` agents, each capped to the same share; the wall from submit to the published file. */
async function render(clip: string, count: number): Promise<{ wallSeconds: number; job: JobLine }> {
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-scale-'));
  const data = join(folder, 'coordinator');
  const coordinator = start(process.execPath, [
    cli,
    'serve',
    '--json',
    '--port',
    '0',
    '--data',
    data,
    '--exit-with-parent',
  ]);
  await coordinator.line('ready');
  const shares = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      createCpuShare(`reelmill-bench-${process.pid}-${index}`, coresPerAgent),
    ),
  );
  const agents = shares.map((share, index) => {
    const args = [
      agent,
      '--json',
      '--local-data-dir',
      data,
      '--data',
      join(folder, `agent-${index}`),
      '--name',
      `agent-${index}`,
    ];
    const wrapped = share.wrap(process.execPath, [...args, '--slots', '1', '--exit-with-parent', '--no-mdns']);
    return start(wrapped.command, wrapped.args);
  });
  try {
    await Promise.all(agents.map((started) => started.line('joined')));
    const startedAt = performance.now();
    const submit = ['submit', clip, '--preset', 'h264-480p', '--set', 'speed=veryfast', '--chunk-seconds', '8'];
    await timedRun(process.execPath, [cli, ...submit, '--out', join(folder, 'out'), '--data', data]);
    const watched = await timedRun(process.execPath, [cli, 'watch', '--json', '--exit-status', '--data', data]);
    const wallSeconds = (performance.now() - startedAt) / 1000;
    const lines = watched.stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text));
    return { wallSeconds, job: JobLine.parse(lines.findLast((line) => line.type === 'job')) };
  } finally {
    await Promise.all(agents.map((started) => stop(started.child)));
    await stop(coordinator.child);
    await Promise.all(shares.map((share) => share.remove()));
    await rm(folder, { recursive: true, force: true });
  }
}

/** Decision 30: 1, 2 and 4 agents of a quarter core each, same plan; efficiency = wall1 / (n × walln). */
export async function scale(): Promise<void> {
  const { ffmpegPath } = await resolveFfmpeg();
  const clip = await filmScaled(ffmpegPath, { seconds: 240, height: 480 });
  const counts = [1, 2, 4];
  const walls = new Map<number, number[]>(counts.map((count) => [count, []]));
  let chunks = 0;
  const hashes = new Set<string>();
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const count of counts) {
      const run = await render(clip, count);
      walls.get(count)?.push(round(run.wallSeconds));
      chunks = run.job.chunks;
      hashes.add(run.job.outputs[0]?.sha256 ?? 'none');
      console.error(`round ${turn + 1}: ${count} agents ${run.wallSeconds.toFixed(1)} s`);
    }
  }
  const wall = (count: number): number => median(walls.get(count) ?? []);
  report('scale', {
    clip: 'Big Buck Bunny 480p, 240 s',
    coresPerAgent,
    chunks,
    oneOutputHash: hashes.size === 1,
    walls: Object.fromEntries(walls),
    efficiency: Object.fromEntries(counts.map((count) => [count, round(wall(1) / (count * wall(count)))])),
    target: 0.85,
  });
}
