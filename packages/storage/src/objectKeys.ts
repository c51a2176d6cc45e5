import { BugError, type JobId, type RenditionId, type TaskId } from '@reelmill/protocol';

/** One path segment of a key: never empty, never hidden, never `..`, portable to every file system. */
const segmentPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,119}$/;
const longestKey = 512;

/**
 * Every key of the store, in one place (decision 33). Job ids appear as they are; the part of a task id after its job
 * becomes one segment, `/` written as `-`. Everything under `videos/{jobId}` is scratch with a retention, except
 * outputs that were asked for.
 */
export const objectKeys = {
  /** Prefix of everything a job owns, ends with `/`. */
  jobPrefix: (jobId: JobId): string => `videos/${jobId}/`,

  /** The source itself, where remote nodes must fetch it from the store. */
  sourceUpload: (jobId: JobId, name: string): string => checked(`videos/${jobId}/source/${safeSegment(name)}`),

  /** Plan and probe data of the job. */
  sourceManifest: (jobId: JobId): string => checked(`videos/${jobId}/manifests/source.json`),

  /** Prefix of the pictures of one rendition, ends with `/`. */
  framesPrefix: (jobId: JobId, rendition: RenditionId): string => `videos/${jobId}/frames/${rendition}/`,

  /** One picture of a rendition, or the index of them all. */
  frame: (jobId: JobId, rendition: RenditionId, name: string): string =>
    checked(`videos/${jobId}/frames/${rendition}/${safeSegment(name)}`),

  /** Prefix of all that attempts of the job wrote, ends with `/`. */
  attemptsPrefix: (jobId: JobId): string => `videos/${jobId}/attempts/`,

  /** What one attempt writes; `random` makes the key unguessable and unique, so nothing is ever overwritten. */
  attempt: (taskId: TaskId, attempt: number, object: { random: string; name: string }): string => {
    const { jobId, task } = splitTaskId(taskId);
    return checked(`videos/${jobId}/attempts/${task}/${attempt}-${object.random}/${safeSegment(object.name)}`);
  },

  /** Prefix of the accepted parts of one rendition, ends with `/`. */
  renditionPrefix: (jobId: JobId, rendition: RenditionId): string => `videos/${jobId}/outputs/${rendition}/`,

  /** An accepted chunk. */
  segment: (jobId: JobId, rendition: RenditionId, chunk: { index: number; extension: string }): string =>
    checked(`videos/${jobId}/outputs/${rendition}/segments/seg_${fourDigits(chunk.index)}.${chunk.extension}`),

  /** An accepted audio track; `name` is `audio`, `audio-1`, … */
  audio: (jobId: JobId, rendition: RenditionId, track: { name: string; extension: string }): string =>
    checked(`videos/${jobId}/outputs/${rendition}/${safeSegment(track.name)}.${track.extension}`),

  /** The accepted result of a join on the farm, until it is published. */
  joined: (jobId: JobId, rendition: RenditionId, extension: string): string =>
    checked(`videos/${jobId}/outputs/${rendition}/joined.${extension}`),

  /** Written and removed again to see whether the store works. */
  trial: (random: string): string => checked(`videos/trial-${random}`),

  /** The finished file, where the destination is the store. */
  encoded: (jobId: JobId, rendition: RenditionId, extension: string): string =>
    checked(`encoded/${jobId}_${rendition}.${extension}`),
} as const;

/** True for keys this store accepts: safe segments joined by `/`, at most 512 characters. */
export function isObjectKey(key: string): boolean {
  return key.length <= longestKey && key.split('/').every((segment) => segmentPattern.test(segment));
}

/** Throws `BugError` for anything that is not a key: path traversal ends here. */
export function assertObjectKey(key: string): void {
  if (!isObjectKey(key)) throw new BugError(`not an object key: ${JSON.stringify(key.slice(0, longestKey))}`);
}

/** Like {@link assertObjectKey} for prefixes: empty, or a key that may end with `/`. */
export function assertObjectPrefix(prefix: string): void {
  const trimmed = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  if (prefix !== '' && !isObjectKey(trimmed)) throw new BugError(`not a prefix: ${JSON.stringify(prefix)}`);
}

/** Like {@link assertObjectPrefix}, but never everything: removing the whole store is nobody's business. */
export function assertRemovablePrefix(prefix: string): void {
  assertObjectPrefix(prefix);
  if (prefix === '') throw new BugError('not a prefix to remove: it is empty');
}

/** Makes one safe segment of any file name; the extension survives. Names that differ may become equal. */
export function safeSegment(name: string): string {
  const cleaned = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[.-]+/, '_');
  if (cleaned.length <= 120) return cleaned === '' ? '_' : cleaned;
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(cleaned)?.[0] ?? '';
  return cleaned.slice(0, 120 - extension.length) + extension;
}

function splitTaskId(taskId: TaskId): { jobId: string; task: string } {
  const slash = taskId.indexOf('/');
  if (slash < 0) throw new BugError(`not a task id: ${taskId}`);
  return { jobId: taskId.slice(0, slash), task: taskId.slice(slash + 1).replaceAll('/', '-') };
}

const fourDigits = (index: number): string => String(index).padStart(4, '0');

function checked(key: string): string {
  assertObjectKey(key);
  return key;
}
