import { type EaseOff, FarmError } from '@reelmill/protocol';
import { type CpuTimes, readCpuTimes } from '../cpuTimes.ts';
import type { UseReading } from './easeOff.ts';
import { createInputIdle } from './inputIdle.ts';
import { createTreeMeter } from './treeCpu.ts';

/** Looks at the machine, seldom enough to cost nothing. */
export interface UseReader {
  read(): Promise<UseReading>;
}

interface Busy extends CpuTimes {
  readonly oursMs: number;
}

/** What processes outside the tree used between two moments, in percent of all processors. */
export function othersPercent(before: Busy, now: Busy): number | null {
  const totalMs = now.totalMs - before.totalMs;
  if (totalMs <= 0) return null;
  const othersMs = now.busyMs - before.busyMs - (now.oursMs - before.oursMs);
  return Math.min(100, Math.max(0, (100 * othersMs) / totalMs));
}

function loadReader(rootPid: number): UseReader | null {
  const meter = createTreeMeter(rootPid);
  if (meter === null) return null;
  let before: Busy | null = null;
  return {
    async read() {
      const oursMs = await meter.read();
      const now = oursMs === null ? null : { ...readCpuTimes(), oursMs };
      const percent = before === null || now === null ? null : othersPercent(before, now);
      before = now;
      return { othersCpuPercent: percent, idleMs: null };
    },
  };
}

function inputReader(): UseReader | null {
  const input = createInputIdle();
  return input && { read: async () => ({ othersCpuPercent: null, idleMs: await input.read() }) };
}

/**
 * What tells whether someone works at this machine; `rootPid`: everything below it is ours.
 * @throws FarmError USAGE where this system does not tell.
 */
export function createUseReader(easeOff: Exclude<EaseOff, 'off'>, rootPid: number): UseReader {
  const reader = easeOff === 'load' ? loadReader(rootPid) : inputReader();
  if (reader !== null) return reader;
  const message =
    easeOff === 'load'
      ? 'This system does not tell how much processor time others use: --ease-off load is not available.'
      : 'This machine tells of no keyboard and no pointer: --ease-off idle is not available.';
  const fix = 'Start the agent with another --ease-off, or lend the machine by --schedule and `reelmill-agent pause`.';
  throw new FarmError('USAGE', { message, fix });
}
