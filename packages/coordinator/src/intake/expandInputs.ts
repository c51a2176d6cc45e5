import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, relative } from 'node:path';
import { checkSource } from '@reelmill/media';
import { type ErrorData, FarmError, type SourceIdentity, seamProofSuffix, toFarmError } from '@reelmill/protocol';
import { mapLimited } from './mapLimited.ts';
import { type SequenceInput, sequenceAround, takeSequences } from './sequenceInputs.ts';

/** One source that becomes one job: usable, or refused with the reason its job will fail with. */
export interface Candidate {
  readonly path: string;
  /** As the user named it. */
  readonly input: string;
  readonly name: string;
  /** Folders between the submitted folder and the file: mirrored below the output folder. */
  readonly subfolder: string;
  readonly identity: SourceIdentity | null;
  readonly refusal: ErrorData | null;
  /** The input is an image sequence; `path` is its first frame. */
  readonly sequence: SequenceInput | null;
}

export interface Expanded {
  readonly candidates: readonly Candidate[];
  /** Files of folders that are no media. */
  readonly skipped: readonly string[];
}

/** What the user knows an upload as. */
export interface UploadedAs {
  readonly name: string;
  /** Folders it lay in below the one that was dropped; absent: it was dropped by itself. */
  readonly subfolder?: string;
}

/** Source checks that may run at once: bounded by open files, not by CPU. */
const checksAtOnce = 16;
/** Files that claim to be films by their name: broken ones fail by name instead of being skipped. */
const filmNames = /\.(mp4|m4v|mov|mkv|webm|avi|ts|m2ts|mts|mpg|mpeg|vob|flv|mxf|3gp|ogv|wmv)$/i;

/** Expands files and folders (recursively, in name order); reads at most 1 MiB of each file. Never throws for one input. */
export async function expandInputs(
  paths: readonly string[],
  uploads: ReadonlyMap<string, UploadedAs>,
): Promise<Expanded> {
  const { sequences, rest } = takeSequences(paths);
  const parts = await mapLimited(rest, checksAtOnce, (path) => expandOne(path, uploads.get(path)));
  return {
    candidates: [...sequences.map((one) => wrapped(one, '')), ...parts.flatMap((part) => part.candidates)],
    skipped: parts.flatMap((part) => part.skipped),
  };
}

async function expandOne(path: string, upload: UploadedAs | undefined): Promise<Expanded> {
  if (upload !== undefined) return expandUpload(path, upload);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false, // checkSource says precisely why
  );
  if (isFolder) return expandFolder(path);
  const sequence = await sequenceAround(path);
  if (sequence !== null) return { candidates: [wrapped(sequence, '')], skipped: [] };
  return { candidates: [await examine(path, { input: path, subfolder: '' })], skipped: [] };
}

/** What came with a folder and is no media is skipped, as it would be in a folder on this machine. */
async function expandUpload(path: string, { name, subfolder }: UploadedAs): Promise<Expanded> {
  const candidate = await examine(path, { input: name, subfolder: subfolder ?? '' });
  const isSkipped = subfolder !== undefined && candidate.refusal !== null && !isBrokenFilm(candidate);
  return isSkipped ? { candidates: [], skipped: [name] } : { candidates: [candidate], skipped: [] };
}

async function expandFolder(folder: string): Promise<Expanded> {
  const { sequences, rest: files } = takeSequences(await filesBelow(folder));
  const examined = await mapLimited(files, checksAtOnce, (path) => {
    const between = relative(folder, dirname(path));
    return examine(path, { input: path, subfolder: between });
  });
  const isSkipped = (one: Candidate): boolean => one.refusal !== null && !isBrokenFilm(one);
  const films = sequences.map((one) => wrapped(one, relative(folder, one.images.folder)));
  const candidates = [...films, ...examined.filter((one) => !isSkipped(one))];
  const skipped = examined.filter(isSkipped).map((one) => one.path);
  if (candidates.length > 0) return { candidates, skipped };
  const refusal = new FarmError('NO_MEDIA_FOUND', { message: `The folder ${folder} holds no media files.` });
  return { candidates: [refused(folder, { input: folder, subfolder: '' }, refusal)], skipped };
}

const isBrokenFilm = (one: Candidate): boolean =>
  one.refusal !== null && one.refusal.code !== 'UNSUPPORTED_MEDIA' && filmNames.test(extname(one.input));

/** Symbolic links to folders are not followed: a loop must not become a queue. Certificates of ours are no inputs. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !relative(folder, path)
          .split(/[\\/]/)
          .some((part) => part.startsWith('.')),
    )
    .filter((path) => !path.endsWith(seamProofSuffix))
    .sort();
}

interface As {
  readonly input: string;
  readonly subfolder: string;
}

async function examine(path: string, as: As): Promise<Candidate> {
  try {
    const identity = await checkSource(path);
    return { path, ...as, name: basename(as.input), identity, refusal: null, sequence: null };
  } catch (thrown) {
    return refused(path, as, toFarmError(thrown));
  }
}

const refused = (path: string, as: As, error: FarmError): Candidate => ({
  path,
  ...as,
  name: basename(as.input),
  identity: null,
  refusal: error.toData(),
  sequence: null,
});

/** Gaps and broken frames are told by the job, as far as its settings refuse them. */
const wrapped = (sequence: SequenceInput, subfolder: string): Candidate => ({
  path: sequence.firstPath,
  input: join(sequence.images.folder, sequence.name),
  name: sequence.name,
  subfolder,
  identity: null,
  refusal: null,
  sequence,
});
