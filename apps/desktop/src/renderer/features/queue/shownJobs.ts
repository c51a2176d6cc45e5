import type { JobView } from '@reelmill/protocol';
import { useFarmStore } from '../../store/farmStore.ts';
import { useViewStore } from '../../store/viewStore.ts';
import { visibleJobs } from './queueFilter.ts';

/** What the list shows now, for commands that act on it. */
export const shownJobs = (): JobView[] =>
  visibleJobs(useFarmStore.getState().replica?.farm.jobs ?? [], useViewStore.getState());
