import type { SourceReport, TrackFate } from '@reelmill/protocol';
import type { ReactNode } from 'react';
import { Facts } from '../../ui/Facts.tsx';
import { bytes, clockLength, wholeNumber } from '../../ui/format.ts';
import styles from './Inspector.module.css';

function sourceText({ container, video }: SourceReport['source']): string {
  if (video === null) return container;
  const { width, height } = video.shown;
  const traits = [
    container,
    `${width}×${height}`,
    video.frameRate === null ? null : `${Number(video.frameRate.toFixed(2))} fps`,
    video.variableFrameRate ? 'variable rate' : null,
    video.mirrored ? 'mirrored' : null,
    video.interlaced ? 'interlaced' : null,
    video.hdr === null ? null : `HDR (${video.hdr})`,
    video.rotationClockwise === 0 ? null : `turned ${video.rotationClockwise}°`,
  ];
  return traits.filter((trait) => trait !== null).join(' · ');
}

function chunksText({ decision }: SourceReport): string {
  if (decision.kind !== 'chunked') return decision.reason;
  const { shortestSeconds, longestSeconds } = decision.chunks;
  const [shortest, longest] = [shortestSeconds.toFixed(1), longestSeconds.toFixed(1)];
  return shortest === longest ? `${shortest} s each` : `${shortest}–${longest} s`;
}

/** Sound alone has a length instead of frames. */
const contentText = ({ size, frames, durationSeconds }: NonNullable<SourceReport['output']>): string =>
  size === null ? `${clockLength(durationSeconds)} of sound` : `${wholeNumber(frames)} frames`;

const fateOrder = ['dropped', 'converted', 'kept'] as const;
const byFate = (fates: readonly TrackFate[]) => fateOrder.flatMap((fate) => fates.filter((one) => one.fate === fate));

/** What the plan found in the source and makes of it: the report that `reelmill inspect` prints. */
export function PlanFacts({ report, title }: { report: SourceReport; title: string }) {
  const { source, output, fates } = report;
  const rows: [string, ReactNode][] = [
    ['Source', sourceText(source)],
    [report.decision.kind === 'chunked' ? 'Chunks' : 'Not cut', chunksText(report)],
  ];
  if (output !== null) {
    rows.push(
      ['Expected', `${contentText(output)}, at most about ${bytes(output.estimatedBytes)}`],
      ['CPU time', `about ${wholeNumber(Math.max(1, output.predictedCpuSeconds))} s of one core`],
    );
  }
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <Facts rows={rows} />
      <ul className={styles.notes}>
        {byFate(fates).map(({ kind, stream, label, fate, note }) => (
          <li key={`${kind} ${stream} ${label}`}>
            {fate} · {label}: {note}
          </li>
        ))}
      </ul>
    </section>
  );
}
