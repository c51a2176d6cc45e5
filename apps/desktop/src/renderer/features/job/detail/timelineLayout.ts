import type { AttemptState, AttemptStep, AttemptView } from '@reelmill/protocol';
import { startOf } from './chunkTexts.ts';

export interface BarPart {
  readonly step: AttemptStep | 'waiting';
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Bar {
  readonly attempt: AttemptView;
  readonly lane: number;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly parts: readonly BarPart[];
}

export interface NodeLane {
  readonly node: string;
  readonly lanes: number;
  readonly bars: readonly Bar[];
}

const faults: readonly AttemptState[] = ['failed', 'lost', 'rejected'];
export const isFault = ({ state }: Pick<AttemptView, 'state'>): boolean => faults.includes(state);

function partsOf(attempt: AttemptView, fromMs: number, untilMs: number): BarPart[] {
  const whole: AttemptStep = attempt.kind === 'encode' || attempt.kind === 'extract' ? 'encode' : 'index';
  if (attempt.steps.length === 0) return [{ step: whole, fromMs, untilMs }];
  return attempt.steps.map(({ step, at }, index) => {
    const next = attempt.steps[index + 1];
    return { step, fromMs: Date.parse(at), untilMs: next === undefined ? untilMs : Date.parse(next.at) };
  });
}

/** Attempts that worked between two instants, by node: what runs at the same time lies side by side. */
export function layOutTimeline(
  attempts: readonly AttemptView[],
  { fromMs, untilMs, nowMs }: { readonly fromMs: number; readonly untilMs: number; readonly nowMs: number },
): NodeLane[] {
  const byNode = new Map<string, Bar[]>();
  for (const attempt of attempts) {
    const start = startOf(attempt);
    const idle = attempt.state === 'waiting' || (attempt.state === 'returned' && attempt.steps.length === 0);
    if (start === null || idle) continue;
    const end = attempt.endedAt === null ? Math.max(start, nowMs) : Math.max(start, Date.parse(attempt.endedAt));
    const known = byNode.get(attempt.node) ?? [];
    byNode.set(attempt.node, known);
    if (end < fromMs || start > untilMs) continue;
    known.push({ attempt, lane: 0, fromMs: start, untilMs: end, parts: partsOf(attempt, start, end) });
  }
  return [...byNode]
    .map(([node, bars]) => ({ node, ...stacked(bars) }))
    .sort((a, b) => Number(a.node === 'coordinator') - Number(b.node === 'coordinator') || (a.node < b.node ? -1 : 1));
}

function stacked(bars: readonly Bar[]): Pick<NodeLane, 'lanes' | 'bars'> {
  const ends: number[] = [];
  const placed = [...bars]
    .sort((a, b) => a.fromMs - b.fromMs)
    .map((bar) => {
      const free = ends.findIndex((end) => end <= bar.fromMs);
      const lane = free === -1 ? ends.length : free;
      ends[lane] = bar.untilMs;
      return { ...bar, lane };
    });
  return { lanes: Math.max(1, ends.length), bars: placed };
}

/** Widths of the window, minutes; null: all of the job. */
export const zooms: readonly (number | null)[] = [1, 2, 5, 10, 30, 60, 180, 720, null];

const tickSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** Whole instants for the axis, about `wanted` of them. */
export function timeTicks(fromMs: number, untilMs: number, wanted: number): number[] {
  const seconds = (untilMs - fromMs) / 1000 / Math.max(1, wanted);
  const stepMs = (tickSteps.find((step) => step >= seconds) ?? 86_400) * 1000;
  const first = Math.ceil(fromMs / stepMs) * stepMs;
  const ticks: number[] = [];
  for (let at = first; at <= untilMs; at += stepMs) ticks.push(at);
  return ticks;
}
