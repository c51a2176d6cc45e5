import type { JobId, JobView } from '@reelmill/protocol';
import { type MouseEvent, memo } from 'react';
import { isFinal } from '../../store/jobActions.ts';
import { extendSelection, selectOnly, toggleSelected } from '../../store/selection.ts';
import { openJobDetail, setView } from '../../store/viewStore.ts';
import { ChunkStrip } from '../../ui/ChunkStrip.tsx';
import { framesPerSecond, percent, speed, stopwatch, timeLeft } from '../../ui/format.ts';
import { HeldGlyph, heldColor, JobGlyph, stateColor } from '../../ui/Glyph.tsx';
import { GridCell, GridRow } from '../../ui/grid.tsx';
import { ProgressBar } from '../../ui/ProgressBar.tsx';
import { JobButtons } from '../job/JobButtons.tsx';
import { openJobMenu } from '../job/jobMenu.ts';
import { JobMarks } from './JobMarks.tsx';
import { causeText, isMeasuring, outputText, phaseBytesText, phaseText } from './jobTexts.ts';
import styles from './Queue.module.css';
import { shownJobs } from './shownJobs.ts';

export const stripWidth = 156;

function StateCell({ job }: { job: JobView }) {
  const held = job.held && !isFinal(job);
  const running = !isFinal(job) && job.elapsedSeconds !== null;
  const words = job.waiting === null ? phaseText(job) : 'waiting';
  const second = [words, running ? stopwatch(job.elapsedSeconds) : null].filter((text) => text !== null);
  return (
    <GridCell className={styles.state} title={job.waiting?.text}>
      {held ? <HeldGlyph /> : <JobGlyph state={job.state} />}
      <div>
        <p style={{ color: held ? heldColor : stateColor(job.state) }}>{held ? 'held' : job.state}</p>
        {second.length > 0 ? <p className={styles.second}>{second.join(' ')}</p> : null}
      </div>
    </GridCell>
  );
}

const notesText = ({ warnings }: JobView): string =>
  warnings.length > 0 ? ` · ${warnings.length} ${warnings.length === 1 ? 'note' : 'notes'}` : '';

/** An output of sound alone has no chunks to show. */
function SoundProgress({ job }: { job: JobView }) {
  return (
    <>
      <ProgressBar part={job.percent / 100} label="Sound" />
      <p className={styles.second}>sound alone{notesText(job)}</p>
    </>
  );
}

function ProgressCell({ job }: { job: JobView }) {
  if (job.chunks.length > 0) {
    return (
      <>
        <ChunkStrip chunks={job.chunks} width={stripWidth} height={14} />
        <p className={styles.second}>
          {job.plan === 'whole' ? 'whole file' : `${job.chunksDone} of ${job.chunksTotal} chunks`}
          {notesText(job)}
        </p>
      </>
    );
  }
  if (job.plan !== null) return <SoundProgress job={job} />;
  if (job.state !== 'preparing') return null;
  const part = job.phaseBytes && job.phaseBytes.total > 0 ? job.phaseBytes.done / job.phaseBytes.total : 0;
  return (
    <>
      <ProgressBar part={part} label="Preparing" />
      <p className={styles.second}>{phaseBytesText(job) ?? ''}</p>
    </>
  );
}

function FailureCell({ job, error }: { job: JobView; error: NonNullable<JobView['error']> }) {
  return (
    <GridCell aria-colspan={5} className={styles.failure} title={`${error.code}: ${error.cause} ${error.fix}`}>
      <p className={styles.cause}>{causeText(job, error)}</p>
      <p className={styles.fix}>{error.fix}</p>
    </GridCell>
  );
}

function Figures({ job }: { job: JobView }) {
  const running = job.state === 'encoding' || job.state === 'finishing' || job.state === 'preparing';
  return (
    <>
      <GridCell className={styles.chunks}>
        <ProgressCell job={job} />
      </GridCell>
      <GridCell className={styles.number} data-field="percent">
        {percent(job.percent, job.state === 'done')}
      </GridCell>
      <GridCell className={styles.number} data-field="fps">
        {framesPerSecond(running ? job.fps : 0)}
      </GridCell>
      <GridCell className={styles.number} data-field="speed">
        {speed(running ? job.speed : 0)}
      </GridCell>
      <GridCell className={styles.number} data-field="left">
        {isMeasuring(job) ? 'measuring…' : timeLeft(running ? job.eta : null)}
      </GridCell>
    </>
  );
}

interface QueueRowProps {
  readonly job: JobView;
  readonly index: number;
  readonly selected: boolean;
  /** The focused one: its buttons can be reached by Tab. */
  readonly lead: boolean;
  readonly top: number;
}

/** Ctrl or ⌘ adds a row to the selection, Shift all rows up to it. */
function pickRow(event: MouseEvent, jobId: JobId): void {
  if (event.shiftKey) extendSelection(jobId, shownJobs());
  else if (event.ctrlKey || event.metaKey) toggleSelected(jobId);
  else {
    selectOnly(jobId);
    setView({ inspectorOpen: true });
  }
}

/** One job: 40 px, fixed columns, so that live numbers move nothing. */
export const QueueRow = memo(function QueueRow({ job, index, selected, lead, top }: QueueRowProps) {
  return (
    <GridRow
      id={`row-${job.jobId}`}
      data-testid="job-row"
      data-state={job.state}
      data-held={job.held || undefined}
      className={styles.row}
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-lead={lead || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => pickRow(event, job.jobId)}
      onDoubleClick={() => openJobDetail(job.jobId)}
      onContextMenu={(event) => {
        event.preventDefault();
        if (!selected) selectOnly(job.jobId);
        openJobMenu(job.jobId, { x: event.clientX, y: event.clientY });
      }}
    >
      <StateCell job={job} />
      <GridCell className={styles.name}>
        <p className={styles.title} title={job.input} data-field="name">
          {job.name}
        </p>
        <div className={styles.below}>
          <JobMarks job={job} />
          <p className={styles.path} title={outputText(job)}>
            {/* Left-to-right marks: the path is cut at its start, where it says least. */}
            <bdi>{outputText(job)}</bdi>
          </p>
        </div>
      </GridCell>
      <GridCell className={styles.preset} title={job.presets.join(', ')}>
        {job.presets.join(', ')}
      </GridCell>
      {job.state === 'failed' && job.error ? <FailureCell job={job} error={job.error} /> : <Figures job={job} />}
      <GridCell className={styles.actions}>
        <JobButtons job={job} tabbable={lead} />
      </GridCell>
    </GridRow>
  );
});
