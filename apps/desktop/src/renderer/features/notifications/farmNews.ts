import type { FarmView, JobView } from '@reelmill/protocol';

/** One thing worth telling somebody who does not look. */
export interface FarmNews {
  readonly kind: 'failed' | 'done' | 'queue-empty';
  readonly jobId: string | null;
  readonly text: string;
}

type Known = ReadonlyMap<string, JobView['state']>;

export const statesOf = ({ jobs }: Pick<FarmView, 'jobs'>): Known =>
  new Map(jobs.map(({ jobId, state }) => [jobId, state]));

const isOpen = (state: JobView['state']): boolean => !['done', 'failed', 'canceled'].includes(state);

/** What became of the jobs between two looks. A job that was not known before tells nothing: it is history. */
export function newsBetween(before: Known, { jobs }: Pick<FarmView, 'jobs'>): FarmNews[] {
  const ended = jobs.filter(({ jobId, state }) => {
    const earlier = before.get(jobId);
    return earlier !== undefined && earlier !== state && isOpen(earlier);
  });
  const news = ended.flatMap(({ jobId, name, state, error }): FarmNews[] => {
    if (state === 'failed') return [{ kind: 'failed', jobId, text: `${name}: ${error?.cause ?? 'failed'}` }];
    return state === 'done' ? [{ kind: 'done', jobId, text: `${name} is done.` }] : [];
  });
  const wasBusy = [...before.values()].some(isOpen);
  const isBusy = jobs.some(({ state }) => isOpen(state));
  return wasBusy && !isBusy && ended.length > 0
    ? [...news, { kind: 'queue-empty', jobId: null, text: 'The queue is empty.' }]
    : news;
}

/** Which kinds are told beyond the window. */
export type Wanted = Readonly<Record<FarmNews['kind'], boolean>>;
export const firstWanted: Wanted = { failed: true, 'queue-empty': true, done: false };

export interface GroupedNews {
  readonly title: string;
  readonly body: string;
  /** Of the first that names one: failures before others. */
  readonly jobId: string | null;
}

/** One notification for all that came together; null where nothing of it is wanted. */
export function grouped(news: readonly FarmNews[], wanted: Wanted): GroupedNews | null {
  const told = news.filter(({ kind }) => wanted[kind]);
  if (told.length === 0) return null;
  const failed = told.filter(({ kind }) => kind === 'failed');
  const done = told.filter(({ kind }) => kind === 'done');
  const isEmpty = told.some(({ kind }) => kind === 'queue-empty');
  const parts = [
    failed.length === 0 ? '' : `${failed.length} failed`,
    done.length === 0 ? '' : `${done.length} done`,
    isEmpty ? 'queue empty' : '',
  ].filter((part) => part !== '');
  const [first] = [...failed, ...done, ...told];
  return { title: `Reelmill: ${parts.join(', ')}`, body: first?.text ?? '', jobId: first?.jobId ?? null };
}

/**
 * Gathers news for some seconds from the first on, then tells them once. Nothing is told twice, nothing is held for ever.
 * @param schedule runs something after so many milliseconds
 */
export function newsGatherer(
  tell: (news: readonly FarmNews[]) => void,
  { gatherMs, schedule }: { readonly gatherMs: number; readonly schedule: (run: () => void, ms: number) => void },
): (news: readonly FarmNews[]) => void {
  let gathered: FarmNews[] = [];
  return (news) => {
    if (news.length === 0) return;
    const isFirst = gathered.length === 0;
    gathered.push(...news);
    if (!isFirst) return;
    schedule(() => {
      const all = gathered;
      gathered = [];
      tell(all);
    }, gatherMs);
  };
}
