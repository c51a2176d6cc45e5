import { type AttemptLog, type AttemptView, attemptsOfChunk, type JobView, type LogRequest } from '@reelmill/protocol';
import { useEffect, useState } from 'react';
import { readLog, useJobHistory } from '../../../store/jobHistory.ts';
import { type PickedAttempt, useDetailView } from './detailView.ts';
import { isFault } from './timelineLayout.ts';

export type LogReading =
  | { readonly kind: 'reading' }
  | { readonly kind: 'read'; readonly log: AttemptLog }
  | { readonly kind: 'refused'; readonly cause: string };

const none: readonly AttemptView[] = [];

/** Whose log is meant: what was picked, else the open chunk's last attempt, else the last that failed, else the last. */
export function useLogRequest(job: JobView): LogRequest | null {
  const attempts = useJobHistory((state) => state.history?.attempts ?? none);
  const picked = useDetailView((view) => view.picked);
  const open = useDetailView((view) => view.chunk);
  const chunk = open === null ? undefined : job.chunks[open];
  if (picked !== null) return requestOf(job, picked);
  if (chunk !== undefined) {
    const last = attemptsOfChunk(attempts, chunk).at(-1);
    return last === undefined ? { jobId: job.jobId, chunk: chunk.index } : requestOf(job, last);
  }
  const encodes = attempts.filter(({ nodeId }) => nodeId !== 'house');
  const last = attempts.filter(isFault).at(-1) ?? encodes.at(-1);
  if (last !== undefined) return requestOf(job, last);
  return job.chunks.length > 0 ? { jobId: job.jobId, chunk: 0 } : null;
}

const requestOf = ({ jobId }: JobView, { taskId, attempt }: PickedAttempt): LogRequest => ({ jobId, taskId, attempt });

/** Fetched when it is looked at, and again on demand; never followed by itself. */
export function useAttemptLog(request: LogRequest | null): { reading: LogReading; again(): void } {
  const [reading, setReading] = useState<LogReading>({ kind: 'reading' });
  const [turn, setTurn] = useState(0);
  const wanted = JSON.stringify(request);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asking again reads the same request anew
  useEffect(() => {
    const about = JSON.parse(wanted) as LogRequest | null;
    let left = false;
    if (about === null) return;
    setReading({ kind: 'reading' });
    readLog(about).then(
      (log) => left || setReading({ kind: 'read', log }),
      (cause: unknown) =>
        left || setReading({ kind: 'refused', cause: cause instanceof Error ? cause.message : String(cause) }),
    );
    return () => {
      left = true;
    };
  }, [wanted, turn]);
  return { reading, again: () => setTurn((before) => before + 1) };
}
