import type { TaskState } from '@reelmill/scheduler';
import type { PlanSummary } from '../jobRecords.ts';

/** What the plan foretold, and what finished tasks found out since. */
export function jobWarnings(plan: PlanSummary | null, tasks: readonly TaskState[]): string[] {
  const planned = (plan?.renditions ?? []).flatMap(({ warnings }) => warnings);
  const reports = tasks.flatMap(({ phase }) => (phase.kind === 'completed' ? [reportedBy(phase.result.report)] : []));
  const found = reports.flatMap((report) => (report?.kind === 'encode' ? [] : (report?.warnings ?? [])));
  return [...new Set([...planned, ...found, ...damage(planned, reports)])];
}

/** A shared encode decoded its source once: one of its parts speaks for all. */
function reportedBy(report: unknown): Reported {
  const shared = report as { readonly parts?: readonly Reported[] } | null;
  return shared?.parts?.[0] ?? (report as Reported);
}

const madeOfSource = new Set<string | undefined>(['encode', 'extract']);

/** Fields of reports that are read here; each kind has some. */
type Reported = {
  readonly kind?: string;
  readonly warnings?: readonly string[];
  readonly decodeErrors?: number;
} | null;

function damage(planned: readonly string[], reports: readonly Reported[]): string[] {
  const damaged = reports.filter((report) => madeOfSource.has(report?.kind) && (report?.decodeErrors ?? 0) > 0).length;
  if (damaged === 0 || planned.some((warning) => warning.startsWith('DECODE_ERRORS'))) return [];
  const chunks = damaged === 1 ? 'one chunk' : `${damaged} chunks`;
  return [`DECODE_ERRORS: the source is damaged in ${chunks}; no frame is missing, some may show it.`];
}
