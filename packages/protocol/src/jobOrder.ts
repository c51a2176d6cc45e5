import { z } from 'zod';
import { JobId } from './ids.ts';
import { longestNameTemplate } from './naming.ts';

/** From first to last. `urgent` takes every slot as running chunks end; no running lease is revoked for it. */
export const JobPriority = z.enum(['urgent', 'high', 'normal', 'low']);
export type JobPriority = z.infer<typeof JobPriority>;

/** Who submitted a job: slots are shared fairly between submitters. */
export const Submitter = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u);
export const defaultSubmitter = 'owner';

export const QueueName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/);

/** A named queue as the coordinator's settings define it; slots are counted over the farm. */
export const QueueRule = z
  .strictObject({
    name: QueueName,
    /** Slots that other queues leave free, as long as one slot is left to them. */
    reserved: z.number().int().min(0).max(10_000).default(0),
    /** Most slots its jobs take at once; null: no limit. */
    cap: z.number().int().min(1).max(10_000).nullable().default(null),
    /** Of its jobs, unless they name their own. */
    priority: JobPriority.default('normal'),
  })
  .refine(({ reserved, cap }) => cap === null || reserved <= cap, 'reserved must not exceed cap');
export type QueueRule = z.infer<typeof QueueRule>;
export const QueueRules = z
  .array(QueueRule)
  .max(64)
  .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, 'a queue is named twice');

/** ISO 8601 with an offset, e.g. `2026-11-21T18:00:00Z`. */
export const Deadline = z.iso.datetime({ offset: true });

/** Where a job goes among the jobs of its priority. */
export const JobPosition = z.union([
  z.enum(['top', 'bottom']),
  z.strictObject({ before: JobId }),
  z.strictObject({ after: JobId }),
]);
export type JobPosition = z.infer<typeof JobPosition>;

const orderFields = {
  priority: JobPriority.optional(),
  /** A held job gets nothing new; what runs goes on to its end. */
  hold: z.boolean().optional(),
  deadline: Deadline.nullable().optional(),
  queue: QueueName.nullable().optional(),
  position: JobPosition.optional(),
};
const requestFields = {
  /** One preset, or several: all renditions of a source are one job. */
  preset: z.union([z.string(), z.array(z.string()).min(1).max(8)]).optional(),
  /** What its outputs are called, with tokens, without extension. */
  outputName: z.string().max(longestNameTemplate).optional(),
};
const saysSomething = (change: object): boolean => Object.values(change).some((value) => value !== undefined);

/** What of a job's place among the others can be changed; what is absent stays. */
export const JobOrderChange = z.strictObject(orderFields).refine(saysSomething, 'nothing to change');
export type JobOrderChange = z.infer<typeof JobOrderChange>;

/** What of its request can be changed while nothing of the job was given to a node; what is absent stays. */
export const JobRequestChange = z.strictObject(requestFields).refine(saysSomething, 'nothing to change');
export type JobRequestChange = z.infer<typeof JobRequestChange>;

/** Body of `PATCH /jobs/:id`. */
export const JobChange = z
  .strictObject({ ...orderFields, ...requestFields })
  .refine(saysSomething, 'nothing to change');
export type JobChange = z.infer<typeof JobChange>;

/** Body of `POST /farm/pause`: from now on, or after the end of a job; with `now` what runs is stopped and given back. */
export const PauseRequest = z
  .strictObject({ stopAfter: JobId.nullable().default(null), now: z.boolean().default(false) })
  .refine(({ stopAfter, now }) => stopAfter === null || !now, 'now and stopAfter exclude each other');
export type PauseRequest = z.infer<typeof PauseRequest>;

/** `at-risk`: by the estimate it may end after its deadline; `late`: the deadline is over and it has not ended by then. */
export const DeadlineRisk = z.enum(['none', 'at-risk', 'late']);
export type DeadlineRisk = z.infer<typeof DeadlineRisk>;

/** A named queue and its use now. */
export const QueueView = z.object({
  name: QueueName,
  reserved: z.number().int(),
  cap: z.number().int().nullable(),
  priority: JobPriority,
  /** Jobs in it that have not ended. */
  jobs: z.number().int(),
  busySlots: z.number().int(),
});
export type QueueView = z.infer<typeof QueueView>;
