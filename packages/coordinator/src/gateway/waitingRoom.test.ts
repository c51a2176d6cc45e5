import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WaitingRoom } from './waitingRoom.ts';

class FakeConnection extends EventEmitter {
  readonly remoteAddress = '10.0.0.9';
  closed = false;
  close(): void {
    this.closed = true;
    this.emit('close');
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a connection that proves nothing is closed after its time', () => {
  const room = new WaitingRoom({ atMost: 2, forMs: 10_000 });
  const silent = new FakeConnection();
  const honest = new FakeConnection();
  room.enter(silent);
  room.enter(honest);
  room.admit(honest);
  vi.advanceTimersByTime(10_000);
  expect([silent.closed, honest.closed]).toEqual([true, false]);
});

test('unproven connections are capped in count; each that leaves makes room', () => {
  const room = new WaitingRoom({ atMost: 2, forMs: 10_000 });
  const [one, two] = [new FakeConnection(), new FakeConnection()];
  room.enter(one);
  expect(room.isFull).toBe(false);
  room.enter(two);
  expect(room.isFull).toBe(true);
  one.close();
  expect(room.isFull).toBe(false);
});
