import { z } from 'zod';
import type { AttemptRuns } from './attemptLogs.ts';
import { NodeDisk } from './diskMarks.ts';
import type { Envelope } from './envelope.ts';
import { ErrorData } from './farmError.ts';
import { HardwareProofs } from './hardware.ts';
import { AttemptNumber, JobId, NodeId, Sha256, TaskId } from './ids.ts';
import { CpuBack, LendingTerms, NodeClosure, NodeHours, NodePause } from './lending.ts';
import { SourceIdentity } from './source.ts';
import { FarmTaskKind, KindCaps } from './task.ts';
import { Tag } from './why.ts';

/** Socket.IO namespace of agents; decision 12 describes the mutual challenge. */
export const agentNamespace = '/agents';

const Nonce = z.string().regex(/^[0-9a-f]{64}$/);
const Mac = z.string().regex(/^[0-9a-f]{64}$/);

/** `auth` of the Socket.IO handshake: carries no secret. */
export const AgentHandshake = z.object({
  nodeId: NodeId,
  nonce: Nonce,
  protocol: z.object({ min: z.number().int(), max: z.number().int() }),
  /** Which secret the agent will prove: the shared join token, or the key kept from its first join. */
  secret: z.enum(['join-token', 'node-key']),
});
export type AgentHandshake = z.infer<typeof AgentHandshake>;

export const AuthChallenge = z.object({ coordinatorId: z.string(), nonce: Nonce, mac: Mac });
export type AuthChallenge = z.infer<typeof AuthChallenge>;
export const AuthAnswer = z.object({ mac: Mac });
export type AuthAnswer = z.infer<typeof AuthAnswer>;

export const Toolchain = z.object({
  /** e.g. `5.1.9-0+deb12u1`. */
  ffmpegVersion: z.string(),
  /** SHA-256 of version and configuration output: the build, not the file. */
  buildHash: Sha256,
  arch: z.string(),
  /** `{buildHash first 12}-{arch}`; all chunks of a rendition come from one class. */
  classId: z.string(),
  encoders: z.array(z.string()),
  /** Of the filters that some builds lack, those this one has; absent: not known. */
  filters: z.array(z.string()).optional(),
});
export type Toolchain = z.infer<typeof Toolchain>;

export const Admission = z.object({
  coordinatorId: z.string(),
  coordinatorName: z.string(),
  protocolVersion: z.number().int(),
  heartbeatIntervalMs: z.number().int().positive(),
  leaseTtlMs: z.number().int().positive(),
  /** File that holds a random nonce; an agent that reads it runs on the coordinator's machine (decision 14). */
  sameMachineProofFile: z.string(),
});
export type Admission = z.infer<typeof Admission>;

export const LeaseKey = z.object({ taskId: TaskId, attempt: AttemptNumber });
export type LeaseKey = z.infer<typeof LeaseKey>;

/** Tags of one node. */
export const mostTags = 32;

export const AgentHello = z.object({
  nodeId: NodeId,
  name: z.string().min(1).max(120),
  productVersion: z.string(),
  toolchain: Toolchain,
  slots: z.number().int().positive(),
  /** Offers it lets wait beyond its slots; agents that do not say so take none. */
  waitingOffers: z.number().int().nonnegative().default(0),
  cpuCount: z.number().int().positive(),
  /** Of the machine, or of the container the agent runs in. */
  memoryBytes: z.number().int().positive(),
  /** What its tasks may hold together; default: all of `memoryBytes`. */
  taskMemoryBytes: z.number().int().positive().optional(),
  /** Absent: not known, never checked. */
  disk: NodeDisk.optional(),
  tags: z.array(Tag).max(mostTags).default([]),
  /** The only kinds of tasks it takes; null: all. */
  kinds: z.array(FarmTaskKind).min(1).nullable().default(null),
  kindCaps: KindCaps.optional(),
  /** Content of the proof file, or null where it cannot be read. */
  sameMachineProof: z.string().nullable(),
  /** What this process found out about its hardware encoders; null: it has not tried them yet. */
  hardware: HardwareProofs.nullable().default(null),
  /** Leases this process still holds, so that a reconnect loses nothing. */
  heldLeases: z.array(LeaseKey),
  /** Why it takes nothing new by its own word; null: it does. */
  closure: NodeClosure.nullable().default(null),
  /** Leases it stopped to free the machine, unless the coordinator is known to have heard of them. */
  givenBack: z.array(LeaseKey).default([]),
  lending: LendingTerms.optional(),
  /** The schedule of the farm's that it follows; null: none. Absent: it knows of no such hours. */
  farmHours: z.string().nullable().optional(),
});
export type AgentHello = z.infer<typeof AgentHello>;

/** Object an agent may read once with a plain GET. */
export const SignedGet = z.object({
  url: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  sha256: Sha256.nullable(),
});
export type SignedGet = z.infer<typeof SignedGet>;
/** Object an agent may write once: bound to method, key, length and hash. `parts` only for multipart. */
export const SignedPut = z.object({
  key: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  multipart: z
    .object({
      partSizeBytes: z.number().int().positive(),
      partUrls: z.array(z.string()),
      completeUrl: z.string(),
    })
    .nullable(),
});
export type SignedPut = z.infer<typeof SignedPut>;

/** Where the source of a task is: read in place on the same machine, else fetched into the block cache. */
export const SourceAccess = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('in-place'), identity: SourceIdentity }),
  z.object({ kind: z.literal('fetch'), sourceId: z.string(), extension: z.string(), get: SignedGet }),
]);
export type SourceAccess = z.infer<typeof SourceAccess>;

export const TaskInput = z.object({ name: z.string(), get: SignedGet });
export type TaskInput = z.infer<typeof TaskInput>;

export const TaskOffer = z.object({
  taskId: TaskId,
  attempt: AttemptNumber,
  jobId: JobId,
  kind: FarmTaskKind,
  leaseTtlMs: z.number().int().positive(),
  source: SourceAccess.nullable(),
  inputs: z.array(TaskInput),
  /** Encoder CPU seconds that the plan predicts; absent: not known. */
  expectedSeconds: z.number().nonnegative().optional(),
  /** Opaque to all but media: an `EncodeSpec`, `AudioSpec` or `JoinSpec` of @reelmill/media, schema-checked there. */
  spec: z.unknown(),
  /** What the attempt is expected to hold at once; one that takes much more is ended. Absent: no limit. */
  memoryBytes: z.number().int().positive().optional(),
});
export type TaskOffer = z.infer<typeof TaskOffer>;
export const OfferAnswer = z.discriminatedUnion('accepted', [
  z.object({ accepted: z.literal(true) }),
  z.object({ accepted: z.literal(false), error: ErrorData }),
]);
export type OfferAnswer = z.infer<typeof OfferAnswer>;

/** `returned`: it had not begun, and the agent has forgotten it. */
export const RecallAnswer = z.object({ returned: z.boolean() });
export type RecallAnswer = z.infer<typeof RecallAnswer>;

export const TaskProgress = LeaseKey.extend({
  phase: z.enum(['fetch', 'encode', 'upload']),
  framesDone: z.number().nonnegative(),
  fps: z.number().nonnegative(),
  bytesDone: z.number().nonnegative(),
});
export type TaskProgress = z.infer<typeof TaskProgress>;

export const UploadRequest = LeaseKey.extend({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,80}$/),
  sizeBytes: z.number().int().nonnegative(),
  sha256: Sha256,
});
export type UploadRequest = z.infer<typeof UploadRequest>;

export const Artifact = z.object({
  name: z.string(),
  key: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  sha256: Sha256,
});
export type Artifact = z.infer<typeof Artifact>;

export const TaskOutcome = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('completed'),
    artifacts: z.array(Artifact),
    /** Opaque to all but media: what the attempt measured (frames, pts, edge checksums). */
    report: z.unknown(),
    /** Hash of the source copy this attempt read, when it was fetched; null when read in place. */
    sourceSha256: Sha256.nullable(),
    wallSeconds: z.number().nonnegative(),
  }),
  z.object({ kind: z.literal('failed'), error: ErrorData }),
]);
export type TaskOutcome = z.infer<typeof TaskOutcome>;

export const TaskFinished = LeaseKey.extend({ outcome: TaskOutcome });
export type TaskFinished = z.infer<typeof TaskFinished>;
/** `accepted`: this result counts. `stale`: another attempt owns the task; forget it. `rejected`: it failed a check. */
export const FinishedVerdict = z.enum(['accepted', 'stale', 'rejected']);
export type FinishedVerdict = z.infer<typeof FinishedVerdict>;

export const Telemetry = z.object({
  cpuPercent: z.number().min(0).max(100),
  memoryUsedBytes: z.number().nonnegative(),
  freeDiskBytes: z.number().nonnegative(),
  /** Null where the system reports none; never 0. */
  temperatureCelsius: z.number().nullable(),
  bytesDownloaded: z.number().nonnegative(),
  bytesUploaded: z.number().nonnegative(),
});
export type Telemetry = z.infer<typeof Telemetry>;

export const Heartbeat = z.object({ leases: z.array(LeaseKey), telemetry: Telemetry, disk: NodeDisk.optional() });
export type Heartbeat = z.infer<typeof Heartbeat>;
export const HeartbeatAnswer = z.object({
  /** Leases of the heartbeat that the agent must stop: they expired or moved. */
  revoked: z.array(LeaseKey),
  /** The farm's pause of the node, or that there is none; absent: not told. */
  pause: NodePause.nullable().optional(),
  /** The hours that the farm set for the node, or that there are none; absent: not told. */
  hours: NodeHours.nullable().optional(),
});
export type HeartbeatAnswer = z.infer<typeof HeartbeatAnswer>;

/** Told whenever it changes, and again until it is heard. */
export const StandingReport = z.object({
  closure: NodeClosure.nullable(),
  /** The agent's own act: their tasks are queued again at once, and nothing is charged. */
  givenBack: z.array(LeaseKey),
  cpuBack: CpuBack.nullable(),
  /** As in the hello. */
  farmHours: z.string().nullable().optional(),
});
export type StandingReport = z.infer<typeof StandingReport>;

type Ack<T> = (answer: T) => void;

/** Coordinator → agent. Payloads are parsed with the schema of the same name at the agent's door. */
export interface CoordinatorToAgent {
  'auth:challenge': (challenge: AuthChallenge, ack: Ack<AuthAnswer | { refused: ErrorData }>) => void;
  'auth:refused': (error: ErrorData) => void;
  'agent:admitted': (admission: Admission) => void;
  'task:offer': (offer: TaskOffer, ack: Ack<OfferAnswer>) => void;
  'task:cancel': (key: LeaseKey) => void;
  /** Give a waiting offer back, unless the attempt has begun. Only sent to agents that let offers wait. */
  'task:recall': (key: LeaseKey, ack: Ack<RecallAnswer>) => void;
  /** Take nothing new, or stop at once; null: the farm's pause is over. Told again at each join while it lasts. */
  'node:pause': (pause: NodePause | null) => void;
  /** Take nothing outside these hours of your own clock, and say so; null: the farm sets none. Told again as a pause is. */
  'node:hours': (hours: NodeHours | null) => void;
  /** Try your hardware encoders, once per process; later calls answer the same. */
  'hardware:prove': (ack: Ack<Envelope<HardwareProofs>>) => void;
  /** What an attempt of this node ran and wrote, as far as it is kept: an empty list where nothing is. */
  'task:log': (key: LeaseKey, ack: Ack<Envelope<AttemptRuns>>) => void;
}

/** Agent → coordinator. */
export interface AgentToCoordinator {
  'agent:hello': (hello: AgentHello, ack: Ack<Envelope<{ revoked: LeaseKey[] }>>) => void;
  /**
   * Answered where the agent asks for it. Where it does not, leases of the heartbeat that it must stop are told by
   * `task:cancel`; coordinators before that said nothing, and agents before that always ask: either works with either.
   */
  heartbeat: (heartbeat: Heartbeat, ack?: Ack<Envelope<HeartbeatAnswer>>) => void;
  'task:progress': (progress: TaskProgress) => void;
  'task:upload': (request: UploadRequest, ack: Ack<Envelope<SignedPut>>) => void;
  'task:finished': (finished: TaskFinished, ack: Ack<Envelope<FinishedVerdict>>) => void;
  'agent:standing': (report: StandingReport, ack: Ack<Envelope<null>>) => void;
  /** Orderly leave: the agent stops taking work and its leases are requeued at once. */
  'agent:bye': (ack: Ack<Envelope<null>>) => void;
}
