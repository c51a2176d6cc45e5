import { type AttemptView, attemptsOfChunk, type ChunkView, type JobView } from '@reelmill/protocol';
import { type KeyboardEvent, useEffect, useMemo, useRef } from 'react';
import { farmNowMs, useJobHistory } from '../../../store/jobHistory.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { Facts } from '../../../ui/Facts.tsx';
import { framesPerSecond, percent, timeOfDay, unknown } from '../../../ui/format.ts';
import { useTick } from '../../../ui/useTick.ts';
import styles from '../Inspector.module.css';
import own from './ChunkInspector.module.css';
import { startOf, timeRange, tookText, tryNumber } from './chunkTexts.ts';
import { closeChunk, type DetailTab, setDetail } from './detailView.ts';
import { isFault } from './timelineLayout.ts';

const noAttempts: readonly AttemptView[] = [];
/** Attempts that may end by the chunk's own fault. */
const budgetText = 'of 3';

function Attempt({ attempt, nowMs }: { attempt: AttemptView; nowMs: number }) {
  const { node, state, reason, error, endedAt } = attempt;
  const show = (tab: DetailTab) => setDetail({ tab, picked: { taskId: attempt.taskId, attempt: attempt.attempt } });
  return (
    <li className={own.attempt} data-fault={isFault(attempt) || undefined} data-testid="chunk-attempt">
      <p className={own.head}>
        <b>try {attempt.attempt}</b>
        <span className={own.node}>{node}</span>
        <span className={own.state}>{state}</span>
      </p>
      <p className={own.times}>
        {timeOfDay(startOf(attempt))}–{endedAt === null ? 'now' : timeOfDay(endedAt)} · {tookText(attempt, nowMs)}
      </p>
      {error === null ? null : (
        <p className={own.cause}>
          {error.cause} <code>{error.code}</code>
        </p>
      )}
      {error === null && reason !== null ? <p className={own.cause}>{reason}</p> : null}
      <div className={own.buttons}>
        <Button aria-label={`Log of try ${attempt.attempt}`} onClick={() => show('log')}>
          Log
        </Button>
        <Button aria-label={`Command of try ${attempt.attempt}`} onClick={() => show('command')}>
          Command
        </Button>
      </div>
    </li>
  );
}

/** Attempts at a chunk so far, and which of how many runs. */
function Attempts({ attempts }: { attempts: readonly AttemptView[] }) {
  useTick(attempts.some(({ endedAt }) => endedAt === null));
  const nowMs = farmNowMs(useJobHistory.getState());
  if (attempts.length === 0) return <p className={styles.chunkLine}>No node has begun it.</p>;
  return (
    <ol className={own.attempts} aria-label="Attempts">
      {[...attempts].reverse().map((attempt) => (
        <Attempt key={attempt.attempt} attempt={attempt} nowMs={nowMs} />
      ))}
    </ol>
  );
}

/** One chunk of the open job: where it lies, how it is, and every attempt at it. Escape leads back to the map. */
export function ChunkInspector({ job, chunk }: { job: JobView; chunk: ChunkView }) {
  const history = useJobHistory((state) => state.history);
  const attempts = useMemo(() => attemptsOfChunk(history?.attempts ?? noAttempts, chunk), [history, chunk]);
  const panel = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another chunk takes the focus anew
  useEffect(() => panel.current?.focus(), [chunk.index]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    closeChunk();
  };
  const charged = attempts.filter(({ state }) => state === 'failed' || state === 'rejected').length;
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      className={`${styles.inspector} ${own.panel}`}
      aria-label={`Chunk ${chunk.index + 1} of ${job.chunks.length}`}
      data-testid="chunk-inspector"
      onKeyDown={onKeyDown}
    >
      <div className={styles.heading}>
        <div>
          <h2>
            Chunk {chunk.index + 1} of {job.chunks.length}
          </h2>
          <p className={own.range}>{timeRange(job, chunk)}</p>
        </div>
        <IconButton icon="cancel" label="Close chunk (Esc)" onClick={closeChunk} />
      </div>
      <div className={styles.body}>
        <Facts
          rows={[
            ['State', chunk.state === 'encoding' ? `encoding ${percent(chunk.percent, false)} %` : chunk.state],
            ['Try', chunk.attempt === 0 ? unknown : String(tryNumber(chunk))],
            ['Failures', charged === 0 ? 'none' : `${charged} ${budgetText}`],
            ['Node', chunk.node ?? unknown],
            ['fps', framesPerSecond(chunk.fps)],
            ['Frames', `${chunk.firstFrame}–${chunk.endFrame - 1}`],
            ['Rendition', chunk.rendition],
          ]}
        />
        <section aria-label="Attempts">
          <h3>Attempts</h3>
          <Attempts attempts={attempts} />
        </section>
        {attempts.length === 0 ? (
          <Button onClick={() => setDetail({ tab: 'command', picked: null })}>Command</Button>
        ) : null}
      </div>
    </aside>
  );
}
