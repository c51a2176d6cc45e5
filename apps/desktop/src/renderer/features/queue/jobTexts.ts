import { assertNever, type JobView } from '@reelmill/protocol';
import { bytes } from '../../ui/format.ts';

/** What a job is doing within its state, or null where the state says it all. */
export function phaseText(job: JobView): string | null {
  switch (job.phase) {
    case 'fetch':
      return 'fetching';
    case 'probe':
      return 'reading headers';
    case 'index':
      return 'indexing';
    case 'encode':
      return job.state === 'encoding' ? null : 'encoding';
    case 'join':
      return 'joining';
    case 'verify':
      return 'verifying';
    case 'publish':
      return 'publishing';
    case 'package':
      return 'packaging';
    case 'none':
      return null;
    default:
      return assertNever(job.phase);
  }
}

/** Bytes of the running phase, `1.2 of 3.4 GB`. */
export function phaseBytesText(job: JobView): string | null {
  if (!job.phaseBytes || job.phaseBytes.total <= 0) return null;
  return `${bytes(job.phaseBytes.done)} of ${bytes(job.phaseBytes.total)}`;
}

/** Where the result is, or will be. */
export const outputText = (job: JobView): string => job.outputs[0]?.path ?? job.plannedOutput ?? job.outputFolder;

/** The cause of a failure with the file's name where the error names its whole path: the row shows the path already. */
export const causeText = (job: JobView, error: NonNullable<JobView['error']>): string =>
  error.cause.replaceAll(job.input, job.name);

/** Wording of the column "left". */
export function isMeasuring(job: JobView): boolean {
  return job.state === 'encoding' && job.eta === null && !job.held;
}
