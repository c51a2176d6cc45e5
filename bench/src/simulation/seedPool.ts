import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { SeedResult, SeedTask } from './seedTasks.ts';

export interface PoolOptions {
  /** Threads; default: one per CPU. */
  readonly threads?: number;
  /** Told in the order of ending, not of starting. */
  onResult?(task: SeedTask, result: SeedResult): void;
}

/** Runs the tasks on all CPUs; the results are in the order of the tasks, whoever was faster. */
export async function runOnThreads(tasks: readonly SeedTask[], options: PoolOptions = {}): Promise<SeedResult[]> {
  const results: SeedResult[] = [];
  const waiting = tasks.map((task, index) => ({ task, index })).reverse();
  const threads = Math.min(options.threads ?? availableParallelism(), tasks.length);
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('./seedWorker.ts', import.meta.url), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    try {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        worker.postMessage(next.task);
        const [result] = (await once(worker, 'message')) as [SeedResult];
        results[next.index] = result;
        options.onResult?.(next.task, result);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  return results;
}

const seedsPerTask = 100;

/** Seeds from `from` to `to`, both included, in shares for threads. */
export function seedTasks(from: number, to: number): SeedTask[] {
  const tasks: SeedTask[] = [];
  for (let first = from; first <= to; first += seedsPerTask) {
    tasks.push({ kind: 'seeds', from: first, count: Math.min(seedsPerTask, to - first + 1) });
  }
  return tasks;
}
