import { setImmediate as eventLoop } from 'node:timers/promises';
import { throwIfAborted } from '../../process/runProcess.ts';

/** The event loop waits no longer than this for its turn. */
const turnMs = 5;

/** Work that reads synchronously calls it after each step; it rests only once the turn has lasted long enough. */
export function turnTaker(signal: AbortSignal): { readonly isOver: () => boolean; readonly rest: () => Promise<void> } {
  let endsMs = performance.now() + turnMs;
  return {
    isOver: () => performance.now() >= endsMs,
    async rest() {
      await eventLoop();
      throwIfAborted(signal);
      endsMs = performance.now() + turnMs;
    },
  };
}
