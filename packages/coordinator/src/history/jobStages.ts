import type { AttemptStep, StageName, StageView, TaskKind } from '@reelmill/protocol';
import type { TaskState } from '@reelmill/scheduler';
import type { KeptAttempt } from './historyBook.ts';

interface Span {
  readonly from: string;
  readonly until: string | null;
}

interface StageRule {
  readonly stage: StageName;
  readonly kinds: readonly TaskKind[];
  /** The step of their attempts that counts; null: the whole attempt. */
  readonly step: AttemptStep | null;
  /** Counted once this step has ended; else once the task is completed. */
  readonly doneAfterStep?: true;
  /** Left out where no attempt has that step. */
  readonly optional?: true;
}

const encodes = ['encode', 'extract'] as const;

/** In the order of a file's way; `hash` and `sound` run beside `encode`. */
const rules: readonly StageRule[] = [
  { stage: 'fetch', kinds: [...encodes, 'audio'], step: 'fetch', doneAfterStep: true, optional: true },
  { stage: 'probe', kinds: ['probe'], step: 'probe', doneAfterStep: true },
  { stage: 'index', kinds: ['probe'], step: 'index' },
  { stage: 'hash', kinds: ['hash'], step: null },
  { stage: 'encode', kinds: encodes, step: 'encode', doneAfterStep: true },
  { stage: 'sound', kinds: ['audio'], step: null },
  { stage: 'upload', kinds: [...encodes, 'audio'], step: 'upload' },
  { stage: 'join', kinds: ['assemble'], step: 'join', doneAfterStep: true },
  { stage: 'join', kinds: ['join'], step: 'encode', doneAfterStep: true },
  { stage: 'check', kinds: ['assemble'], step: 'verify' },
  { stage: 'publish', kinds: ['publish'], step: null },
  { stage: 'package', kinds: ['package'], step: null },
];

const isCompleted = (task: TaskState): boolean => task.phase.kind === 'completed';

/** When a step of an attempt began and ended; undefined where it never began. */
function spanOf(attempt: KeptAttempt, step: AttemptStep | null): Span | undefined {
  if (step === null)
    return attempt.grantedAt === null ? undefined : { from: attempt.grantedAt, until: attempt.endedAt };
  const at = attempt.steps.findIndex((one) => one.step === step);
  const begun = attempt.steps[at];
  if (begun === undefined) return undefined;
  const next = attempt.steps.slice(at).find((one) => one.step !== step);
  return { from: begun.at, until: next?.at ?? attempt.endedAt };
}

const earliest = (times: readonly string[]): string | null =>
  times.reduce<string | null>((a, b) => (a === null || b < a ? b : a), null);
const latest = (times: readonly string[]): string | null =>
  times.reduce<string | null>((a, b) => (a === null || b > a ? b : a), null);

/** How far the tasks of a job are, stage by stage, with the times of its attempts. */
export function jobStages(tasks: readonly TaskState[], attempts: readonly KeptAttempt[]): StageView[] {
  const byTask = Map.groupBy(attempts, ({ taskId }) => taskId);
  const stages = rules.flatMap((rule) => stageOf(rule, tasks, byTask) ?? []);
  const upload = stages.findIndex(({ stage }) => stage === 'upload');
  if (upload >= 0) stages.splice(upload + 1, 0, verification(stages[upload] as StageView, tasks, attempts));
  return stages;
}

function stageOf(
  { stage, kinds, step, doneAfterStep, optional }: StageRule,
  tasks: readonly TaskState[],
  byTask: ReadonlyMap<string, readonly KeptAttempt[]>,
): StageView | null {
  const own = tasks.filter(({ plan }) => kinds.includes(plan.kind));
  const spans = own.flatMap(({ plan }) =>
    (byTask.get(plan.taskId) ?? []).flatMap((attempt) => spanOf(attempt, step) ?? []),
  );
  if (own.length === 0 || (optional === true && spans.length === 0)) return null;
  const passed = (task: TaskState): boolean => {
    if (isCompleted(task)) return true;
    const last = byTask.get(task.plan.taskId)?.at(-1);
    return doneAfterStep === true && last?.endedAt === null && (spanOf(last, step)?.until ?? null) !== null;
  };
  const total = optional === true ? spans.length : own.length;
  const done = optional === true ? spans.filter(({ until }) => until !== null).length : own.filter(passed).length;
  const running = spans.some(({ until }) => until === null);
  const failed = own.some(({ phase }) => phase.kind === 'failed');
  const state = done >= total ? 'done' : running ? 'running' : failed ? 'failed' : 'waiting';
  const ends = spans.flatMap(({ until }) => until ?? []);
  const times = { startedAt: earliest(spans.map(({ from }) => from)), endedAt: state === 'done' ? latest(ends) : null };
  return { stage, state: state === 'waiting' && done > 0 ? 'running' : state, done, total, ...times };
}

/** Results are examined as they arrive: the stage is as far as results are accepted. */
function verification(upload: StageView, tasks: readonly TaskState[], attempts: readonly KeptAttempt[]): StageView {
  const uploaded = new Set<TaskKind>([...encodes, 'audio']);
  const done = tasks.filter((task) => uploaded.has(task.plan.kind) && isCompleted(task)).length;
  const accepted = attempts.filter(({ kind, state }) => uploaded.has(kind) && state === 'completed');
  const ends = accepted.flatMap(({ endedAt }) => endedAt ?? []);
  return {
    ...upload,
    stage: 'verify',
    done,
    startedAt: earliest(ends),
    endedAt: upload.state === 'done' ? latest(ends) : null,
    state: upload.state === 'done' ? 'done' : upload.state === 'failed' ? 'failed' : done > 0 ? 'running' : 'waiting',
  };
}
