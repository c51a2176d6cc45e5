import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FarmSpec, FfmpegTools, ProcessLauncher, Turns } from '@reelmill/media';
import {
  type Artifact,
  type ErrorData,
  FarmError,
  once,
  type SignedPut,
  type TaskOffer,
  type TaskOutcome,
  type TaskProgress,
  toFarmError,
  type UploadRequest,
} from '@reelmill/protocol';
import type { Logger } from 'pino';
import type { BlockCache } from './blockCache.ts';
import type { LogShelf } from './logShelf.ts';
import { openSource } from './openSource.ts';
import { progressReporter } from './progressReporter.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import type { AttemptControl } from './slots.ts';
import { taskTimeout } from './taskTimeout.ts';
import type { TransferCounters } from './telemetry.ts';
import { memoryLimitOf, watchMemory } from './watchMemory.ts';
import { watchProgress } from './watchProgress.ts';

/** What an attempt needs of the agent around it. */
export interface TaskServices {
  readonly cache: BlockCache;
  readonly scratchFolder: string;
  readonly counters: TransferCounters;
  readonly log: Logger;
  /** True once the coordinator's machine is proven to be this one: only then originals are opened in place. */
  sameMachine(): boolean;
  /** Whether this node works on the coordinator's own disk. */
  sharesDisk(): boolean;
  /** This node's disk is full. */
  onDiskFull(): void;
  tools(): Promise<FfmpegTools>;
  sandbox(): Promise<Sandbox>;
  /** Of encodes on graphics devices: they take few at once, however many slots a node has. */
  deviceTurns(): Promise<Turns>;
  /** Where the logs of attempts are kept; absent: nowhere. */
  logs?(): Promise<LogShelf>;
  requestUpload(request: UploadRequest, signal: AbortSignal): Promise<SignedPut>;
  progress(progress: TaskProgress): void;
  readonly noProgressMs?: number;
  /** Bytes an attempt may hold, from its estimate; default: `memoryLimitOf`. */
  readonly memoryLimit?: (estimateBytes: number) => number;
  /** FFMPEG_TIMEOUT; null: by expected work. */
  readonly ffmpegTimeoutSeconds: number | null;
  /** How much longer everything may take because the machine is lent in part only; default 1. */
  readonly slowdown?: number;
  readonly nodeName: string;
}

interface MadeFile {
  readonly path: string;
  readonly name: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

interface Encoded {
  readonly files: readonly MadeFile[];
  readonly report: unknown;
}

/** The coordinator hangs up on messages above 64 KiB: what is larger travels as an artifact (decision 17). */
const reportLimitBytes = 48 * 1024;
/** A signed address may expire while the store is away: so many fresh ones are asked for. */
const uploadTries = 3;

/**
 * One attempt end to end: source in place or fetched, encode in a scratch folder, hash, upload while the slot already
 * runs its next task. Never rejects: null means that nobody waits for an outcome (revoked, or the agent leaves).
 */
export async function runTask(
  offer: TaskOffer,
  services: TaskServices,
  control: AttemptControl,
): Promise<TaskOutcome | null> {
  const startedMs = performance.now();
  const scratch = join(services.scratchFolder, `${offer.taskId.replaceAll('/', '-')}-${offer.attempt}`);
  try {
    // The coordinator may take back what waits; from now on it is no longer among that.
    const fetches = offer.source?.kind === 'fetch' || offer.inputs.length > 0;
    progressReporter(offer, services.progress)({ phase: fetches ? 'fetch' : 'encode' });
    await mkdir(scratch, { recursive: true });
    // While the checks of one chunk run, the encoder of the next one starts.
    const goOut = once(() => control.releaseSlot().then(() => tellUpload(offer, services)));
    const { encoded, sourceSha256 } = await encode({
      offer,
      services,
      control,
      scratch,
      onEncoded: () => void goOut(),
    }).catch((cause: unknown) => {
      throw blameNode(cause, services);
    });
    const wallSeconds = (performance.now() - startedMs) / 1000;
    await goOut();
    const artifacts: Artifact[] = [];
    for (const file of encoded.files) artifacts.push(await upload({ offer, services, control }, file));
    return { kind: 'completed', artifacts, report: encoded.report, sourceSha256, wallSeconds };
  } catch (cause) {
    if (control.signal.aborted) return null;
    const error = toFarmError(cause);
    services.log.warn({ err: error, taskId: offer.taskId, attempt: offer.attempt }, 'an attempt failed');
    return { kind: 'failed', error: fitting(error.toData()) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A full disk of this node is no fault of the job, unless the coordinator has the same disk. */
function blameNode(cause: unknown, services: TaskServices): FarmError {
  const error = toFarmError(cause);
  if (error.code !== 'DISK_FULL') return error;
  services.onDiskFull();
  if (services.sharesDisk()) return error;
  return new FarmError('NODE_REFUSED', { message: "This node's disk is full.", cause: error });
}

/** Fits into one message: an error that cannot be reported would be reported for ever. */
function fitting(error: ErrorData): ErrorData {
  const cause = error.cause.slice(0, 4_000);
  const fits = Buffer.byteLength(JSON.stringify(error.details)) <= reportLimitBytes / 2;
  return { ...error, cause, details: fits ? error.details : { omitted: 'too large for a message' } };
}

interface Work {
  readonly offer: TaskOffer;
  readonly services: TaskServices;
  readonly control: AttemptControl;
}

async function encode(
  work: Work & { readonly scratch: string; onEncoded(): void },
): Promise<{ encoded: Encoded; sourceSha256: string | null }> {
  const { offer, services, control } = work;
  const [media, tools, sandbox] = await Promise.all([import('@reelmill/media'), services.tools(), services.sandbox()]);
  const spec = parseSpec(media, offer);
  const progress = progressReporter(offer, services.progress);
  const recorder = (await services.logs?.())?.open(offer);
  const source = await openSource(offer.source, { ...services, signal: control.signal, progress });
  try {
    const inputs = await fetchInputs(work, progress);
    const names = media.outputExtensions(spec).map((extension, at) => `output${at === 0 ? '' : `-${at}`}.${extension}`);
    const outputPaths = names.map((name) => join(work.scratch, name));
    const usesDevices = spec.kind === 'encode' && spec.video.device !== undefined;
    const sandboxed = sandbox.launcherFor({
      readFiles: [...(source === null ? [] : [source.path]), ...Object.values(inputs)],
      writeFolder: work.scratch,
      programs: [tools.ffmpegPath, tools.ffprobePath],
      usesDevices,
    });
    const launcher = recorder === undefined ? sandboxed : recorder.recorded(sandboxed);
    const { onEncoded } = work;
    const run = () =>
      watched(work, { kind: spec.kind, launcher, progress }, ({ onProgress, ...own }) =>
        media.runFarmSpec(
          spec,
          { sourcePath: source?.path ?? null, inputs, outputPaths, onProgress, onEncoded },
          { tools, ...own },
        ),
      );
    const { report } = usesDevices ? await (await services.deviceTurns()).take(run, control.signal) : await run();
    await source?.assertUnchanged();
    assertReportable(report);
    return { encoded: { report, files: await describe(work.scratch, names) }, sourceSha256: source?.sha256 ?? null };
  } finally {
    source?.release();
    await recorder?.close();
  }
}

interface Watched {
  readonly kind: FarmSpec['kind'];
  readonly launcher: ProcessLauncher;
  readonly progress: ReturnType<typeof progressReporter>;
}

interface WatchedRun {
  readonly signal: AbortSignal;
  readonly launcher: ProcessLauncher;
  onProgress(done: { framesDone: number; fps: number }): void;
}

/** Runs FFmpeg under the watches that end it when it is stuck, or takes far more memory than was expected. */
async function watched<T>(
  { offer, services, control }: Work,
  { kind, launcher, progress }: Watched,
  run: (own: WatchedRun) => Promise<T>,
): Promise<T> {
  const {
    noProgressMs,
    ffmpegTimeoutSeconds: chosenSeconds,
    nodeName,
    slowdown,
    memoryLimit = memoryLimitOf,
  } = services;
  const memory = watchMemory(control.signal, offer.memoryBytes === undefined ? null : memoryLimit(offer.memoryBytes));
  const total = taskTimeout(offer, { chosenSeconds, nodeName });
  const watch = watchProgress(kind, memory.signal, { noProgressMs, total, slowdown });
  const onProgress = ({ framesDone, fps }: { framesDone: number; fps: number }): void => {
    watch.saw(framesDone);
    progress({ phase: 'encode', framesDone, fps });
  };
  return run({ signal: watch.signal, launcher: memory.watched(launcher), onProgress }).finally(() => {
    watch.stop();
    memory.stop();
  });
}

function parseSpec(media: typeof import('@reelmill/media'), offer: TaskOffer): FarmSpec {
  const parsed = media.FarmSpec.safeParse(offer.spec);
  if (parsed.success) return parsed.data;
  const message = `The task's specification does not fit its schema: ${parsed.error.message}`;
  throw new FarmError('REQUEST_INVALID', { message });
}

/** Results of other tasks, for a join on the farm. */
async function fetchInputs(
  work: Work & { scratch: string },
  progress: ReturnType<typeof progressReporter>,
): Promise<Record<string, string>> {
  const paths: Record<string, string> = {};
  if (work.offer.inputs.length === 0) return paths;
  const { downloadSigned } = await import('@reelmill/storage');
  let doneBefore = 0;
  for (const [index, input] of work.offer.inputs.entries()) {
    const path = join(work.scratch, `input-${index}`);
    const onBytes = (done: number): void => progress({ phase: 'fetch', bytesDone: doneBefore + done });
    const got = await downloadSigned(input.get, path, { signal: work.control.signal, onBytes });
    doneBefore += got.sizeBytes;
    work.services.counters.bytesDownloaded += got.sizeBytes;
    paths[input.name] = path;
  }
  return paths;
}

function assertReportable(report: unknown): void {
  if (Buffer.byteLength(JSON.stringify(report)) <= reportLimitBytes) return;
  throw new FarmError('INTERNAL', { message: 'The report of a task is larger than 48 KiB.' });
}

async function describe(folder: string, names: readonly string[]): Promise<MadeFile[]> {
  const { sha256OfFile } = await import('@reelmill/storage');
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, name, ...(await sha256OfFile(path)) };
    }),
  );
}

/** Tells the coordinator that the slot is free: the result is on its way. */
const tellUpload = (offer: TaskOffer, { progress }: TaskServices): void =>
  progressReporter(offer, progress)({ phase: 'upload', bytesDone: 0 });

async function upload(work: Work, file: MadeFile): Promise<Artifact> {
  const { offer, services, control } = work;
  const { uploadSigned } = await import('@reelmill/storage');
  const { sha256, sizeBytes, name } = file;
  const progress = progressReporter(offer, services.progress);
  const onBytes = (done: number): void => progress({ phase: 'upload', bytesDone: done });
  for (let attempt = 1; ; attempt += 1) {
    const put = await services.requestUpload(
      { taskId: offer.taskId, attempt: offer.attempt, name, sizeBytes, sha256 },
      control.signal,
    );
    try {
      await uploadSigned(put, file.path, { sha256, sizeBytes, signal: control.signal, onBytes });
      services.counters.bytesUploaded += sizeBytes;
      return { name, key: put.key, sizeBytes, sha256 };
    } catch (cause) {
      const again = cause instanceof FarmError && ['STORAGE_UNREACHABLE', 'STORAGE_REFUSED'].includes(cause.code);
      if (!again || attempt >= uploadTries || control.signal.aborted) throw cause;
      services.log.warn({ err: cause, taskId: offer.taskId }, 'an upload failed; asking for a fresh address');
    }
  }
}
