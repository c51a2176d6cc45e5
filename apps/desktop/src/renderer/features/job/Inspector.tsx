import {
  apiPrefix,
  defaultSubmitter,
  errorTable,
  type JobView,
  type OutputView,
  type PackageView,
  type SourceReport,
} from '@reelmill/protocol';
import type { ReactNode } from 'react';
import { useFarm } from '../../store/farmStore.ts';
import { canRetry, isFinal, removeJob, retryJob } from '../../store/jobActions.ts';
import { setView, useViewStore } from '../../store/viewStore.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Facts } from '../../ui/Facts.tsx';
import {
  bytes,
  clockLength,
  dayAndTime,
  framesPerSecond,
  percent,
  speed,
  stopwatch,
  timeLeft,
  unknown,
  wholeNumber,
} from '../../ui/format.ts';
import { JobGlyph, stateColor } from '../../ui/Glyph.tsx';
import { isMeasuring, outputText, phaseBytesText, phaseText } from '../queue/jobTexts.ts';
import { ChunkMap } from './ChunkMap.tsx';
import styles from './Inspector.module.css';
import { revealOutput, revealPath } from './JobButtons.tsx';
import { requestCancel } from './lossDialog.ts';
import { PlanFacts } from './PlanFacts.tsx';

const mapWidth = 276;

function Heading({ job }: { job: JobView }) {
  const phase = phaseText(job);
  return (
    <div className={styles.heading}>
      <div>
        <h2 title={job.input}>{job.name}</h2>
        <p className={styles.state}>
          <JobGlyph state={job.state} />
          <span style={{ color: stateColor(job.state) }}>{job.state}</span>
          {phase ? <span>{phase}</span> : null}
          {job.state === 'failed' || job.state === 'canceled' ? null : (
            <span>{percent(job.percent, job.state === 'done')} %</span>
          )}
        </p>
      </div>
      <IconButton icon="cancel" label="Close details (Esc)" onClick={() => setView({ inspectorOpen: false })} />
    </div>
  );
}

function Failure({ error }: { error: NonNullable<JobView['error']> }) {
  const log = typeof error.details.log === 'string' ? error.details.log : null;
  return (
    <section className={styles.failure} aria-label="Failure">
      <p className={styles.cause}>{error.cause}</p>
      <p>{error.fix}</p>
      <p className={styles.code}>{error.code}</p>
      {log ? <pre className={styles.log}>{log}</pre> : null}
    </section>
  );
}

/** A browser may be far from the output folder: there a file is one click away. */
function DownloadLink({ jobId, output }: { jobId: string; output: OutputView }) {
  const isFile = /\.[a-z0-9]{2,4}$/.test(output.path);
  if (window.farmHost || !isFile) return null;
  return (
    <a href={`${apiPrefix}/jobs/${jobId}/outputs/${output.rendition}`} download>
      Download
    </a>
  );
}

function Output({ jobId, output }: { jobId: string; output: OutputView }) {
  return (
    <li>
      <p className={styles.path}>{output.path}</p>
      <Facts
        rows={[
          ['Frames', output.frames === 0 ? 'none: sound alone' : wholeNumber(output.frames)],
          ['Size', bytes(output.sizeBytes)],
          ['SHA-256', <code key="sha">{output.sha256.slice(0, 16)}…</code>],
        ]}
      />
      <DownloadLink jobId={jobId} output={output} />
    </li>
  );
}

const packageKinds: Readonly<Record<PackageView['kind'], string>> = {
  hls: 'HLS',
  dash: 'DASH',
  'hls-dash': 'HLS and DASH',
};

function Package({ of }: { of: PackageView }) {
  return (
    <li>
      <p className={styles.path}>{of.path}</p>
      <Facts
        rows={[
          ['Package', packageKinds[of.kind]],
          ['Size', bytes(of.sizeBytes)],
          ['SHA-256', <code key="sha">{of.sha256.slice(0, 16)}…</code>],
        ]}
      />
      <Button icon={window.farmHost ? 'folder' : 'copy'} onClick={() => revealPath(of.path)}>
        {window.farmHost ? 'Reveal package' : 'Copy path of package'}
      </Button>
    </li>
  );
}

/** Warnings are codes of the error table; the table's sentence is shown, the code stays beside it. */
function Warnings({ codes }: { codes: readonly string[] }) {
  const sentence = (code: string) => (code in errorTable ? errorTable[code as keyof typeof errorTable].cause : null);
  return (
    <section aria-label="Notes">
      <h3>Notes</h3>
      <ul className={styles.notes}>
        {codes.map((code) => (
          <li key={code}>
            {sentence(code) ?? code} {sentence(code) ? <span className={styles.code}>{code}</span> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Numbers({ job }: { job: JobView }) {
  const running = !isFinal(job);
  const meanFps = job.state === 'done' && job.elapsedSeconds ? (job.sourceFrames ?? 0) / job.elapsedSeconds : 0;
  const rows: [string, ReactNode][] = [
    [job.presets.length === 1 ? 'Preset' : 'Presets', job.presets.join(', ')],
    [
      'Length',
      job.sourceFrames === null
        ? clockLength(job.durationSeconds)
        : `${clockLength(job.durationSeconds)} · ${wholeNumber(job.sourceFrames)} frames`,
    ],
    running
      ? ['Speed', `${framesPerSecond(job.fps)} fps · ${speed(job.speed)}`]
      : ['Mean', meanFps > 0 ? `${framesPerSecond(meanFps)} fps` : unknown],
    ['Worked', stopwatch(job.elapsedSeconds)],
    ['Attempts', wholeNumber(job.attempts)],
    ['Nodes', job.nodes.join(', ') || unknown],
    ['Plan', planText(job)],
    ['Check', job.plan === null ? unknown : job.verify === 'full' ? 'full decode' : 'every seam'],
  ];
  if (running) rows.splice(3, 0, ['Left', isMeasuring(job) ? 'measuring…' : timeLeft(job.eta)]);
  rows.push(...orderRows(job));
  if (job.outputs.length === 0) {
    rows.push([
      'Output',
      <span key="output" className={styles.path}>
        {outputText(job)}
      </span>,
    ]);
  }
  // What an ended job never came to is left out; what a running one does not know yet keeps its place.
  return <Facts rows={running ? rows : rows.filter(([, value]) => value !== unknown)} />;
}

/** Its place among the others, as far as it differs from that of every job. */
function orderRows(job: JobView): [string, ReactNode][] {
  const rows: [string, ReactNode][] = [];
  if (!isFinal(job)) rows.push(['Priority', job.priority]);
  if (job.queue !== null) rows.push(['Queue', job.queue]);
  if (job.submitter !== defaultSubmitter) rows.push(['Submitter', job.submitter]);
  if (job.deadline !== null) rows.push(['Deadline', deadlineText(job.deadline, job.deadlineRisk)]);
  if (job.chunksKeptUntil) rows.push(['Chunks kept until', dayAndTime(job.chunksKeptUntil)]);
  return rows;
}

const deadlineText = (deadline: string, risk: JobView['deadlineRisk']): string =>
  `${dayAndTime(deadline)}${risk === 'none' ? '' : risk === 'late' ? ', late' : ', at risk'}`;

const planTitle = (job: JobView, { preset }: SourceReport): string =>
  job.presets.length === 1 ? 'Plan' : `Plan of ${preset}`;

function planText(job: JobView): string {
  if (job.plan === null) return unknown;
  if (job.plan === 'whole') return `whole file: ${job.wholeReason ?? 'it cannot be cut safely'}`;
  return `${job.chunksTotal} chunks, ${job.threads ?? 1} ${job.threads === 1 || job.threads === null ? 'thread' : 'threads'} each`;
}

function Actions({ job }: { job: JobView }) {
  return (
    <div className={styles.actions}>
      {job.state === 'done' ? (
        <Button primary icon={window.farmHost ? 'folder' : 'copy'} onClick={() => revealOutput(job)}>
          {window.farmHost ? 'Reveal' : 'Copy path'}
        </Button>
      ) : null}
      {canRetry(job) ? (
        <Button primary icon="retry" onClick={() => retryJob(job.jobId)}>
          Retry
        </Button>
      ) : null}
      {isFinal(job) ? (
        <Button onClick={() => removeJob(job.jobId)}>Remove</Button>
      ) : (
        <Button onClick={() => requestCancel(job)}>Cancel</Button>
      )}
    </div>
  );
}

/** Everything about the selected job, beside the queue; without its map beside the detail, which has a larger one. */
export function Inspector({ map = true }: { map?: boolean }) {
  const selected = useViewStore((view) => view.selectedJob);
  const open = useViewStore((view) => view.inspectorOpen && view.screen === 'queue');
  const job = useFarm((farm) => farm.jobs.find((candidate) => candidate.jobId === selected) ?? null, null);
  if (!open || !job) return null;
  const bytesText = phaseBytesText(job);
  return (
    <aside className={styles.inspector} aria-label={`Details of ${job.name}`} data-testid="inspector">
      <Heading job={job} />
      <div className={styles.body}>
        {job.error ? <Failure error={job.error} /> : null}
        {map && job.chunks.length > 0 ? <ChunkMap chunks={job.chunks} width={mapWidth} /> : null}
        {bytesText ? <p className={styles.chunkLine}>{bytesText}</p> : null}
        {job.waiting ? <p className={styles.chunkLine}>Waiting: {job.waiting.text}.</p> : null}
        <Actions job={job} />
        <Numbers job={job} />
        {job.reports.map((report) => (
          <PlanFacts key={report.preset} report={report} title={planTitle(job, report)} />
        ))}
        {job.warnings.length > 0 ? <Warnings codes={job.warnings} /> : null}
        {job.outputs.length > 0 ? (
          <section aria-label="Outputs">
            <h3>Outputs</h3>
            <ul>
              {job.outputs.map((output) => (
                <Output key={output.path} jobId={job.jobId} output={output} />
              ))}
              {job.package ? <Package of={job.package} /> : null}
            </ul>
          </section>
        ) : null}
      </div>
    </aside>
  );
}
