import type { StageName, StageView } from '@reelmill/protocol';
import { farmNowMs, useJobHistory } from '../../../store/jobHistory.ts';
import { stopwatch, timeOfDay } from '../../../ui/format.ts';
import { useTick } from '../../../ui/useTick.ts';
import styles from './StageDag.module.css';

const titles: Record<StageName, string> = {
  fetch: 'Fetch',
  probe: 'Probe',
  index: 'Index',
  hash: 'Hash',
  encode: 'Encode',
  sound: 'Sound',
  upload: 'Upload',
  verify: 'Verify',
  join: 'Join',
  check: 'Check',
  publish: 'Publish',
  package: 'Package',
};

/** Columns of the way; what stands in one column goes on at the same time. */
const columns: readonly (readonly StageName[])[] = [
  ['probe'],
  ['index'],
  ['fetch'],
  ['encode', 'sound', 'hash'],
  ['upload'],
  ['verify'],
  ['join'],
  ['check'],
  ['publish'],
  ['package'],
];

const glyphs: Record<StageView['state'], string> = { waiting: '○', running: '▸', done: '✓', failed: '×' };

function timesText({ startedAt, endedAt, state }: StageView, nowMs: number): string {
  if (startedAt === null) return state === 'waiting' ? 'waiting' : '';
  const until = endedAt === null ? nowMs : Date.parse(endedAt);
  return `${timeOfDay(startedAt)} · ${stopwatch(Math.max(0, (until - Date.parse(startedAt)) / 1000))}`;
}

const fullTimes = ({ startedAt, endedAt }: StageView): string =>
  startedAt === null ? 'has not begun' : `${timeOfDay(startedAt)}–${endedAt === null ? 'now' : timeOfDay(endedAt)}`;

function Stage({ stage, nowMs }: { stage: StageView; nowMs: number }) {
  const title = titles[stage.stage];
  const counts = stage.state === 'done' ? String(stage.total) : `${stage.done}/${stage.total}`;
  const count = stage.total > 1 ? counts : '';
  return (
    <li
      className={styles.stage}
      data-state={stage.state}
      data-stage={stage.stage}
      title={`${title} ${count} ${stage.state}, ${fullTimes(stage)}`}
    >
      <p className={styles.title}>
        <span className={styles.glyph} aria-hidden="true">
          {glyphs[stage.state]}
        </span>
        {title} <span className={styles.count}>{count}</span>
        <span className="visually-hidden">{stage.state}</span>
      </p>
      <p className={styles.times}>{timesText(stage, nowMs)}</p>
    </li>
  );
}

/** The way of the file, stage by stage, with the coordinator's times. */
export function StageDag({ stages }: { stages: readonly StageView[] | null }) {
  useTick(stages?.some(({ state }) => state === 'running') ?? false);
  const nowMs = farmNowMs(useJobHistory.getState());
  const shown = columns
    .map((names) => names.flatMap((name) => stages?.find(({ stage }) => stage === name) ?? []))
    .filter((column) => column.length > 0);
  return (
    <ol className={styles.dag} aria-label="Stages" data-testid="stages">
      {shown.map((column) => (
        <li key={column[0]?.stage} className={styles.column}>
          <ul>
            {column.map((stage) => (
              <Stage key={stage.stage} stage={stage} nowMs={nowMs} />
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}
