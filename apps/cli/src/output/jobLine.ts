import { FarmError, type JobLine, type JobView } from '@reelmill/protocol';

/** Warnings read `CODE: sentence.`; machines get the code, people the whole (decision 24). */
const warningCode = (warning: string): string => /^[A-Z][A-Z0-9_]+(?=:)/.exec(warning)?.[0] ?? warning;

/** The closing NDJSON line of one job. */
export function jobLine(job: JobView, facts: { wallSeconds: number; slots: number }): JobLine {
  const failure = job.state === 'done' ? {} : { error: job.error ?? new FarmError('CANCELED').toData() };
  return {
    type: 'job',
    jobId: job.jobId,
    input: job.input,
    state: job.state === 'done' ? 'done' : 'failed',
    ...(failure.error === undefined ? {} : { code: failure.error.code, error: failure.error }),
    outputs:
      job.state === 'done'
        ? job.outputs.map(({ rendition, path, frames, sha256 }) => ({ rendition, path, frames, sha256 }))
        : [],
    ...(job.state === 'done' && job.package && { package: job.package }),
    chunks: job.chunksDone,
    attempts: job.attempts,
    nodes: [...job.nodes].sort(),
    wallSeconds: Math.round(facts.wallSeconds * 1000) / 1000,
    sourceFrames: job.sourceFrames,
    plan: job.plan,
    ...(job.wholeReason === null ? {} : { wholeReason: job.wholeReason }),
    verify: job.verify,
    warnings: job.warnings.map(warningCode),
    notes: job.warnings,
    threads: job.threads,
    slots: facts.slots,
  };
}
