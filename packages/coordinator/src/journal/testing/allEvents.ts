import type { DurableEvent } from '@reelmill/scheduler';
import type { Journal } from '../journal.ts';

/** Everything a journal holds, in order. */
export async function allEvents(journal: Journal): Promise<DurableEvent[]> {
  const all: DurableEvent[] = [];
  for await (const events of journal.load()) all.push(...events);
  return all;
}
