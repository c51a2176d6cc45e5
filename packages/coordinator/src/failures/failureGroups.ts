import { createHash } from 'node:crypto';
import type { DeadLetter, ErrorData, FailureGroup } from '@reelmill/protocol';
import type { JobRecord, SchedulerState } from '@reelmill/scheduler';
import type { JobRequest } from '../jobRecords.ts';

/** The message without what differs from case to case: quoted names, paths, hashes and numbers. */
export function fingerprint({ code, cause }: Pick<ErrorData, 'code' | 'cause'>): string {
  const shape = cause
    .replace(/"[^"]*"|'[^']*'|`[^`]*`/g, '·')
    .replace(/(?:[A-Za-z]:)?(?:[/\\][^\s/\\:,;]+)+/g, '·')
    .replace(/\b[0-9a-f]{8,}\b/gi, '·')
    .replace(/\d+(?:[.,]\d+)*/g, '·');
  return `${code}-${createHash('sha256').update(shape).digest('hex').slice(0, 8)}`;
}

/** Failed jobs that nobody gave up, by cause; the largest group first, the newest failure first in each. */
export function failureGroups(state: SchedulerState): FailureGroup[] {
  const groups = new Map<string, DeadLetter[]>();
  for (const job of state.jobs.values()) {
    const letter = deadLetter(state, job);
    if (letter === null) continue;
    const groupId = fingerprint(letter.error);
    groups.set(groupId, [...(groups.get(groupId) ?? []), letter]);
  }
  const newestFirst = (left: DeadLetter, right: DeadLetter): number =>
    (right.failedAt ?? '').localeCompare(left.failedAt ?? '');
  return [...groups]
    .map(([groupId, letters]) => ({ groupId, letters: letters.sort(newestFirst) }))
    .map(({ groupId, letters }) => ({ groupId, letters, error: (letters[0] as DeadLetter).error }))
    .sort((left, right) => right.letters.length - left.letters.length || (left.groupId < right.groupId ? -1 : 1));
}

function deadLetter(state: SchedulerState, job: JobRecord): DeadLetter | null {
  if (job.phase.kind !== 'failed' || job.givenUp === true || job.discarded !== undefined) return null;
  const task = job.phase.taskId === null ? undefined : state.tasks.get(job.phase.taskId);
  return {
    jobId: job.jobId,
    name: (job.request as JobRequest).name,
    task:
      task === undefined
        ? null
        : {
            taskId: task.plan.taskId,
            kind: task.plan.kind,
            rendition: task.plan.rendition,
            chunkIndex: task.plan.chunkIndex,
            attempts: task.attempts,
            failedOn: [...task.failedOn],
          },
    error: job.phase.error,
    failedAt: job.finishedAtIso,
  };
}

/** The dead letters that these ids of groups, jobs or tasks name. */
export function selectLetters(groups: readonly FailureGroup[], which: readonly string[]): DeadLetter[] {
  const wanted = new Set(which);
  return groups.flatMap(({ groupId, letters }) =>
    letters.filter(({ jobId, task }) => [groupId, jobId, task?.taskId ?? ''].some((id) => wanted.has(id))),
  );
}
