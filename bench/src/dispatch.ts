import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openJournal } from '@reelmill/coordinator';
import { JobId } from '@reelmill/protocol';
import { type RedisSync, startRedis } from './redisServer.ts';
import { report } from './report.ts';
import { roundsOr } from './rounds.ts';
import { schedulerSeconds } from './schedulerRate.ts';
import { median, round } from './statistics.ts';
import { timedRun } from './timedRun.ts';

const rounds = roundsOr(3);
const load = { jobs: 100, tasksPerJob: 100, nodes: 10, slots: 10 };
const tasks = load.jobs * load.tasksPerJob;
const concurrency = load.nodes * load.slots;
const rivals = fileURLToPath(new URL('../rivals', import.meta.url));

/**
 * 10,000 tasks that do nothing through the durable scheduler, against BullMQ on Redis on the same machine, rounds
 * interleaved; and how many events a second the journal makes durable when many wait at once.
 */
export async function dispatch(): Promise<void> {
  if (!existsSync(join(rivals, 'node_modules/bullmq'))) {
    const quiet = ['--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts', '--omit=optional'];
    execFileSync('npm', ['install', ...quiet], { cwd: rivals, stdio: 'inherit', shell: process.platform === 'win32' });
  }
  const reelmill: number[] = [];
  const always: number[] = [];
  const everySecond: number[] = [];
  for (let turn = 0; turn < rounds; turn += 1) {
    reelmill.push(tasks / (await schedulerSeconds(load)));
    always.push(tasks / (await bullmqSeconds('always')));
    everySecond.push(tasks / (await bullmqSeconds('everysec')));
  }
  const rates = (perSecond: readonly number[]) => perSecond.map((rate) => Math.round(rate));
  report('dispatch', {
    load: `${tasks} tasks that do nothing, ${concurrency} at once`,
    tasksPerSecond: {
      'Reelmill, every event synced': rates(reelmill),
      'BullMQ, appendfsync always': rates(always),
      'BullMQ, appendfsync everysec': rates(everySecond),
    },
    ratioToBullmqAlways: round(median(reelmill) / median(always)),
    ratioToBullmqEverySecond: round(median(reelmill) / median(everySecond)),
    journalEventsPerSecond: Math.round(await journalRate()),
    targets: { ratioToBullmqAlways: 1, journalEventsPerSecond: 3000 },
  });
}

async function bullmqSeconds(sync: RedisSync): Promise<number> {
  const redis = await startRedis(sync);
  try {
    const args = [join(rivals, 'bullmq.mjs'), redis.port, tasks, concurrency].map(String);
    const { stdout } = await timedRun(process.execPath, args);
    return (JSON.parse(stdout) as { seconds: number }).seconds;
  } finally {
    await redis.stop();
  }
}

/** Appends of one event each, 100 under way at any time: each resolves when its event is on disk. */
async function journalRate(): Promise<number> {
  const events = 20_000;
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-bench-'));
  const journal = openJournal({ path: join(folder, 'journal.sqlite') });
  try {
    for await (const events of journal.load()) if (events.length > 0) throw new Error('the journal is not new');
    let next = 0;
    const startedAt = performance.now();
    const appendOnes = async (): Promise<void> => {
      while (next < events) {
        next += 1;
        await journal.append([
          { type: 'job-retried', v: 1, jobId: JobId.parse('J-aaaaaaaaaa'), replan: next % 2 === 0 },
        ]);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, appendOnes));
    return events / ((performance.now() - startedAt) / 1000);
  } finally {
    await journal.close();
    await rm(folder, { recursive: true, force: true });
  }
}
