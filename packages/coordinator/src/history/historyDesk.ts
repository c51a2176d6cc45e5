import {
  type AttemptView,
  FarmError,
  type JobHistory,
  type JobHistoryPatch,
  type JobId,
  mostAttempts,
  type NodeId,
  timing,
} from '@reelmill/protocol';
import { leasesOfTask, type TaskState } from '@reelmill/scheduler';
import type { CoreContext } from '../coreContext.ts';
import type { CoreChange, CoreFeed } from '../farmCorePort.ts';
import type { JobRequest } from '../jobRecords.ts';
import type { Journal } from '../journal/journal.ts';
import { jobOfEvent, jobOfTask } from '../projection/runningBook.ts';
import type { AttemptSteps } from './attemptSteps.ts';
import { HistoryBook, type KeptAttempt, nodeNameOf } from './historyBook.ts';
import { jobStages } from './jobStages.ts';

/** What a job did: read from the journal when somebody asks, and kept up only while somebody looks. */
export interface HistoryDesk {
  /** @throws FarmError NOT_FOUND */
  attempts(jobId: JobId): Promise<JobHistory>;
  /** The history, and its changes from then on, at most one per `timing.uiPatchIntervalMs`. @throws FarmError NOT_FOUND */
  watchAttempts(
    jobId: JobId,
    listener: (patch: JobHistoryPatch) => void,
  ): Promise<{ readonly history: JobHistory; stop(): void }>;
}

export interface HistoryDeskOptions {
  readonly context: Pick<CoreContext, 'dispatcher'>;
  readonly feed: CoreFeed;
  readonly journal: Pick<Journal, 'eventsOf'>;
  readonly steps: AttemptSteps;
  nodeName(nodeId: NodeId): string | undefined;
  /** Wall time; default: the system's. */
  iso?(): string;
}

/** The desk with what the logs need of it. */
export interface OpenHistoryDesk extends HistoryDesk {
  book(jobId: JobId): Promise<HistoryBook>;
  nameOf(attempt: KeptAttempt): string;
}

/** Makes the desk of one coordinator. */
export function createHistoryDesk(options: HistoryDeskOptions): OpenHistoryDesk {
  const { context, feed, journal, steps, iso = () => new Date().toISOString() } = options;
  const state = () => context.dispatcher.state();
  const nameOf = (attempt: KeptAttempt): string => nodeNameOf(attempt, options.nodeName);
  const view = (kept: KeptAttempt): AttemptView => {
    const { nodeName: _, details: __, ...attempt } = kept;
    return { ...attempt, node: nameOf(kept) };
  };

  const waitsAt: ConstructorParameters<typeof HistoryBook>[0] = (taskId, attempt) =>
    leasesOfTask(state().tasks.get(taskId)).some((lease) => lease.attempt === attempt && lease.startedAt === null);

  const follow = (book: HistoryBook, jobId: JobId, change: CoreChange): boolean => {
    if (change.kind === 'events') {
      const own = change.events.filter((event) => jobOfEvent(event) === jobId);
      for (const event of own) book.apply(event, change.iso);
      return own.length > 0;
    }
    const taskId = taskOf(change);
    if (taskId === undefined || jobOfTask(taskId) !== jobId) return false;
    for (const { attempt } of leasesOfTask(state().tasks.get(taskId))) {
      book.noteSteps(taskId, attempt, steps.of(taskId, attempt));
    }
    return true;
  };

  /** Follows the job from before the journal is read: nothing falls between. */
  const open = async (jobId: JobId): Promise<{ book: HistoryBook; changes: Changes }> => {
    if (!state().jobs.has(jobId)) throw new FarmError('NOT_FOUND', { message: `There is no job ${jobId}.` });
    const book = new HistoryBook(waitsAt);
    const changes = new Changes(feed, (change) => follow(book, jobId, change));
    try {
      for (const event of await journal.eventsOf(jobId)) book.apply(event);
    } catch (cause) {
      changes.stop();
      throw cause;
    }
    changes.catchUp();
    for (const { taskId, attempt } of book.attempts()) book.noteSteps(taskId, attempt, steps.of(taskId, attempt));
    return { book, changes };
  };

  const tellOf = (jobId: JobId, book: HistoryBook, told: readonly KeptAttempt[]): JobHistoryPatch => {
    const tasks = tasksOf(context, jobId);
    const stages = jobStages(tasks, book.attempts());
    return { jobId, now: iso(), stages, attempts: told.map(view), madeBytes: madeBytesOf(tasks) };
  };

  const historyOf = (jobId: JobId, book: HistoryBook): JobHistory => {
    const all = book.attempts();
    book.takeChanged();
    const request = state().jobs.get(jobId)?.request as JobRequest | undefined;
    return {
      ...tellOf(jobId, book, all.slice(-mostAttempts)),
      omitted: Math.max(0, all.length - mostAttempts),
      sourceBytes: request?.identity?.sizeBytes ?? null,
    };
  };

  const once = async (jobId: JobId): Promise<HistoryBook> => {
    const { book, changes } = await open(jobId);
    changes.stop();
    return book;
  };

  return {
    book: once,
    nameOf,
    attempts: async (jobId) => historyOf(jobId, await once(jobId)),
    async watchAttempts(jobId, listener) {
      const { book, changes } = await open(jobId);
      const history = historyOf(jobId, book);
      changes.onChange(() => {
        if (state().jobs.has(jobId)) listener(tellOf(jobId, book, book.takeChanged()));
      });
      return { history, stop: () => changes.stop() };
    },
  };
}

const taskOf = (change: CoreChange) =>
  change.kind === 'task-progress' || change.kind === 'house-progress' ? change.progress.taskId : undefined;

function tasksOf({ dispatcher }: Pick<CoreContext, 'dispatcher'>, jobId: JobId): TaskState[] {
  const { jobs, tasks } = dispatcher.state();
  return (jobs.get(jobId)?.taskIds ?? []).flatMap((taskId) => tasks.get(taskId) ?? []);
}

const madeBytesOf = (tasks: readonly TaskState[]): number =>
  tasks.reduce((sum, { phase }) => {
    if (phase.kind !== 'completed') return sum;
    return sum + phase.result.artifacts.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
  }, 0);

/** The feed of one job: held back until the journal is read, then told in its own pace. */
class Changes {
  readonly #unsubscribe: () => void;
  readonly #follow: (change: CoreChange) => boolean;
  #early: CoreChange[] | null = [];
  #tell: (() => void) | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(feed: CoreFeed, follow: (change: CoreChange) => boolean) {
    this.#follow = follow;
    this.#unsubscribe = feed.subscribe((change) => this.#take(change));
  }

  catchUp(): void {
    for (const change of this.#early ?? []) this.#follow(change);
    this.#early = null;
  }

  onChange(tell: () => void): void {
    this.#tell = tell;
  }

  stop(): void {
    this.#unsubscribe();
    this.#tell = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #take(change: CoreChange): void {
    if (this.#early !== null) {
      this.#early.push(change);
      return;
    }
    if (!this.#follow(change) || this.#tell === null || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#tell?.();
    }, timing.uiPatchIntervalMs);
    this.#timer.unref();
  }
}
