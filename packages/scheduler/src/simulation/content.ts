import type { TaskId } from '@reelmill/protocol';
import type { TestJob } from '../testFarm.ts';

/**
 * What encoding a chunk gives, as text: the same whoever does it. `short` lacks frames, which its report shows at once;
 * `odd` shows only against its neighbours, at the join.
 */
export type Flaw = 'none' | 'short' | 'odd';

export const contentOf = (taskId: TaskId, flaw: Flaw = 'none'): string =>
  flaw === 'none' ? taskId : `${flaw} ${taskId}`;

export const flawOf = (content: string): Flaw =>
  content.startsWith('short ') ? 'short' : content.startsWith('odd ') ? 'odd' : 'none';

/** Tasks whose results make the film. */
export const partsOf = (job: TestJob): TaskId[] =>
  job.planned.filter(({ kind }) => kind === 'encode' || kind === 'audio').map(({ taskId }) => taskId);

/** The film, joined from these contents. */
export const filmOf = (contents: readonly string[]): string => contents.join('|');

/** P3, P4: what must be published whatever happened on the way. */
export const rightFilm = (job: TestJob): string => filmOf(partsOf(job).map((taskId) => contentOf(taskId)));
