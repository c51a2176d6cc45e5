import type { QueueRule } from '@reelmill/protocol';
import { type ErrorCode, FarmError, JobId, NodeId, TaskId } from '@reelmill/protocol';
import type { Command, Decision, Effect, JoiningNode } from './command.ts';
import { decide } from './decide.ts';
import type { SchedulerEvent } from './event.ts';
import { evolveAll } from './evolve.ts';
import { checkInvariants } from './invariants.ts';
import type { SubmittedOrder } from './jobOrder.ts';
import type { SchedulerState, TaskPlan, TaskResult } from './model.ts';
import type { SpaceNeed } from './space.ts';
import { initialState, leasesOf, taskOf } from './state.ts';

/** Command without its times: the test farm's clock adds them. */
type Untimed<T> = T extends unknown ? Omit<T, 'at' | 'iso'> : never;
export type UntimedCommand = Untimed<Command>;

/** A scheduler on a fake clock, for tests: every step is checked against the invariants. */
export class TestFarm {
  state: SchedulerState = initialState;
  at = 0;
  houseSlots = 2;
  queues: readonly QueueRule[] = [];
  waitsForSpace = false;
  readonly events: SchedulerEvent[] = [];
  private readonly checks: boolean;

  /** `checks`: false for farms so large that checking every step takes long. */
  constructor({ checks = true }: { readonly checks?: boolean } = {}) {
    this.checks = checks;
  }

  /** Decides and applies; returns the effects. Fails where the command is rejected. */
  does(command: UntimedCommand): readonly Effect[] {
    const decision = this.tries(command);
    if (decision.kind === 'rejected') throw new Error(`${command.type} was rejected: ${decision.reason}`);
    return decision.effects;
  }

  /** Decides, and applies where accepted. */
  tries(command: UntimedCommand): Decision {
    const timed = { ...command, at: this.at, iso: '2026-01-01T00:00:00.000Z' } as Command;
    const decision = decide(this.state, timed, {
      houseSlots: this.houseSlots,
      queues: this.queues,
      waitsForSpace: this.waitsForSpace,
    });
    if (decision.kind === 'rejected') return decision;
    this.state = evolveAll(this.state, decision.events);
    this.events.push(...decision.events);
    const broken = this.checks ? checkInvariants(this.state) : [];
    if (broken.length > 0) throw new Error(`after ${command.type}: ${broken.join('; ')}`);
    return decision;
  }

  /** Lets time pass in ticks of one second, with heartbeats of these nodes for all they hold. */
  passes(milliseconds: number, living: readonly NodeId[] = []): Effect[] {
    const effects: Effect[] = [];
    const end = this.at + milliseconds;
    while (this.at < end) {
      this.at = Math.min(end, this.at + 1000);
      for (const nodeId of living) this.does({ type: 'heartbeat', nodeId, held: this.held(nodeId) });
      effects.push(...this.does({ type: 'tick' }));
    }
    return effects;
  }

  held(nodeId: NodeId): { taskId: TaskId; attempt: number }[] {
    return [...leasesOf(this.state, nodeId)].map(([taskId, { attempt }]) => ({ taskId, attempt }));
  }

  joins(name: string, options: Partial<NodeTraits> = {}): readonly Effect[] {
    const node = {
      nodeId: nodeId(name),
      name,
      slots: 1,
      toolchainClass: 'x64',
      local: false,
      waitingOffers: 0,
      ...options,
    };
    return this.does({ type: 'join-node', node, held: [] });
  }

  /** Its first copy ends well, after so many seconds on its node. */
  completes(taskId: TaskId, wallSeconds = 1): readonly Effect[] {
    const { phase } = taskOf(this.state, taskId);
    if (phase.kind !== 'leased') throw new Error(`${taskId} is ${phase.kind}`);
    const { nodeId, attempt } = phase.lease;
    const outcome = { kind: 'completed' as const, result: { ...resultOf(nodeId), wallSeconds } };
    return this.does({ type: 'finish-task', nodeId, taskId, attempt, outcome });
  }

  fails(taskId: TaskId, code: ErrorCode = 'ENCODE_FAILED'): readonly Effect[] {
    const { phase } = taskOf(this.state, taskId);
    if (phase.kind !== 'leased') throw new Error(`${taskId} is ${phase.kind}`);
    const { nodeId, attempt } = phase.lease;
    const outcome = { kind: 'failed' as const, error: errorOf(code) };
    return this.does({ type: 'finish-task', nodeId, taskId, attempt, outcome });
  }

  phase(taskId: TaskId): string {
    return taskOf(this.state, taskId).phase.kind;
  }

  holder(taskId: TaskId): string | null {
    const { phase } = taskOf(this.state, taskId);
    return phase.kind === 'leased' ? phase.lease.nodeId : null;
  }

  attempts(taskId: TaskId): number {
    return taskOf(this.state, taskId).attempts;
  }

  /** A job past its probe, with this many chunks (and no hash or audio), ending in assemble and publish. */
  plannedJob(name: string, chunks: number, options: JobOptions = {}): TestJob {
    const job = jobNamed(name, chunks, options);
    this.does({
      type: 'submit-job',
      jobId: job.jobId,
      request: { name },
      tasks: [job.probe],
      ...(options.order && { order: options.order }),
    });
    const space = options.space && { space: options.space };
    this.does({ type: 'plan-job', jobId: job.jobId, plan: { chunks }, tasks: job.planned, ...space });
    this.completes(job.probe.taskId);
    return job;
  }
}

type NodeTraits = Pick<
  JoiningNode,
  | 'slots'
  | 'toolchainClass'
  | 'memoryBytes'
  | 'disk'
  | 'local'
  | 'tags'
  | 'kinds'
  | 'kindCaps'
  | 'farmHours'
  | 'waitingOffers'
>;

export interface JobOptions {
  /** Memory and pin of its chunks. */
  readonly needs?: Pick<TaskPlan, 'memoryBytes' | 'diskBytes' | 'fetchBytes' | 'pin'>;
  /** What it fills on the coordinator's disks. */
  readonly space?: readonly SpaceNeed[];
  readonly toolchainClass?: string | null;
  readonly audio?: boolean;
  readonly hash?: boolean;
  /** Seconds of each chunk; the last value goes on. */
  readonly costs?: readonly number[];
  readonly order?: SubmittedOrder;
}
export interface TestJob {
  readonly jobId: JobId;
  readonly probe: TaskPlan;
  readonly planned: readonly TaskPlan[];
  readonly chunks: readonly TaskId[];
  readonly audio: TaskId;
  readonly hash: TaskId;
  readonly assemble: TaskId;
  readonly publish: TaskId;
}

/** A number as letters, for names of nodes and jobs: at least so many. */
export const letters = (value: number, length = 6): string =>
  [...String(value).padStart(length, '0')].map((digit) => 'abcdefghij'[Number(digit)]).join('');
export const nodeId = (name: string): NodeId => NodeId.parse(`node-${name}`);
export const errorOf = (code: ErrorCode) => new FarmError(code).toData();
export const resultOf = (holder: NodeId | 'house'): TaskResult => ({
  artifacts: [],
  report: null,
  sourceSha256: null,
  wallSeconds: 1,
  nodeId: holder,
  nodeName: holder,
});

/** Plans of a job like those of the embedded store (decisions 9 and 19). `name`: letters a–z. */
export function jobNamed(name: string, chunks: number, options: JobOptions = {}): TestJob {
  const jobId = JobId.parse(`J-${name.padEnd(10, 'a')}`);
  const rendition = 'h264-720p' as NonNullable<TaskPlan['rendition']>;
  const taskId = (suffix: string) => TaskId.parse(`${jobId}/${suffix}`);
  const base = { jobId, dependsOn: [], costSeconds: 1, toolchainClass: null, rendition, chunkIndex: null };
  const probe: TaskPlan = { ...base, taskId: taskId('probe'), kind: 'probe', place: 'house', rendition: null };
  const after = [probe.taskId];
  const { toolchainClass = 'x64' } = options;
  const farm = { ...base, place: 'farm' as const, toolchainClass, dependsOn: after };
  const costs = options.costs ?? [10];
  const encodes = Array.from({ length: chunks }, (_, chunkIndex): TaskPlan => {
    const suffix = `${rendition}/encode-${String(chunkIndex).padStart(4, '0')}`;
    const costSeconds = costs[Math.min(chunkIndex, costs.length - 1)] ?? 10;
    return { ...farm, taskId: taskId(suffix), kind: 'encode', chunkIndex, costSeconds, ...options.needs };
  });
  const audio: TaskPlan = { ...farm, taskId: taskId(`${rendition}/audio`), kind: 'audio' };
  const hash: TaskPlan = { ...base, taskId: taskId('hash'), kind: 'hash', place: 'house', dependsOn: after };
  const parts = [...encodes, ...(options.audio ? [audio] : []), ...(options.hash ? [hash] : [])];
  const assemble: TaskPlan = {
    ...base,
    taskId: taskId(`${rendition}/assemble`),
    kind: 'assemble',
    place: 'house',
    dependsOn: parts.map((part) => part.taskId),
  };
  const publish: TaskPlan = {
    ...base,
    taskId: taskId(`${rendition}/publish`),
    kind: 'publish',
    place: 'house',
    dependsOn: [assemble.taskId],
  };
  return {
    jobId,
    probe,
    planned: [...parts, assemble, publish],
    chunks: encodes.map((encode) => encode.taskId),
    audio: audio.taskId,
    hash: hash.taskId,
    assemble: assemble.taskId,
    publish: publish.taskId,
  };
}
