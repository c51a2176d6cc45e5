import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type NodeView, WhyAnswer } from '@reelmill/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  agentEntry,
  processesNaming,
  runCli,
  type StartedProcess,
  startProgram,
  temporaryFolder,
  untilNoProcessNames,
} from './support/farmProcesses.ts';
import { makeClip } from './support/makeClip.ts';
import { type ServeFarm, serveFarm } from './support/serveFarm.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let farm: ServeFarm;
const at = (...parts: string[]): string => join(folder.path, ...parts);

beforeAll(async () => {
  folder = await temporaryFolder();
  farm = serveFarm(folder.path);
  await farm.startCoordinator();
  await makeClip(at('clip.mp4'), { seconds: 8, size: '1280x720', audio: false });
});
afterAll(async () => {
  await farm.stop();
  await untilNoProcessNames(folder.path, 15_000);
  await folder.remove();
});

const submit = (out: string): Promise<string> =>
  farm.submit(at('clip.mp4'), [
    ...['--preset', 'h264-720p', '--set', 'speed=medium', '--chunk-seconds', '2'],
    '--out',
    at(out),
  ]);
const nodes = (...args: string[]) => runCli(['nodes', ...args, '--json', '--data', farm.dataDir]);
const node = async (name: string): Promise<NodeView | undefined> =>
  (await farm.nodes()).find((one) => one.name === name);

const encodersOf = async (name: string): Promise<number> =>
  (await processesNaming(at(name, 'scratch'))).filter(({ command }) => command.includes('ffmpeg')).length;

async function untilEncoding(name: string): Promise<void> {
  while ((await encodersOf(name)) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** What `reelmill-agent` says to whoever sits at the machine. */
async function atMachine(name: string, ...args: string[]): Promise<Record<string, unknown>> {
  const command = startProgram(agentEntry, [...args, '--json', '--data', at(name)]);
  expect((await command.ended).code, command.stderr()).toBe(0);
  return command.lines.at(-1) ?? {};
}

async function whyCodes(jobId: string, name: string): Promise<string[]> {
  const { lines } = await runCli(['why', jobId, '--json', '--data', farm.dataDir]);
  const [waiting] = WhyAnswer.parse(lines.at(-1)).waiting;
  return waiting?.nodes.find((one) => one.name === name)?.reasons.map(({ code }) => code) ?? [];
}

let lent: StartedProcess;
let jobId: string;

test('pause now: the encoder is gone, nothing is charged, and it holds over restarts of both sides', async () => {
  lent = await farm.addAgent('lent');
  jobId = await submit('out');
  await untilEncoding('lent');
  expect((await nodes('pause', 'lent', '--now')).code).toBe(0);
  const freed = await lent.until((line) => line.type === 'cpu-back');
  expect(await encodersOf('lent')).toBe(0);
  expect(freed.milliseconds).toBeLessThan(2_000);
  await expect
    .poll(() => node('lent'), { timeout: 10_000 })
    .toMatchObject({
      state: 'ready',
      pause: { mode: 'now' },
      cpuBack: { milliseconds: freed.milliseconds },
      failed: 0,
      lost: 0,
      work: [],
    });
  expect(await whyCodes(jobId, 'lent')).toEqual(['paused']);

  farm.coordinator().child.kill('SIGKILL');
  await farm.coordinator().ended;
  lent.child.kill('SIGKILL');
  await lent.ended;
  await farm.startCoordinator();
  lent = await farm.addAgent('lent');
  await lent.until((line) => line.type === 'standing' && line.pausedByFarm === true);
  expect(await whyCodes(jobId, 'lent')).toEqual(['paused']);
  expect(await encodersOf('lent')).toBe(0);
});

test('at the machine itself: pause now, the farm may not end that, status, resume; the film is done and complete', async () => {
  expect((await nodes('resume', 'lent')).code).toBe(0);
  await untilEncoding('lent');
  const paused = await atMachine('lent', 'pause', '--now');
  expect(await encodersOf('lent')).toBe(0);
  expect(paused).toMatchObject({ running: true, closure: { reason: 'paused' }, pausedByFarm: null });
  await expect.poll(() => whyCodes(jobId, 'lent'), { timeout: 10_000 }).toEqual(['paused']);
  expect((await node('lent'))?.closure).toMatchObject({ reason: 'paused' });
  const refused = await nodes('resume', 'lent');
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/paused at the machine itself/)]);

  lent.child.kill('SIGKILL');
  await lent.ended;
  lent = await farm.addAgent('lent');
  expect(await atMachine('lent', 'status')).toMatchObject({ running: true, closure: { reason: 'paused' } });
  expect(await atMachine('lent', 'resume')).toMatchObject({ running: true, closure: null });
  const done = await farm.jobLine(jobId);
  expect(done).toMatchObject({ state: 'done', chunks: 4, nodes: ['lent'] });
  expect(done.attempts).toBeGreaterThanOrEqual(6);
  expect(await node('lent')).toMatchObject({ failed: 0, closure: null, pause: null });
});

test('pause after chunk: what runs ends, nothing new begins, and the bytes are those of an undisturbed run', async () => {
  const calm = await farm.jobLine(jobId);
  const again = await submit('again');
  await untilEncoding('lent');
  expect((await nodes('pause', 'lent')).code).toBe(0);
  await expect.poll(() => encodersOf('lent'), { timeout: 60_000 }).toBe(0);
  await expect.poll(async () => (await node('lent'))?.work, { timeout: 10_000 }).toEqual([]);
  expect(await whyCodes(again, 'lent')).toEqual(['paused']);
  expect((await nodes('resume', 'lent')).code).toBe(0);
  const line = await farm.jobLine(again);
  expect(line).toMatchObject({ state: 'done', chunks: calm.chunks });
  expect(line.outputs[0]?.sha256).toBe(calm.outputs[0]?.sha256);
});

/** The clock of that place shows this hour now. */
const hourIn = (timeZone: string): number =>
  Number(new Intl.DateTimeFormat('en-GB', { timeZone, hour: 'numeric', hourCycle: 'h23' }).format(new Date()));
/** From an hour before to two hours after, every day. */
const around = (hour: number): string =>
  [hour + 23, hour + 26].map((one) => `${String(one % 24).padStart(2, '0')}:00`).join('-');

test('hours set at the farm are kept by the clock of the machine, over restarts of both, until they are taken back', async () => {
  expect((await nodes('pause', 'lent')).code).toBe(0);
  // Eleven and twelve hours from the clock here, whatever the season there.
  const [here, there] = [hourIn('UTC'), hourIn('Pacific/Auckland')];
  const start = () => farm.addAgent('far', { env: { TZ: 'Pacific/Auckland' } });
  let far = await start();
  const waiting = await submit('far-away');
  await untilEncoding('far');
  expect((await nodes('schedule', 'far', around(here))).code).toBe(0);
  await far.until((line) => line.type === 'standing' && line.closure !== null);
  await expect.poll(() => whyCodes(waiting, 'far'), { timeout: 10_000 }).toEqual(['outside-hours']);

  await expect.poll(() => encodersOf('far'), { timeout: 60_000 }).toBe(0);
  await far.stop();
  farm.coordinator().child.kill('SIGKILL');
  await farm.coordinator().ended;
  await farm.startCoordinator();
  far = await start();
  await far.until((line) => line.type === 'standing' && line.closure !== null);
  expect(await node('far')).toMatchObject({ hours: { schedule: around(here), followed: true }, work: [] });
  expect((await nodes('schedule', 'far', around(there))).code).toBe(0);
  expect(await farm.jobLine(waiting)).toMatchObject({ state: 'done', nodes: ['far'] });
  expect((await nodes('schedule', 'far', '--clear')).code).toBe(0);
  expect((await nodes('schedule', 'far', '--clear')).code).toBe(2);
  expect((await nodes('schedule', 'far', 'moo 1-2')).stderr).toMatch(/does not look like/);
  await far.stop();
  expect((await nodes('resume', 'lent')).code).toBe(0);
});

/** CPU time of a process tree in milliseconds, ended children included: fields 14 to 17 of /proc/PID/stat, in 10 ms. */
function treeCpuMs(pid: number): number {
  const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  const stat = read(`/proc/${pid}/stat`);
  const own = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15);
  const children = read(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter((text) => text !== '');
  const below = children.reduce((sum, child) => sum + treeCpuMs(Number(child)), 0);
  return own.reduce((sum, ticks) => sum + 10 * Number(ticks), below);
}

test.runIf(process.platform === 'linux')(
  'a whole agent with its encoders keeps to its share of the machine',
  async () => {
    expect((await nodes('pause', 'lent')).code).toBe(0);
    const percent = 10;
    const shared = await farm.addAgent('shared', { slots: 2, args: ['--cpu-limit', `${percent}%`] });
    const limited = await submit('limited');
    while ((await encodersOf('shared')) < 2) await new Promise((resolve) => setTimeout(resolve, 50));
    const [beganMs, before] = [performance.now(), treeCpuMs(shared.child.pid as number)];
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    const usedMs = treeCpuMs(shared.child.pid as number) - before;
    const share = (100 * usedMs) / ((performance.now() - beganMs) * availableParallelism());
    expect(Math.abs(share - percent), `used ${share.toFixed(1)} % of the machine`).toBeLessThan(5);
    expect((await node('shared'))?.lending).toEqual({ schedule: null, easeOff: 'off', cpuLimitPercent: percent });
    await runCli(['cancel', limited, '--data', farm.dataDir]);
  },
);

test('no agent runs there: the pause is kept for its next start', async () => {
  expect(await atMachine('empty', 'pause')).toMatchObject({ running: false });
  const empty = await farm.addAgent('empty');
  await empty.until((line) => line.type === 'standing');
  expect((await node('empty'))?.closure).toMatchObject({ reason: 'paused' });
});
