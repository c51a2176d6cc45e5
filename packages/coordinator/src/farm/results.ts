import { randomBytes } from 'node:crypto';
import {
  AudioReport,
  EncodeReport,
  ExtractReport,
  JoinReport,
  partExtension,
  SharedEncodeReport,
} from '@reelmill/media';
import {
  type Artifact,
  BugError,
  FarmError,
  type FinishedVerdict,
  type LeaseKey,
  type NodeId,
  type RefusedMessage,
  type SignedPut,
  type TaskFinished,
  type TaskId,
  type TaskOutcome,
  toFarmError,
  type UploadRequest,
} from '@reelmill/protocol';
import { currentLease, type TaskPlan, type TaskResult } from '@reelmill/scheduler';
import { objectKeys } from '@reelmill/storage';
import type { CoreContext } from '../coreContext.ts';
import { crashPoint } from '../crashPoints.ts';
import { collectResults, soundOf } from '../house/evidence.ts';
import { filmOf, type ShelvedFilm, type ShelvedPlan } from '../house/manifestShelf.ts';
import type { AgentRoster } from './agentRoster.ts';
import { urlTtlSeconds } from './sourceAccess.ts';

type Completed = Extract<TaskOutcome, { kind: 'completed' }>;

/** Takes what agents made: signs their uploads, examines results, lets only the current attempt count. */
export interface ResultDesk {
  /** Throws LEASE_LOST unless the node holds this attempt. */
  signUpload(nodeId: NodeId, request: UploadRequest): Promise<SignedPut>;
  finish(nodeId: NodeId, finished: TaskFinished): Promise<FinishedVerdict>;
}

/** Makes the desk of one coordinator. */
export function createResultDesk(context: CoreContext, roster: AgentRoster): ResultDesk {
  const { dispatcher, store } = context;
  const refused = (reason: RefusedMessage): void => context.emit({ kind: 'message-refused', reason });
  const inProgress = new Map<string, Promise<FinishedVerdict>>();

  const holds = (nodeId: NodeId, key: LeaseKey): boolean =>
    currentLease(dispatcher.state(), { nodeId, ...key }) !== undefined;

  const fail = async (nodeId: NodeId, key: LeaseKey, error: FarmError): Promise<boolean> => {
    const outcome = { kind: 'failed', error: error.toData() } as const;
    return (await dispatcher.run({ type: 'finish-task', nodeId, ...key, outcome })).kind === 'accepted';
  };

  const take = async (nodeId: NodeId, key: LeaseKey, completed: Completed): Promise<FinishedVerdict> => {
    let result: TaskResult;
    try {
      result = await examine(context, { nodeId, nodeName: roster.get(nodeId)?.facts.name ?? nodeId, key, completed });
    } catch (thrown) {
      const error = toFarmError(thrown);
      // Not the attempt's fault: the agent says its result again, and keeps its lease meanwhile.
      if (error.code === 'STORAGE_UNREACHABLE' || error.code === 'STORAGE_REFUSED') throw error;
      context.logger.warn({ nodeId, ...key, code: error.code, err: error }, 'a result was rejected');
      refused(error.code === 'STORAGE_CORRUPT' ? 'false-hash' : 'bad-result');
      return (await fail(nodeId, key, error)) ? 'rejected' : 'stale';
    }
    const outcome = { kind: 'completed', result } as const;
    const decision = await dispatcher.run({ type: 'finish-task', nodeId, ...key, outcome });
    return decision.kind === 'accepted' || decision.reason === 'duplicate' ? 'accepted' : 'stale';
  };

  /** Copies of one task may end together: each is examined in its turn, so that only one result is put in its place. */
  const turns = new Map<TaskId, Promise<unknown>>();
  const inTurn = async <T>(taskId: TaskId, work: () => Promise<T>): Promise<T> => {
    const turn = Promise.allSettled([turns.get(taskId)]).then(work);
    turns.set(taskId, turn);
    try {
      return await turn;
    } finally {
      if (turns.get(taskId) === turn) turns.delete(taskId);
    }
  };

  const judge = async (nodeId: NodeId, finished: TaskFinished): Promise<FinishedVerdict> => {
    const { taskId, attempt, outcome } = finished;
    const key = { taskId, attempt };
    if (!holds(nodeId, key)) {
      const phase = dispatcher.state().tasks.get(taskId)?.phase;
      const isRepeated = phase?.kind === 'completed' && phase.attempt === attempt && phase.result.nodeId === nodeId;
      refused(isRepeated ? 'duplicate' : 'fenced');
      return isRepeated ? 'accepted' : 'stale';
    }
    if (outcome.kind === 'failed') {
      return (await fail(nodeId, key, FarmError.fromData(outcome.error))) ? 'accepted' : 'stale';
    }
    const examined = () => (holds(nodeId, key) ? take(nodeId, key, outcome) : ('stale' as const));
    return roster.keepWhile(nodeId, key, () => inTurn(taskId, async () => examined()));
  };

  return {
    async signUpload(nodeId, request) {
      const { taskId, attempt, name, sizeBytes, sha256 } = request;
      if (!holds(nodeId, { taskId, attempt })) {
        refused('fenced');
        throw new FarmError('LEASE_LOST');
      }
      const key = objectKeys.attempt(taskId, attempt, { random: randomBytes(8).toString('hex'), name });
      const baseUrl = roster.get(nodeId)?.connection.baseUrl ?? '';
      const put = await store.signPut(key, { ttlSeconds: urlTtlSeconds, baseUrl, sizeBytes, sha256 });
      dispatcher.runVolatile({ type: 'free-slot', nodeId, taskId, attempt });
      return put;
    },
    finish(nodeId, finished) {
      const id = `${nodeId} ${finished.taskId}#${finished.attempt}`;
      const known = inProgress.get(id);
      if (known !== undefined) return known;
      crashPoint('done-received', 'before');
      const verdict = judge(nodeId, finished).finally(() => {
        inProgress.delete(id);
        crashPoint('done-received', 'after');
      });
      inProgress.set(id, verdict);
      return verdict;
    },
  };
}

interface Examined {
  readonly nodeId: NodeId;
  readonly nodeName: string;
  readonly key: LeaseKey;
  readonly completed: Completed;
}

/** Report against schema and plan, artifact against what the store holds; then it gets its accepted key. */
async function examine(context: CoreContext, facts: Examined): Promise<TaskResult> {
  const { key, completed, nodeId, nodeName } = facts;
  crashPoint('verifying', 'before');
  const task = context.dispatcher.state().tasks.get(key.taskId);
  if (task === undefined) throw new BugError(`no task ${key.taskId} to finish`);
  const shelved = await context.manifests.load(task.plan.jobId, task.plan.rendition);
  const report = checkedReport(task.plan, shelved, completed.report);
  crashPoint('verifying', 'after');
  if (task.plan.kind === 'join') assertSameSource(context, { shelved: filmOf(shelved), plan: task.plan, completed });
  const acceptedKeys = await acceptedKeysOf(context, task.plan, shelved);
  const stored = await storedArtifacts(context, { key, artifacts: completed.artifacts, count: acceptedKeys.length });
  crashPoint('verified', 'before');
  const artifacts: Artifact[] = [];
  for (const [at, artifact] of stored.entries()) {
    const acceptedKey = acceptedKeys[at] as string;
    await promoteTo(context, artifact, acceptedKey);
    artifacts.push({ ...artifact, key: acceptedKey });
  }
  crashPoint('verified', 'after');
  const { sourceSha256, wallSeconds } = completed;
  return { artifacts, report, sourceSha256, wallSeconds, nodeId, nodeName };
}

/** A join may read the source too, and its copy must be the source; other tasks are checked before the join. */
function assertSameSource(
  context: CoreContext,
  { shelved, plan, completed }: { shelved: ShelvedFilm; plan: TaskPlan; completed: Completed },
): void {
  if (completed.sourceSha256 === null) return;
  const { sourceSha256: expected } = collectResults(context, plan.jobId, shelved);
  if (completed.sourceSha256 === expected) return;
  throw new FarmError('STORAGE_CORRUPT', {
    message: 'The copy of the source that the join read does not match the original.',
    details: { expected, received: completed.sourceSha256 },
  });
}

function checkedReport(plan: TaskPlan, shelved: ShelvedPlan, report: unknown): unknown {
  const parsed = reportSchema(plan, shelved).safeParse(report);
  if (!parsed.success) {
    throw new FarmError('INTERNAL', {
      message: 'A result came with a report of the wrong shape.',
      cause: parsed.error,
    });
  }
  const expected = expectedFrames(plan, shelved);
  for (const part of 'parts' in parsed.data ? parsed.data.parts : [parsed.data]) {
    const frames = 'frames' in part ? part.frames : expected;
    if (frames === expected) continue;
    throw new FarmError('FRAME_COUNT', {
      message: `${frames} frames instead of ${expected}.`,
      details: { frames, expected },
    });
  }
  return parsed.data;
}

function reportSchema({ kind }: TaskPlan, shelved: ShelvedPlan) {
  if (shelved.kind === 'stills') return ExtractReport;
  const { encodedWith } = shelved.manifest;
  if (kind === 'audio') return AudioReport;
  if (kind === 'join') return JoinReport;
  if (encodedWith.length === 0) return EncodeReport;
  return SharedEncodeReport.refine(({ parts }) => parts.length === encodedWith.length);
}

function expectedFrames(plan: TaskPlan, shelved: ShelvedPlan): number {
  if (shelved.kind === 'stills') return shelved.tasks[plan.chunkIndex ?? -1]?.frames ?? 0;
  const chunk = plan.chunkIndex === null ? undefined : shelved.manifest.chunks[plan.chunkIndex];
  return chunk === undefined ? shelved.manifest.frames : chunk.end - chunk.first;
}

/** The artifacts of an attempt, as the store really holds them. */
async function storedArtifacts(
  context: CoreContext,
  { key, artifacts, count }: { key: LeaseKey; artifacts: readonly Artifact[]; count: number },
): Promise<readonly Artifact[]> {
  const prefix = objectKeys.attempt(key.taskId, key.attempt, { random: 'r', name: 'n' }).slice(0, -'r/n'.length);
  if (artifacts.length !== count || artifacts.some((artifact) => !artifact.key.startsWith(prefix))) {
    throw new FarmError('INTERNAL', { message: 'A result names other objects than its own upload.' });
  }
  for (const artifact of artifacts) {
    const held = await context.store.head(artifact.key);
    const hasSameHash = held !== null && (held.sha256 === null || held.sha256 === artifact.sha256);
    if (hasSameHash && held.sizeBytes === artifact.sizeBytes) continue;
    throw new FarmError('STORAGE_CORRUPT', { details: { key: artifact.key, held, expected: artifact.sha256 } });
  }
  return artifacts;
}

/** One per artifact, in their order. */
async function acceptedKeysOf(context: CoreContext, plan: TaskPlan, shelved: ShelvedPlan): Promise<string[]> {
  const { jobId } = plan;
  const index = plan.chunkIndex ?? 0;
  if (shelved.kind === 'stills') {
    const { output, rendition } = shelved.manifest;
    return [objectKeys.segment(jobId, rendition, { index, extension: partExtension(output) })];
  }
  const { manifest } = shelved;
  if (plan.kind === 'join') return [objectKeys.joined(jobId, manifest.rendition, manifest.container)];
  if (plan.kind === 'audio') {
    const sound = soundOf(plan, shelved);
    if (sound === undefined) throw new BugError(`the manifest has no spec for ${plan.taskId}`);
    const track = { name: sound.name, extension: sound.spec.audio.container };
    return [objectKeys.audio(jobId, manifest.rendition, track)];
  }
  const sharing = manifest.encodedWith.length > 0 ? manifest.encodedWith : [manifest.rendition];
  const plans = await Promise.all(sharing.map((rendition) => context.manifests.load(jobId, rendition)));
  return plans.map((other) => {
    const { rendition, video, container } = filmOf(other).manifest;
    return objectKeys.segment(jobId, rendition, { index, extension: video?.chunkContainer ?? container });
  });
}

/** An accepted key may still hold the result of an attempt that did not count in the end: it gives way. */
async function promoteTo(context: CoreContext, artifact: Artifact, acceptedKey: string): Promise<void> {
  const { store } = context;
  const there = await store.head(acceptedKey);
  const isOther = there !== null && (there.sizeBytes !== artifact.sizeBytes || there.sha256 !== artifact.sha256);
  if (isOther) await store.remove(acceptedKey);
  await store.promote(artifact.key, acceptedKey);
  await store.remove(artifact.key);
}
