import { FarmError, type NodeId, type TaskId, timing } from '@reelmill/protocol';
import type { Command, Effect } from '../command.ts';
import { decide } from '../decide.ts';
import { evolveAll } from '../evolve.ts';
import type { SchedulerState } from '../model.ts';
import { initialState, taskOf } from '../state.ts';
import { jobNamed, letters, nodeId, resultOf, type TestJob } from '../testFarm.ts';
import type { UntimedCommand } from './messages.ts';
import { Random } from './random.ts';
import { Timeline } from './timeline.ts';

const iso = '2026-01-01T00:00:00.000Z';
const houseSlots = 4;
/** One way through the network, with a journal commit on the coordinator's side. */
const messageMs = 15;
const uploadMs = 200;
/** An agent's patience with a store that says nothing. */
const unansweredMs = 60_000;
const houseSeconds: Readonly<Record<string, number>> = { probe: 1, assemble: 1, publish: 0.3 };

export interface EfficiencyOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly films: readonly { readonly minutes: number }[];
  /** Predicted CPU seconds of a second of film, and of one chunk (media's planner: 10 for long films). */
  readonly costPerSecond: number;
  readonly chunkCostSeconds: number;
  /** Share of attempts that fail somewhere on their way. */
  readonly failing: number;
  /** Offers a node lets wait; 0: one task a slot, as without batching. */
  readonly waitingOffers: number;
  /** Slots that stay idle at a tick may take copies of late tasks. */
  readonly speculates: boolean;
  /** From this moment on the store does not answer the uploads of this node, which tries each again after a minute. */
  readonly unanswered?: { readonly node: number; readonly atSeconds: number };
  /** From this moment on the node with this number works eight times slower. */
  readonly slowed?: { readonly node: number; readonly atSeconds: number };
}

export interface EfficiencyReport {
  readonly makespanSeconds: number;
  /** Total work over total speed, or the longest chain of one film where that is longer. */
  readonly boundSeconds: number;
  /** CPU done for chunks over the CPU they need: stopped copies and failed attempts are the rest. */
  readonly workFactor: number;
  readonly backups: number;
  readonly recalled: number;
  readonly commands: number;
}

interface Held {
  readonly taskId: TaskId;
  readonly attempt: number;
  startedAt: number | null;
}

/** A farm without faults but failing attempts, on a virtual clock: how near its schedule comes to the least possible. */
export class EfficientFarm {
  private readonly options: EfficiencyOptions;
  private readonly random: Random;
  private readonly timeline = new Timeline();
  private readonly speeds = new Map<NodeId, number>();
  private readonly queues = new Map<NodeId, Held[]>();
  private readonly jobs = new Map<TaskId, TestJob>();
  private commands = 0;
  private workDone = 0;
  private backups = 0;
  private recalled = 0;
  private state: SchedulerState = initialState;

  constructor(options: EfficiencyOptions) {
    this.options = options;
    this.random = new Random(options.seed);
    for (let index = 0; index < options.nodes; index += 1) {
      this.speeds.set(nodeId(letters(index, 3)), this.random.between(1, 8));
    }
  }

  run(): EfficiencyReport {
    const { films, chunkCostSeconds, costPerSecond } = this.options;
    const jobs = films.map(({ minutes }, index) => {
      const chunks = Math.ceil((minutes * 60 * costPerSecond) / chunkCostSeconds);
      // Real chunks end at key frames: a little longer or shorter.
      const costs = Array.from({ length: chunks }, () => chunkCostSeconds * this.random.between(0.85, 1.15));
      return jobNamed(letters(index, 3), chunks, { costs });
    });
    for (const [id] of this.speeds) this.join(id);
    for (const job of jobs) {
      this.jobs.set(job.probe.taskId, job);
      this.does({ type: 'submit-job', jobId: job.jobId, request: null, tasks: [job.probe] });
    }
    this.tick();
    this.timeline.run(86_400_000, () => this.isDone());
    return this.report(jobs);
  }

  private isDone(): boolean {
    for (const job of this.state.jobs.values()) {
      if (job.phase.kind === 'failed') throw new Error(`a job failed by chance: choose another seed`);
      if (job.phase.kind === 'active') return false;
    }
    return true;
  }

  private report(jobs: readonly TestJob[]): EfficiencyReport {
    const totalSpeed = [...this.speeds.values()].reduce((sum, speed) => sum + speed, 0);
    const fastest = Math.max(...this.speeds.values());
    let work = 0;
    let chain = 0;
    for (const { planned } of jobs) {
      const costs = planned.filter((plan) => plan.kind === 'encode').map((plan) => plan.costSeconds);
      work += costs.reduce((sum, cost) => sum + cost, 0);
      const house = Object.values(houseSeconds).reduce((sum, seconds) => sum + seconds, 0);
      chain = Math.max(chain, house + Math.max(...costs) / fastest);
    }
    return {
      makespanSeconds: this.timeline.now / 1000,
      boundSeconds: Math.max(work / totalSpeed, chain),
      workFactor: this.workDone / work,
      backups: this.backups,
      recalled: this.recalled,
      commands: this.commands,
    };
  }

  private does(command: UntimedCommand): void {
    const timed = { ...command, at: this.timeline.now, iso } as Command;
    const decision = decide(this.state, timed, { houseSlots });
    this.commands += 1;
    if (decision.kind === 'rejected') return;
    this.state = evolveAll(this.state, decision.events);
    for (const event of decision.events) if (event.type === 'lease-granted' && event.backup === true) this.backups += 1;
    for (const effect of decision.effects) this.perform(effect);
  }

  /** After a way through the network. */
  private send(action: () => void): void {
    this.timeline.after(messageMs, action);
  }

  private perform(effect: Effect): void {
    switch (effect.type) {
      case 'offer-task':
        this.send(() => this.offered(effect.nodeId, effect));
        break;
      case 'run-house-task':
        this.house(effect.taskId, effect.attempt);
        break;
      case 'cancel-lease':
        this.send(() => this.drop(effect.nodeId, effect.taskId));
        break;
      case 'recall-lease':
        this.send(() => this.recall(effect.nodeId, effect));
        break;
      default:
        break;
    }
  }

  private join(id: NodeId): void {
    const { waitingOffers } = this.options;
    this.queues.set(id, []);
    const node = { nodeId: id, name: id, slots: 1, waitingOffers, toolchainClass: 'x64', local: false };
    this.does({ type: 'join-node', node, held: [] });
    const beat = (): void => {
      const held = (this.queues.get(id) ?? []).map(({ taskId, attempt }) => ({ taskId, attempt }));
      this.does({ type: 'heartbeat', nodeId: id, held });
      this.timeline.after(timing.heartbeatIntervalMs, beat);
    };
    this.timeline.after(this.random.between(0, timing.heartbeatIntervalMs), beat);
  }

  private tick(): void {
    if (this.options.speculates) this.does({ type: 'tick' });
    this.timeline.after(500, () => this.tick());
  }

  private house(taskId: TaskId, attempt: number): void {
    const { kind } = taskOf(this.state, taskId).plan;
    this.timeline.after(1000 * (houseSeconds[kind] ?? 0), () => {
      const job = this.jobs.get(taskId);
      if (job !== undefined) this.does({ type: 'plan-job', jobId: job.jobId, plan: {}, tasks: job.planned });
      const outcome = { kind: 'completed' as const, result: resultOf('house') };
      this.does({ type: 'finish-task', nodeId: 'house', taskId, attempt, outcome });
    });
  }

  private offered(id: NodeId, { taskId, attempt }: { taskId: TaskId; attempt: number }): void {
    this.queues.get(id)?.push({ taskId, attempt, startedAt: null });
    this.startNext(id);
  }

  private speedOf(id: NodeId): number {
    const { slowed } = this.options;
    const isSlow = slowed !== undefined && id === nodeId(letters(slowed.node, 3));
    const factor = isSlow && this.timeline.now >= slowed.atSeconds * 1000 ? 1 / 8 : 1;
    return factor * (this.speeds.get(id) ?? 1);
  }

  private startNext(id: NodeId): void {
    const [next] = this.queues.get(id) ?? [];
    if (next === undefined || next.startedAt !== null) return;
    const { taskId, attempt } = next;
    next.startedAt = this.timeline.now;
    this.send(() => this.does({ type: 'start-task', nodeId: id, taskId, attempt }));
    const encodeMs = (1000 * taskOf(this.state, taskId).plan.costSeconds) / this.speedOf(id);
    // Not three times in a row, which would end the job.
    const fails = attempt < 3 && this.random.chance(this.options.failing);
    const endsMs = fails ? encodeMs * this.random.next() : encodeMs;
    this.timeline.after(endsMs, () => this.encoded(id, next, { fails, endsMs }));
  }

  private encoded(id: NodeId, held: Held, { fails, endsMs }: { fails: boolean; endsMs: number }): void {
    const queue = this.queues.get(id) ?? [];
    if (!queue.includes(held)) return;
    const { taskId, attempt } = held;
    this.workDone += (endsMs / 1000) * this.speedOf(id);
    queue.splice(queue.indexOf(held), 1);
    this.startNext(id);
    const finish = (outcome: Extract<Command, { type: 'finish-task' }>['outcome']): void =>
      this.send(() => this.does({ type: 'finish-task', nodeId: id, taskId, attempt, outcome }));
    if (fails) {
      finish({ kind: 'failed', error: new FarmError('ENCODE_FAILED').toData() });
      return;
    }
    this.send(() => this.does({ type: 'free-slot', nodeId: id, taskId, attempt }));
    const result = { ...resultOf(id), wallSeconds: endsMs / 1000 };
    this.timeline.after(this.uploadMsOf(id), () => finish({ kind: 'completed', result }));
  }

  private uploadMsOf(id: NodeId): number {
    const { unanswered } = this.options;
    const isUnanswered = unanswered !== undefined && id === nodeId(letters(unanswered.node, 3));
    return isUnanswered && this.timeline.now >= unanswered.atSeconds * 1000 ? unansweredMs + uploadMs : uploadMs;
  }

  private drop(id: NodeId, taskId: TaskId): void {
    const queue = this.queues.get(id) ?? [];
    const at = queue.findIndex((held) => held.taskId === taskId);
    const [dropped] = at < 0 ? [] : queue.splice(at, 1);
    if (dropped?.startedAt != null)
      this.workDone += ((this.timeline.now - dropped.startedAt) / 1000) * this.speedOf(id);
    this.startNext(id);
  }

  private recall(id: NodeId, { taskId, attempt }: { taskId: TaskId; attempt: number }): void {
    const queue = this.queues.get(id) ?? [];
    const at = queue.findIndex((held) => held.taskId === taskId && held.startedAt === null);
    if (at < 0) return;
    queue.splice(at, 1);
    this.recalled += 1;
    this.send(() => this.does({ type: 'return-task', nodeId: id, taskId, attempt }));
  }
}

/** Films from 8 minutes to 2 hours, evenly spread over that, in any order. */
export function filmsOfAllLengths(seed: number, count: number): { minutes: number }[] {
  const random = new Random(seed);
  const films = Array.from({ length: count }, (_, index) => ({ minutes: 8 + (112 * index) / (count - 1) }));
  const drawn: { minutes: number }[] = [];
  while (films.length > 0) drawn.push(...films.splice(random.whole(0, films.length - 1), 1));
  return drawn;
}
