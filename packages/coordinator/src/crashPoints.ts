import { FarmError } from '@reelmill/protocol';
import type { DurableEvent } from '@reelmill/scheduler';

/**
 * Places on a job's way at which the coordinator can be told to die, for the fault suite (docs/chaos.md). Those of a
 * journal event have `before` (decided, not yet on its way to the disk) and `after` (durable, nothing of it done yet);
 * the others lie before and after the step itself.
 */
export const crashPointNames = [
  /** The submission reached the intake; everything about it is checked. */
  'received',
  /** Its job is in the journal. */
  'journaled',
  /** It is answered. */
  'acked',
  /** The source was probed. */
  'probed',
  /** The plan is in the journal. */
  'planned',
  /** A task was granted to a node. */
  'leased',
  /** The node was offered the task; it took it. */
  'dispatched',
  /** A node says that it is done; the verdict is known. */
  'done-received',
  /** What the node says it made is compared with the plan. */
  'verifying',
  /** It is put in its place among the accepted parts. */
  'verified',
  /** It counts. */
  'committed',
  /** The join was granted. */
  'joining',
  /** The join was proven. */
  'joined',
  /** The output's name is in the journal, no file has it yet. */
  'announced',
  /** The certificate stands beside the output. */
  'proof-written',
  /** The output is published. */
  'published',
  /** What the job left behind is gone. */
  'scratch-removed',
] as const;
export type CrashPointName = (typeof crashPointNames)[number];
export type CrashMoment = 'before' | 'after';

interface CrashPlan {
  readonly name: CrashPointName;
  readonly passage: number;
  readonly moment: CrashMoment;
}

/**
 * Reads `NAME`, `NAME:N` or `NAME:N:before|after`: die at the N-th passage (default 1), before it (default) or after.
 * Throws USAGE for anything else.
 */
export function parseCrashPlan(text: string): CrashPlan {
  const [name = '', passage = '1', moment = 'before', ...rest] = text.split(':');
  const known = crashPointNames.find((one) => one === name);
  const isMoment = moment === 'before' || moment === 'after';
  if (known === undefined || !/^[1-9]\d{0,6}$/.test(passage) || !isMoment || rest.length > 0) {
    throw new FarmError('USAGE', {
      message: `REELMILL_CRASH_AT reads NAME:N:before|after, with one of ${crashPointNames.join(', ')}; not ${text}.`,
    });
  }
  return { name: known, passage: Number(passage), moment };
}

/** Counts passages and dies at the planned one. A process that took no submission yet counts nothing: a restart works off first. */
function armed(plan: CrashPlan): (name: CrashPointName, moment: CrashMoment) => void {
  let counts = false;
  let passages = 0;
  return (name, moment) => {
    counts ||= name === 'received';
    if (!counts || name !== plan.name || moment !== plan.moment) return;
    passages += 1;
    if (passages === plan.passage) process.kill(process.pid, 'SIGKILL');
  };
}

const planned = process.env.REELMILL_CRASH_AT;

/** The work passes this place; ends the process where `REELMILL_CRASH_AT` says so, else does nothing. */
export const crashPoint: (name: CrashPointName, moment: CrashMoment) => void =
  planned === undefined ? () => {} : armed(parseCrashPlan(planned));

/** The events of one commit pass, all before it or all after it. */
export const journalCrashPoints: (events: readonly DurableEvent[], moment: CrashMoment) => void =
  planned === undefined
    ? () => {}
    : (events, moment) => {
        for (const event of events) {
          const name = crashPointOf(event);
          if (name !== null) crashPoint(name, moment);
        }
      };

const kindOf = (taskId: string): string => taskId.slice(taskId.lastIndexOf('/') + 1).replace(/-\d+$/, '');
const isJoin = (taskId: string): boolean => ['assemble', 'join'].includes(kindOf(taskId));
const isChunk = (taskId: string): boolean => ['encode', 'shared', 'extract'].includes(kindOf(taskId));

/** The place in the data flow where that event is written; null: none of the named ones. */
export function crashPointOf(event: DurableEvent): CrashPointName | null {
  switch (event.type) {
    case 'job-submitted':
      return 'journaled';
    case 'job-planned':
      return 'planned';
    case 'lease-granted':
      if (isJoin(event.taskId)) return 'joining';
      return isChunk(event.taskId) ? 'leased' : null;
    case 'task-completed':
      if (isChunk(event.taskId)) return 'committed';
      if (isJoin(event.taskId)) return 'joined';
      return kindOf(event.taskId) === 'probe' ? 'probed' : null;
    case 'output-noted':
      return event.output.state === 'publishing' ? 'announced' : 'published';
    default:
      return null;
  }
}
