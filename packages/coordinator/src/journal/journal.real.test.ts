import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { JobId } from '@reelmill/protocol';
import type { DurableEvent } from '@reelmill/scheduler';
import { expect, test } from 'vitest';
import { openJournal } from './journal.ts';
import { allEvents } from './testing/allEvents.ts';

const jobId = (number: number) => JobId.parse(`J-${'abcdefghij'.slice(0, 9)}${'abcdefghijklmnop'[number % 16]}`);
const done = (number: number): DurableEvent => ({ type: 'job-done', v: 1, jobId: jobId(0), iso: `event ${number}` });
const newPath = async () => join(await mkdtemp(join(tmpdir(), 'reelmill-journal-')), 'journal.sqlite');

test('what was appended is read back in order after a reopening', async () => {
  const path = await newPath();
  const first = openJournal({ path });
  await allEvents(first);
  await Promise.all(Array.from({ length: 50 }, (_, number) => first.append([done(2 * number), done(2 * number + 1)])));
  await first.close();
  const second = openJournal({ path });
  const events = await allEvents(second);
  await second.close();
  expect(events.map((event) => (event.type === 'job-done' ? event.iso : ''))).toEqual(
    Array.from({ length: 100 }, (_, number) => `event ${number}`),
  );
});

test('events of a removed job are forgotten at the next load', async () => {
  const path = await newPath();
  const journal = openJournal({ path });
  await journal.append([done(1), { type: 'job-removed', v: 1, jobId: jobId(0) }]);
  await journal.append([{ type: 'job-retried', v: 1, jobId: jobId(1), replan: false }]);
  expect(await allEvents(journal)).toEqual([{ type: 'job-retried', v: 1, jobId: jobId(1), replan: false }]);
  await journal.close();
});

test('a journal of many pages is read whole, whatever was forgotten of it', async () => {
  const path = await newPath();
  const journal = openJournal({ path });
  const numbers = Array.from({ length: 6_100 }, (_, number) => number);
  await journal.append(numbers.map((number) => ({ ...done(number), jobId: jobId(number % 3) }) as DurableEvent));
  expect((await allEvents(journal)).length).toBe(6_100);
  await journal.append([{ type: 'job-removed', v: 1, jobId: jobId(2) }]);
  const kept = await allEvents(journal);
  expect(kept.map((event) => (event.type === 'job-done' ? event.iso : ''))).toEqual(
    numbers.filter((number) => number % 3 !== 2).map((number) => `event ${number}`),
  );
  await journal.close();
});

test('a journal of a newer build is refused and left as it is', async () => {
  const path = await newPath();
  const journal = openJournal({ path });
  await allEvents(journal);
  await journal.close();
  const database = new DatabaseSync(path);
  database.exec("UPDATE meta SET value = '99'");
  database.close();
  const reopened = openJournal({ path });
  await expect(allEvents(reopened)).rejects.toMatchObject({ code: 'PROTOCOL_MISMATCH' });
  await reopened.close();
});

const writer = `
  const { openJournal } = await import(process.argv[1]);
  const journal = openJournal({ path: process.argv[2] });
  for (let number = 0; ; number += 4) {
    await Promise.all([0, 1, 2, 3].map(async (step) => {
      await journal.append([{ type: 'job-done', v: 1, jobId: 'J-abcdefghia', iso: String(number + step) }]);
      console.log(number + step);
    }));
  }
`;

test('kill -9 in the middle of appending loses nothing that was acknowledged', async () => {
  const path = await newPath();
  const module = fileURLToPath(new URL('./journal.ts', import.meta.url));
  const child = spawn(process.execPath, ['--input-type=module', '-e', writer, module, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: number[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    acknowledged.push(Number(line));
    if (acknowledged.length === 200) child.kill('SIGKILL');
  });
  await once(child, 'close');
  const journal = openJournal({ path });
  const kept = new Set((await allEvents(journal)).map((event) => (event.type === 'job-done' ? Number(event.iso) : -1)));
  await journal.close();
  expect(acknowledged.length).toBeGreaterThanOrEqual(200);
  expect(acknowledged.filter((number) => !kept.has(number))).toEqual([]);
});
