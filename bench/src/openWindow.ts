import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { percentile, round } from './statistics.ts';

export interface WindowFigures {
  readonly p50: number;
  readonly p99: number;
  readonly patches: number;
  readonly patchKilobytes: number;
}

/**
 * A window in a thread of its own, so that what is measured is the coordinator and not whoever makes the load: how long
 * the answer to a command takes, milliseconds. Patches come down the same socket in the same order, at most four a
 * second by design, so nothing of them arrives later than an answer asked for at that moment.
 */
export async function openWindow(farm: { apiUrl: string; ownerToken: string }): Promise<{
  close(): Promise<WindowFigures>;
}> {
  const script = fileURLToPath(new URL('./windowThread.ts', import.meta.url));
  const worker = new Worker(script, { workerData: { apiUrl: farm.apiUrl, ownerToken: farm.ownerToken } });
  const next = () => new Promise<unknown>((resolve) => worker.once('message', resolve));
  await next();
  return {
    async close() {
      const told = next();
      worker.postMessage('close');
      const { answersMs, patches, patchBytes } = (await told) as {
        answersMs: number[];
        patches: number;
        patchBytes: number;
      };
      await worker.terminate();
      return {
        p50: round(percentile(answersMs, 0.5), 1),
        p99: round(percentile(answersMs, 0.99), 1),
        patches,
        patchKilobytes: Math.round(patchBytes / 1000),
      };
    },
  };
}
