import { z } from 'zod';
import { ErrorData } from './farmError.ts';
import { AttemptNumber, JobId, RenditionId, TaskId } from './ids.ts';

/** One program that an attempt ran, with the beginning and the end of what it wrote. */
export const ProgramRun = z.object({
  /** Base name: `ffmpeg`. */
  program: z.string(),
  /** Exactly as it was started, but for secrets. */
  args: z.array(z.string()),
  /** null: it runs still, or a signal ended it. */
  exitCode: z.number().int().nullable(),
  endSignal: z.string().nullable(),
  log: z.string(),
});
export type ProgramRun = z.infer<typeof ProgramRun>;

/** What an agent keeps of one attempt: fits into one message. */
export const AttemptRuns = z.array(ProgramRun).max(64);
export type AttemptRuns = z.infer<typeof AttemptRuns>;

/** Everything an agent tells of one attempt, as JSON: below the 64 KiB a message may have. */
export const attemptRunsLimitBytes = 48 * 1024;

/** Which log is meant: of a task, or of a chunk by its place among all chunks of the job; without an attempt, the last one. */
export const LogRequest = z
  .object({
    jobId: JobId,
    taskId: TaskId.optional(),
    chunk: z.number().int().nonnegative().optional(),
    attempt: AttemptNumber.optional(),
  })
  .refine(({ taskId, chunk }) => (taskId === undefined) !== (chunk === undefined), {
    message: 'name a task or a chunk',
  });
export type LogRequest = z.infer<typeof LogRequest>;

/** `node`: its agent told it. `journal`: what the failure said. `plan`: it has not run; the command is the plan's. */
export const AttemptLog = z.object({
  taskId: TaskId,
  attempt: z.number().int().nonnegative(),
  node: z.string().nullable(),
  from: z.enum(['node', 'journal', 'plan', 'none']),
  /** Why there is no more than this; null: it is whole. */
  note: z.string().nullable(),
  runs: AttemptRuns,
});
export type AttemptLog = z.infer<typeof AttemptLog>;

/** What the certificate of one output proves, or why there is none. */
export const OutputQuality = z.object({
  rendition: RenditionId,
  path: z.string(),
  proof: z
    .object({
      path: z.string(),
      createdAt: z.string(),
      depth: z.enum(['seams', 'full']),
      frames: z.number().int(),
      sourceFrames: z.number().int(),
      chunks: z.number().int(),
      seams: z.number().int(),
      soundTracks: z.number().int(),
      maxPtsErrorSeconds: z.number().nullable(),
      audioOffsetErrorSeconds: z.number().nullable(),
      nodes: z.array(z.string()),
      sha256: z.string(),
      publicKey: z.string(),
    })
    .nullable(),
  error: ErrorData.nullable(),
});
export type OutputQuality = z.infer<typeof OutputQuality>;
export const JobQuality = z.object({ jobId: JobId, outputs: z.array(OutputQuality) });
export type JobQuality = z.infer<typeof JobQuality>;

const queryOfAddress = /\b([a-z][a-z0-9+.-]*:\/\/[^\s'"?#]+)[?#][^\s'"]*/gi;
const userOfAddress = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"]+@/gi;
const namedSecret =
  /\b(authorization|token|secret|password|passwd|signature|x-amz-[a-z-]+)(["']?\s*[:=]\s*["']?)(bearer\s+)?[^\s"'&]+/gi;

/** A text of a program without what opens doors: queries of addresses (signatures), names and passwords in them, tokens. */
export const withoutSecrets = (text: string): string =>
  text
    .replace(queryOfAddress, '$1?[removed]')
    .replace(userOfAddress, '$1[removed]@')
    .replace(namedSecret, '$1$2[removed]');
