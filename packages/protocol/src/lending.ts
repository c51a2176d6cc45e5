import { z } from 'zod';
import { assertNever } from './assertNever.ts';
import { parseSchedule, ScheduleError } from './schedule.ts';

/** What becomes of running tasks when a node closes: they end first, or they are stopped at once and given back. */
export const PauseMode = z.enum(['after-chunk', 'now']);
export type PauseMode = z.infer<typeof PauseMode>;

const Person = z.string().min(1).max(64);

/** The farm's order to a node: it takes nothing new before it is resumed. */
export const NodePause = z.object({ mode: PauseMode, by: Person, since: z.string() });
export type NodePause = z.infer<typeof NodePause>;

/** Longest text of a schedule. */
const longestSchedule = 500;

/** The hours in which the farm uses a node, by the clock of its machine; told to its agent, which keeps them. */
export const NodeHours = z.object({ schedule: z.string().max(longestSchedule), by: Person, since: z.string() });
export type NodeHours = z.infer<typeof NodeHours>;

/** As people write it, checked and put in order. */
export const ScheduleText = z
  .string()
  .max(longestSchedule)
  .transform((text, context) => {
    try {
      return parseSchedule(text).text;
    } catch (cause) {
      if (!(cause instanceof ScheduleError)) throw cause;
      context.addIssue({ code: 'custom', message: cause.message });
      return z.NEVER;
    }
  });

/** Body of `POST /nodes/:id/schedule`. */
export const ScheduleNodeRequest = z.strictObject({
  /** `mon-fri 19:00-07:00, sat-sun 00:00-24:00`; null: at all hours. */
  schedule: ScheduleText.nullable(),
  /** Who asks, shown to others. */
  by: Person.default('owner'),
});
export type ScheduleNodeRequest = z.infer<typeof ScheduleNodeRequest>;

/** `paused`: at the machine itself. `outside-hours`: of its schedule. `in-use`: someone works at it. */
export const ClosureReason = z.enum(['paused', 'outside-hours', 'in-use']);

/** Why a node, by what its own machine says, takes nothing new. */
export const NodeClosure = z.object({
  reason: ClosureReason,
  /** Who paused it there, or set the hours at the farm that it is outside of; null for the other reasons. */
  by: Person.nullable(),
  since: z.string(),
  /** When its hours begin, if that is what it waits for. */
  until: z.string().nullable(),
});
export type NodeClosure = z.infer<typeof NodeClosure>;

/** How long it took, the last time, from the request to stop until no encoder ran any more. */
export const CpuBack = z.object({
  milliseconds: z.number().nonnegative(),
  /** Attempts that were stopped. */
  attempts: z.number().int().nonnegative(),
  at: z.string(),
});
export type CpuBack = z.infer<typeof CpuBack>;

export const EaseOff = z.enum(['off', 'load', 'idle']);
export type EaseOff = z.infer<typeof EaseOff>;

/** How a machine is lent, as its agent was told. */
export const LendingTerms = z.object({
  /** As written: `mon-fri 19:00-07:00`; null: at all hours. */
  schedule: z.string().max(longestSchedule).nullable(),
  easeOff: EaseOff,
  /** Most of all its processors together; null: no limit. */
  cpuLimitPercent: z.number().positive().max(100).nullable(),
});
export type LendingTerms = z.infer<typeof LendingTerms>;

/** Body of `POST /nodes/:id/pause`. */
export const PauseNodeRequest = z.strictObject({
  /** Encoders are stopped at once, their tasks go to other nodes; else what runs ends first. */
  now: z.boolean().default(false),
  /** Who asks, shown to others. */
  by: Person.default('owner'),
});
export type PauseNodeRequest = z.infer<typeof PauseNodeRequest>;

interface Ordered {
  readonly pause: NodePause | null;
  readonly closure: NodeClosure | null;
  /** Hours that the farm set, and whether the node follows them already. */
  readonly hours?: { readonly followed: boolean } | null;
  readonly diskLow?: boolean | undefined;
}

const modeWords: Record<PauseMode, string> = { 'after-chunk': 'after its chunks', now: 'at once' };

/** Why a node takes nothing new, as one sentence for people; null: it does. */
export function nodeRemark({ pause, closure, hours = null, diskLow = false }: Ordered): string | null {
  const remarks = [
    pause && `paused ${modeWords[pause.mode]} by ${pause.by}`,
    closure && closureText(closure),
    hours?.followed === false ? 'it has not confirmed the hours that the farm set' : null,
    diskLow ? 'disk almost full: takes nothing new' : null,
  ].filter((remark) => remark !== null);
  return remarks.length === 0 ? null : remarks.join('; ');
}

function closureText({ reason, by, until }: NodeClosure): string {
  switch (reason) {
    case 'paused':
      return `paused at the machine itself by ${by ?? 'someone'}`;
    case 'outside-hours':
      return `outside ${by === null ? 'its hours' : `the hours that ${by} set`}${until === null ? '' : `, which begin at ${until}`}`;
    case 'in-use':
      return 'in use by someone';
    default:
      return assertNever(reason);
  }
}
