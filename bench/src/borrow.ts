import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { resolveFfmpeg } from '@reelmill/media';
import { agentLauncher } from '@reelmill/node-agent';
import { apiPrefix, type NodeView } from '@reelmill/protocol';
import { film1080p } from './benchClips.ts';
import { packCommandLine } from './commands.ts';
import { report } from './report.ts';
import { roundsOr } from './rounds.ts';
import { type ServedFarm, startServe } from './serveProcess.ts';
import { percentile, round } from './statistics.ts';

const trials = roundsOr(200);
const slots = 2;
const name = 'borrowed';
/** Encoders run for up to so long before they are stopped: also in the middle of a start. */
const longestRunMs = 500;

interface Trial {
  /** From the request over HTTP until no process of the agent was left but itself. */
  readonly requestMs: number;
  /** The agent's own measure: from the message until its encoders had ended. */
  readonly agentMs: number;
  readonly encoders: number;
}

/**
 * An editor takes her workstation back: `pause now` at the coordinator while real encoders run, again and again on one
 * job, until the processor is hers. Watched from outside, in /proc.
 */
export async function borrow(): Promise<void> {
  const { ffmpegPath } = await resolveFfmpeg();
  const clip = await film1080p(ffmpegPath, 64);
  packCommandLine();
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-bench-'));
  const farm = await startServe(join(folder, 'data'));
  const agent = await startAgent(folder);
  const loadBefore = loadavg()[0] ?? 0;
  try {
    await submit(farm, clip, folder);
    const all: Trial[] = [];
    while (all.length < trials) all.push(await trial(farm, agent));
    const [node] = await nodesOf(farm);
    report('borrow', {
      load: `${trials} times pause now, by POST /nodes/${name}/pause, while real encoders (x264, slow, 1080p to 720p) run in ${slots} slots of one node on the coordinator's machine`,
      note: `load average of the machine before: ${round(loadBefore, 2)}, with no encoder running yet`,
      milliseconds: { fromRequest: spread(all, 'requestMs'), byTheAgent: spread(all, 'agentMs') },
      encodersStopped: all.reduce((sum, { encoders }) => sum + encoders, 0),
      failed: node?.failed ?? null,
      lost: node?.lost ?? null,
      targets: { fromRequestP99: 2_000, failed: 0, lost: 0 },
    });
  } finally {
    agent.kill('SIGKILL');
    await farm.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

function spread(all: readonly Trial[], key: 'requestMs' | 'agentMs') {
  const values = all.map((one) => one[key]);
  const at = (fraction: number): number => round(percentile(values, fraction), 1);
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

async function call<T>(farm: ServedFarm, path: string, body?: object): Promise<T | null> {
  const headers = { authorization: `Bearer ${farm.ownerToken}`, 'content-type': 'application/json' };
  const init = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(`${farm.apiUrl}${apiPrefix}${path}`, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return text === '' ? null : (JSON.parse(text) as T);
}

const nodesOf = async (farm: ServedFarm): Promise<NodeView[]> =>
  (await call<{ nodes: NodeView[] }>(farm, '/nodes'))?.nodes ?? [];

const submit = (farm: ServedFarm, path: string, folder: string): Promise<unknown> =>
  call(farm, '/jobs', {
    inputs: [{ kind: 'path', path }],
    preset: 'h264-720p',
    settings: { speed: 'slow' },
    chunkSeconds: 15,
    outputFolder: join(folder, 'out'),
  });

async function startAgent(folder: string): Promise<ChildProcess> {
  const place = ['--local-data-dir', join(folder, 'data'), '--data', join(folder, 'agent'), '--no-in-place'];
  const args = [agentLauncher, '--json', '--no-mdns', '--name', name, '--slots', String(slots), ...place];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) if (JSON.parse(line).type === 'joined') break;
  child.stdout.resume();
  return child;
}

/** Descendants of a process that still use, or could use, a processor. */
function descendants(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter((text) => text !== '');
  return children.flatMap((child) => [Number(child), ...descendants(Number(child))]);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It ended meanwhile.
    return '';
  }
}

const isEncoder = (pid: number): boolean => /(^|\/)ffmpeg$/.test(read(`/proc/${pid}/cmdline`).split('\0')[0] ?? '');
const isGone = (pid: number): boolean => !existsSync(`/proc/${pid}`) || / Z /.test(read(`/proc/${pid}/stat`));

async function trial(farm: ServedFarm, agent: ChildProcess): Promise<Trial> {
  const pid = agent.pid as number;
  const encoding = (): number[] => descendants(pid).filter(isEncoder);
  while (encoding().length < slots) await delay(5);
  await delay(Math.random() * longestRunMs);
  const before = (await nodesOf(farm)).find((node) => node.name === name)?.cpuBack?.at;
  const running = descendants(pid);
  const encoders = running.filter(isEncoder).length;
  const requestedMs = performance.now();
  const asked = call(farm, `/nodes/${name}/pause`, { now: true, by: 'bench' });
  while (!running.every(isGone) || descendants(pid).length > 0) await delay(1);
  const requestMs = performance.now() - requestedMs;
  await asked;
  let cpuBack: NodeView['cpuBack'] | undefined;
  do {
    await delay(20);
    cpuBack = (await nodesOf(farm)).find((node) => node.name === name)?.cpuBack;
  } while (cpuBack == null || cpuBack.at === before);
  await call(farm, `/nodes/${name}/resume`, {});
  return { requestMs, agentMs: cpuBack.milliseconds, encoders };
}
