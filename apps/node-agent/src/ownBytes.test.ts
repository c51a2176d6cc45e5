import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createOwnBytes } from './ownBytes.ts';

test('folders are listed when the free bytes of their disk have moved, or after a minute', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'reelmill-own-bytes-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  let nowMs = 0;
  const own = createOwnBytes({ folders: [folder, join(folder, 'not there')], nowMs: () => nowMs });
  const write = (bytes: number) => writeFile(join(folder, 'chunk'), Buffer.alloc(bytes));
  await write(100);
  expect(await own.read(1_000, 10)).toBe(100);
  await write(105);
  expect(await own.read(995, 10)).toBe(100);
  await write(111);
  expect(await own.read(989, 10)).toBe(111);
  await write(50);
  // what was removed is free at once: never counted twice by more than the tolerance
  expect(await own.read(1_050, 10)).toBe(50);
  await write(60);
  nowMs = 59_999;
  expect(await own.read(1_050, 10)).toBe(50);
  nowMs = 60_000;
  expect(await own.read(1_050, 10)).toBe(60);
});
