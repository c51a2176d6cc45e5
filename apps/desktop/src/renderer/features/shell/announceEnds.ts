import { announceLater } from '../../store/announcer.ts';
import { useFarmStore } from '../../store/farmStore.ts';

/** Says how many jobs ended since it was said last, however many at once. */
export function announceEnds(): void {
  let before: { done: number; failed: number } | null = null;
  useFarmStore.subscribe(({ replica }) => {
    if (!replica) return;
    const { jobsDone: done, jobsFailed: failed } = replica.farm.stats;
    if (before !== null && (done > before.done || failed > before.failed)) {
      announceLater(`${done} ${done === 1 ? 'job' : 'jobs'} done, ${failed} failed`);
    }
    before = { done, failed };
  });
}
