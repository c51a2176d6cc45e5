import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { LeaseKey, type PauseMode, type StandingReport } from '@reelmill/protocol';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { LifecycleEvent } from '../lifecycle.ts';
import { controlFile, openControlDoor } from './controlDoor.ts';
import { createLending } from './lending.ts';
import { readPause } from './pauseFile.ts';

const running = LeaseKey.parse({ taskId: 'J-abcdefghij/h264-720p/encode-0001', attempt: 3 });
const since = '2026-11-21T08:00:00.000Z';
const now = { mode: 'now' as const, by: 'anna', since };

/** A machine with one running encoder, which ends when the test lets it; the coordinator hears when the test lets it. */
function machine(options: { atEdge?: PauseMode; folder?: string } = {}) {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'reelmill-lending-'));
  const leaving = new AbortController();
  const calls: string[] = [];
  const heard: StandingReport[] = [];
  const told: LifecycleEvent[] = [];
  const encoder = Promise.withResolvers<void>();
  let held = [running];
  const lending = createLending({
    folder,
    atEdge: options.atEdge ?? 'after-chunk',
    log: pino({ level: 'silent' }),
    tell: (event) => told.push(event),
    signal: leaving.signal,
    slots: () => ({
      open: () => void calls.push('open'),
      close(mode) {
        calls.push(mode);
        const givenBack = mode === 'now' ? held : [];
        held = mode === 'now' ? [] : held;
        return { givenBack, ended: encoder.promise };
      },
    }),
    stopOthers: () => void calls.push('stop others'),
    send: async (read) => void heard.push(read()),
  });
  return { lending, folder, calls, heard, told, encoderEnds: () => encoder.resolve() };
}

test('now: the give-back is said before the encoder has ended, the time once it has', async () => {
  const { lending, calls, heard, told, encoderEnds } = machine();
  const paused = lending.pauseHere(now);
  await turn();
  expect(calls).toEqual(['stop others', 'now']);
  expect(heard).toEqual([
    {
      closure: { reason: 'paused', by: 'anna', since, until: null },
      givenBack: [running],
      cpuBack: null,
      farmHours: null,
    },
  ]);
  expect(lending.givenBack()).toEqual([]);
  encoderEnds();
  await paused;
  await turn();
  expect(heard[1]).toMatchObject({ givenBack: [], cpuBack: { attempts: 1 } });
  expect(told.map(({ type }) => type)).toEqual(['standing', 'cpu-back']);
  expect(lending.status().cpuBack?.milliseconds).toBeGreaterThanOrEqual(0);
});

test('a pause ordered here is on disk, and in force at the next start; it ends only here', async () => {
  const first = machine();
  first.encoderEnds();
  await first.lending.pauseHere(now);
  expect(readPause(first.folder)).toEqual(now);
  const { lending, calls } = machine({ folder: first.folder });
  expect(lending.closure()).toMatchObject({ reason: 'paused', by: 'anna' });
  lending.pauseByFarm(null);
  expect([lending.isClosed(), calls.includes('open')]).toEqual([true, false]);
  await lending.pauseHere(null);
  expect([lending.isClosed(), readPause(first.folder), calls.at(-1)]).toEqual([false, null, 'open']);
});

test('a file of a pause that cannot be read pauses: whoever wrote it wanted the machine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reelmill-lending-'));
  writeFileSync(join(folder, 'pause.json'), '{"mode":');
  expect(machine({ folder }).lending.isClosed()).toBe(true);
});

test('hours and people close after chunks unless the owner chose otherwise; the last cause to go opens', () => {
  const { lending, calls } = machine();
  lending.outsideHours({ since, until: null });
  lending.inUse({ since });
  lending.outsideHours(null);
  expect(lending.closure()).toMatchObject({ reason: 'in-use' });
  lending.inUse(null);
  expect(calls).toEqual(['after-chunk', 'after-chunk', 'after-chunk', 'open']);
  const strict = machine({ atEdge: 'now' });
  strict.lending.inUse({ since });
  expect(strict.calls).toContain('now');
});

test("the farm's pause is obeyed, not repeated to the farm, and forgotten with the connection", async () => {
  const { lending, heard, calls } = machine();
  lending.pauseByFarm({ mode: 'after-chunk', by: 'ben', since });
  lending.pauseByFarm({ mode: 'after-chunk', by: 'ben', since });
  await turn();
  expect([calls, heard.length, heard[0]?.closure]).toEqual([['after-chunk'], 1, null]);
  lending.forgetFarm();
  expect(lending.isClosed()).toBe(false);
});

test("the farm's hours are confirmed in the message that says whether it is outside of them", async () => {
  const { lending, heard, calls } = machine({ atEdge: 'now' });
  const hours = { schedule: '19:00-07:00', by: 'ben', since };
  lending.farmHours(hours, { since, until: null, by: 'ben' });
  await turn();
  expect(heard[0]).toMatchObject({ farmHours: hours.schedule, closure: { reason: 'outside-hours', by: 'ben' } });
  expect([calls.includes('now'), lending.farmSchedule()]).toEqual([true, hours.schedule]);
  lending.farmHours(hours, null);
  expect([lending.isClosed(), calls.at(-1)]).toEqual([false, 'open']);
  lending.forgetFarm();
  expect(lending.farmSchedule()).toBeNull();
});

test('the door of the machine opens with its secret only, and its file is private', async () => {
  const { lending, folder, encoderEnds } = machine();
  encoderEnds();
  const door = await openControlDoor(folder, lending);
  try {
    const { port, secret } = JSON.parse(readFileSync(controlFile(folder), 'utf8')) as { port: number; secret: string };
    if (process.platform !== 'win32') expect(statSync(controlFile(folder)).mode & 0o777).toBe(0o600);
    const post = (authorization: string, body: string) =>
      fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers: { authorization }, body });
    const body = JSON.stringify({ pause: now });
    expect((await post('Bearer guess', body)).status).toBe(401);
    expect((await post(`Bearer ${secret}`, '{')).status).toBe(400);
    expect((await post(`Bearer ${secret}`, 'x'.repeat(10_000))).status).toBe(400);
    expect(lending.isClosed()).toBe(false);
    expect(await (await post(`Bearer ${secret}`, body)).json()).toMatchObject({ closure: { by: 'anna' } });
  } finally {
    door.close();
  }
});
