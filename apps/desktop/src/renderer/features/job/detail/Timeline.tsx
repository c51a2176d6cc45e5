import type { AttemptView, JobView } from '@reelmill/protocol';
import { type MouseEvent, useCallback, useMemo, useState } from 'react';
import { useFarm } from '../../../store/farmStore.ts';
import { isFinal } from '../../../store/jobActions.ts';
import { farmNowMs, useJobHistory } from '../../../store/jobHistory.ts';
import { Button } from '../../../ui/Button.tsx';
import { useChunkColors } from '../../../ui/chunkColors.ts';
import { counted, timeOfDay } from '../../../ui/format.ts';
import { useCanvas } from '../../../ui/useCanvas.ts';
import { useTick } from '../../../ui/useTick.ts';
import { useWidth } from '../../../ui/useWidth.ts';
import { endText, startOf, taskLabel, tookText } from './chunkTexts.ts';
import shared from './JobDetail.module.css';
import { openChunkOf } from './openChunkOf.ts';
import { cellOf, type PlacedLane, paintTimeline, stackLanes, type TimeWindow, xOf } from './paintTimeline.ts';
import styles from './Timeline.module.css';
import { TimelineTable } from './TimelineTable.tsx';
import { isFault, layOutTimeline, timeTicks, zooms } from './timelineLayout.ts';

const gutter = 96;
const none: readonly AttemptView[] = [];

const earliest = (attempts: readonly AttemptView[]): number =>
  attempts.reduce((first, attempt) => Math.min(first, startOf(attempt) ?? first), Number.POSITIVE_INFINITY);
const latest = (attempts: readonly AttemptView[]): number =>
  attempts.reduce((last, { endedAt }) => (endedAt === null ? last : Math.max(last, Date.parse(endedAt))), 0);

/** What is shown: the last minutes of a job that runs, all of one that ended. */
function useTimeWindow(job: JobView, attempts: readonly AttemptView[], minutes: number | null): TimeWindow {
  const running = !isFinal(job);
  useTick(running);
  const clock = farmNowMs(useJobHistory.getState());
  const nowMs = running ? clock : latest(attempts) || clock;
  const first = Math.min(earliest(attempts), nowMs - 5_000);
  const fromMs = minutes === null ? first : Math.max(first, nowMs - minutes * 60_000);
  return { fromMs, untilMs: nowMs + (nowMs - fromMs) * 0.01, nowMs };
}

function describeBar(attempt: AttemptView, nowMs: number): string {
  const from = startOf(attempt);
  const times =
    from === null ? '' : `${timeOfDay(from)}–${attempt.endedAt === null ? 'now' : timeOfDay(attempt.endedAt)}`;
  const parts = [
    `${taskLabel(attempt)} try ${attempt.attempt}`,
    attempt.node,
    times,
    tookText(attempt, nowMs),
    endText(attempt),
  ];
  return parts.join(' · ');
}

interface FieldProps {
  readonly job: JobView;
  readonly rows: readonly PlacedLane[];
  readonly size: { readonly width: number; readonly height: number };
  readonly window: TimeWindow;
}

function Field({ job, rows, size, window }: FieldProps) {
  const colors = useChunkColors();
  const [pointed, setPointed] = useState<AttemptView | null>(null);
  const { width, height } = size;
  const draw = useCallback(
    (context: CanvasRenderingContext2D) => {
      context.fillStyle = colors.track;
      for (const at of timeTicks(window.fromMs, window.untilMs, width / 100)) {
        context.fillRect(Math.round(xOf({ width, window }, at)), 0, 1, height);
      }
      paintTimeline(rows, { context, colors, width, window });
    },
    [rows, colors, width, height, window],
  );
  const canvas = useCanvas(size, draw);
  const under = (event: MouseEvent<HTMLElement>): AttemptView | null => {
    const box = event.currentTarget.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    for (const row of rows) {
      for (const bar of row.bars) {
        const cell = cellOf(bar, row, { width, window });
        if (x >= cell.x - 1 && x <= cell.x + cell.width + 1 && y >= cell.y && y <= cell.y + cell.height)
          return bar.attempt;
      }
    }
    return null;
  };
  const bars = rows.reduce((sum, row) => sum + row.bars.length, 0);
  const faults = rows.reduce((sum, row) => sum + row.bars.filter(({ attempt }) => isFault(attempt)).length, 0);
  const summary = `${counted(bars, 'attempt')} on ${counted(rows.length, 'node')}, ${faults} failed or lost; the table says each`;
  return (
    <>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the table beside it does the same by keyboard */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: as above */}
      <div
        className={styles.field}
        onClick={(event) => openChunkOf(job, under(event))}
        onMouseMove={(event) => setPointed(under(event))}
        onMouseLeave={() => setPointed(null)}
      >
        <canvas ref={canvas} style={size} role="img" aria-label={summary} data-testid="timeline-canvas" />
        <div className={styles.axis} aria-hidden="true">
          {timeTicks(window.fromMs, window.untilMs, width / 100).map((at) => (
            <span key={at} style={{ left: Math.round(xOf({ width, window }, at)) }}>
              {timeOfDay(at)}
            </span>
          ))}
        </div>
      </div>
      <p className={shared.line}>{pointed === null ? summary : describeBar(pointed, window.nowMs)}</p>
    </>
  );
}

const zoomText = (minutes: number | null): string =>
  minutes === null ? 'whole job' : minutes < 60 ? `last ${minutes} min` : `last ${minutes / 60} h`;

function Zoom({ index, onZoom }: { index: number; onZoom(index: number): void }) {
  return (
    <>
      <span className={styles.zoom}>{zoomText(zooms[index] ?? null)}</span>
      <Button aria-label="Show a longer time" disabled={index === zooms.length - 1} onClick={() => onZoom(index + 1)}>
        −
      </Button>
      <Button aria-label="Show a shorter time" disabled={index === 0} onClick={() => onZoom(index - 1)}>
        +
      </Button>
    </>
  );
}

const legend = [
  ['fetch', 'fetch'],
  ['work', 'work'],
  ['upload', 'upload'],
  ['fault', 'failed or lost, kept'],
  ['offline', 'offline'],
] as const;

/** What every node did for the job, attempt by attempt; what failed or was lost stays. */
export function Timeline({ job }: { job: JobView }) {
  const history = useJobHistory((state) => state.history);
  const attempts = history?.attempts ?? none;
  const [zoom, setZoom] = useState(isFinal(job) ? zooms.length - 1 : 3);
  const [asTable, setAsTable] = useState(false);
  const [place, width] = useWidth();
  const nodes = useFarm((farm) => farm.nodes, []);
  const window = useTimeWindow(job, attempts, zooms[zoom] ?? null);
  const ended = isFinal(job);
  const { rows, height } = useMemo(() => {
    const offlineSince = (name: string): number | null => {
      const node = nodes.find((one) => one.name === name);
      return ended || node?.state !== 'offline' || node.lastSeenAt === null ? null : Date.parse(node.lastSeenAt);
    };
    return stackLanes(layOutTimeline(attempts, window), offlineSince);
  }, [attempts, window, nodes, ended]);
  return (
    <section className={shared.part} aria-label="Timeline of nodes" data-testid="timeline">
      <div className={shared.heading}>
        <h2>Nodes</h2>
        <ul className={styles.legend} aria-label="Legend">
          {legend.map(([name, text]) => (
            <li key={name}>
              <span className={styles.swatch} data-part={name} aria-hidden="true">
                {name === 'fault' ? '×' : ''}
              </span>
              {text}
            </li>
          ))}
        </ul>
        <div className={shared.tools}>
          <Zoom index={zoom} onZoom={setZoom} />
          <Button aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            {asTable ? 'Show timeline' : 'Show table'}
          </Button>
        </div>
      </div>
      {history === null ? <p className={shared.note}>Reading the history…</p> : null}
      {asTable ? <TimelineTable job={job} attempts={attempts} nowMs={window.nowMs} /> : null}
      <div ref={place} className={styles.rows} hidden={asTable}>
        <div className={styles.names} style={{ width: gutter, height }} aria-hidden="true">
          {rows.map(({ node, y }) => (
            <span key={node} style={{ top: y }} title={node}>
              {node}
            </span>
          ))}
        </div>
        <div className={styles.right}>
          {width > gutter && attempts.length > 0 ? (
            <Field job={job} rows={rows} size={{ width: width - gutter, height }} window={window} />
          ) : null}
        </div>
      </div>
    </section>
  );
}
