import { availableParallelism, cpus } from 'node:os';
import { FarmError } from '@reelmill/protocol';
import type { Logger } from 'pino';
import type { ChildRegister } from '../sweep.ts';
import { openCpuGroup } from './cpuGroup.ts';
import { createDutyCycle } from './dutyCycle.ts';

/** Encoders that run, and what bounds them. */
export interface CpuLimiter extends ChildRegister {
  readonly means: 'cgroup' | 'duty-cycle';
  close(): Promise<void>;
}

/** Processors that count as the whole machine: those of the container, where it has less. */
const cores = (): number => Math.min(availableParallelism(), Math.max(1, cpus().length));

export interface LimitOptions {
  /** Of all processors together. */
  readonly percent: number;
  /** Tells apart the agents of one machine. */
  readonly name: string;
  readonly log: Logger;
}

/**
 * Holds all encoders of this agent together to a share of the machine: by the kernel's quota where a control group may be
 * made, else by stopping and continuing them.
 * @throws FarmError USAGE on Windows.
 */
export async function createCpuLimiter({ percent, name, log }: LimitOptions): Promise<CpuLimiter> {
  if (process.platform === 'win32') {
    const message = '--cpu-limit is not available on Windows.';
    throw new FarmError('USAGE', { message, fix: 'Start the agent with fewer --slots and --priority low instead.' });
  }
  const share = (percent / 100) * cores();
  const group = process.platform === 'linux' ? await openCpuGroup(name, share, log) : null;
  return group ?? createDutyCycle(share);
}
