import { defaultSubmitter, type JobId, type JobPosition, JobPriority } from '@reelmill/protocol';

/** A job's place among the others. */
export interface JobOrder {
  readonly priority: JobPriority;
  /** Slots are shared between submitters of one priority by what each received. */
  readonly submitter: string;
  /** Named queue whose cap and reserved slots count for the job; null: none. */
  readonly queue: string | null;
  /** Gets nothing new. */
  readonly held: boolean;
  /** Among jobs of one priority the lower comes first; by default the order of submission. */
  readonly rank: number;
  /** ISO 8601, for people: decisions never read it. */
  readonly deadlineIso: string | null;
}

/** What a submission may say of it; the rest is `defaultOrder`. */
export type SubmittedOrder = Partial<Omit<JobOrder, 'rank'>>;
export type OrderChange = Partial<Omit<JobOrder, 'rank' | 'submitter'>> & { readonly position?: JobPosition };

/** Whether work is started at all. */
export interface Gate {
  /** Nothing new starts, at no place. */
  readonly paused: boolean;
  /** Jobs behind this one get nothing new; the farm is paused when it ends. */
  readonly stopAfter: JobId | null;
}

export const defaultOrder: Omit<JobOrder, 'rank'> = {
  priority: 'normal',
  submitter: defaultSubmitter,
  queue: null,
  held: false,
  deadlineIso: null,
};

/** What of a job the order looks at. */
export interface Ranked {
  readonly sequence: number;
  readonly order: Pick<JobOrder, 'priority' | 'rank'>;
}

/** 0 for the priority that goes first. */
export const levelOf = (priority: JobPriority): number => JobPriority.options.indexOf(priority);

/** Order of two jobs of one priority. */
export const compareRanks = (left: Ranked, right: Ranked): number =>
  left.order.rank - right.order.rank || left.sequence - right.sequence;

/** Queue order as people see it: by priority, then by rank. */
export const compareJobs = (left: Ranked, right: Ranked): number =>
  levelOf(left.order.priority) - levelOf(right.order.priority) || compareRanks(left, right);
