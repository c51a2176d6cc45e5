import { type JobId, type TaskId, timing } from '@reelmill/protocol';
import type { DurableEvent, SchedulerEvent } from '../event.ts';
import { evolveAll } from '../evolve.ts';
import { checkInvariants } from '../invariants.ts';
import { isDurable } from '../isDurable.ts';
import type { SchedulerState } from '../model.ts';
import { currentLease, initialState } from '../state.ts';
import { AssignmentWatch } from './assignmentWatch.ts';
import { BudgetWatch } from './budgetWatch.ts';
import { DiskWatch } from './diskWatch.ts';
import { durableView } from './durableView.ts';
import { JobWatch } from './jobWatch.ts';
import { illegalEvent, missingEvent } from './legal.ts';
import type { AgentMessage } from './messages.ts';
import { simulatedQueues } from './orderClient.ts';
import { OrderWatch } from './orderWatch.ts';
import { TrustWatch } from './trustWatch.ts';
import { type EventOf, jobOfTask, type Step } from './watching.ts';

interface Attempt {
  readonly taskId: TaskId;
  readonly attempt: number;
}

const keyOf = (taskId: TaskId, attempt: number): string => `${taskId}#${attempt}`;
/** A stall of the disk or a short stop of the process: longer ones give every lease a grace period. */
const longestLineMs = 2_000;
/** Lease TTL plus the coordinator's tick and the 1.5 s that P6 leaves. */
const detectionMs = 12_000;
/** Invariants walk the whole state: not after every commit, for what breaks one mostly stays. */
const commitsPerWalk = 3;

/**
 * Watches from outside whether the promises of reliability.md hold, from what was sent, received and decided; it never
 * asks the scheduler whether it is right. The first fault found is kept.
 */
export class PromiseWatch {
  fault: string | null = null;
  /** Wall clock of the simulation, for heard-from times that no coordinator clock can bend. */
  private readonly now: () => number;
  private readonly isHolding: (nodeId: string, lease: Attempt) => boolean;
  private readonly heardAt = new Map<string, number>();
  private readonly beatAt = new Map<string, number>();
  private readonly hellos = new Map<string, readonly number[]>();
  private readonly grantedAt = new Map<string, number>();
  private readonly offers = new Map<string, number>();
  private readonly acknowledgedJobs = new Set<JobId>();
  private readonly removals = new Set<JobId>();
  private readonly acknowledgedResults = new Map<TaskId, number>();
  private readonly committedAttempts = new Map<TaskId, number>();
  private grants = 0;
  private readonly grantOf = new Map<string, number>();
  private awakeSince = 0;
  private startedAt = 0;
  private commits = 0;
  private readonly assignment: AssignmentWatch;
  private readonly disks: DiskWatch;
  private readonly trust: TrustWatch;
  private readonly budget: BudgetWatch;
  readonly jobs: JobWatch;
  readonly orders: OrderWatch;

  constructor(now: () => number, isHolding: (nodeId: string, lease: Attempt) => boolean) {
    this.now = now;
    this.isHolding = isHolding;
    const broken = (promise: string): void => this.broken(promise);
    this.assignment = new AssignmentWatch(now, broken);
    this.disks = new DiskWatch(broken);
    this.assignment.isFull = this.disks.isFull;
    this.trust = new TrustWatch(broken);
    this.assignment.isBarred = (nodeId) => this.trust.isBarred(nodeId);
    this.budget = new BudgetWatch(broken);
    this.jobs = new JobWatch(broken);
    this.orders = new OrderWatch(broken, simulatedQueues);
  }

  private broken(promise: string): void {
    this.fault ??= `at ${this.now().toFixed(0)} ms: ${promise}`;
  }

  acknowledgedJob(jobId: JobId): void {
    this.acknowledgedJobs.add(jobId);
  }

  removalAsked(jobId: JobId): void {
    this.removals.add(jobId);
  }

  isRemovalAsked(jobId: JobId): boolean {
    return this.removals.has(jobId);
  }

  /** The agent forgets its copy now, unless a later decision of the same commit already gave the result up. */
  acknowledgedResult(taskId: TaskId, attempt: number): void {
    if (this.committedAttempts.get(taskId) !== attempt) return;
    this.acknowledgedResults.set(taskId, attempt);
  }

  /** A message reached the coordinator's machine, even if its process is stopped just now. */
  arrived(message: AgentMessage, current: boolean): void {
    if (message.type !== 'hello' && (message.type !== 'heartbeat' || !current)) return;
    for (const { taskId, attempt } of message.held) {
      const key = keyOf(taskId, attempt);
      this.heardAt.set(key, this.now());
      if (message.type === 'hello') this.hellos.set(key, [...(this.hellos.get(key) ?? []), this.now()]);
      else this.beatAt.set(key, this.now());
    }
  }

  /** A heartbeat counts at once; a hello is decided in line, behind what waits for a slow disk. */
  private lastSignInLine(key: string): number {
    const decided = this.hellos.get(key)?.findLast((at) => this.now() - at >= longestLineMs) ?? 0;
    return Math.max(decided, this.beatAt.get(key) ?? 0, this.grantedAt.get(key) ?? 0);
  }

  private lastSign(key: string): number {
    return Math.max(this.heardAt.get(key) ?? 0, this.grantedAt.get(key) ?? 0);
  }

  wasHeardOf(taskId: TaskId, attempt: number): boolean {
    return this.heardAt.has(keyOf(taskId, attempt));
  }

  resumed(): void {
    this.awakeSince = this.now();
  }

  /** P1, and the promise to an agent that threw its copy of an accepted result away. */
  restarted(state: SchedulerState, journal: readonly DurableEvent[]): void {
    this.awakeSince = this.now();
    this.startedAt = this.now();
    this.assignment.restart(journal);
    this.disks.restart(journal);
    this.trust.restart(journal);
    this.budget.restart(journal);
    this.jobs.restart(journal);
    this.orders.restart(journal);
    for (const jobId of this.acknowledgedJobs) {
      if (!state.jobs.has(jobId) && !this.removals.has(jobId)) this.broken(`P1: acknowledged ${jobId} is gone`);
    }
    for (const [taskId, attempt] of this.acknowledgedResults) {
      const task = state.tasks.get(taskId);
      if (task === undefined) continue;
      const kept = task.phase.kind === 'completed' && task.phase.attempt === attempt;
      if (!kept) this.broken(`P1: acknowledged result ${keyOf(taskId, attempt)} is ${task.phase.kind}`);
    }
  }

  /** P5: what the journal holds is all there is. */
  replayed(journal: readonly DurableEvent[], state: SchedulerState): void {
    const replayed = durableView(evolveAll(initialState, journal));
    if (replayed !== durableView(state)) this.broken('P5: replaying the journal gives another state');
  }

  /** The number of an attempt names one grant for ever, whatever the journal lost. */
  offered(taskId: TaskId, attempt: number): void {
    const key = keyOf(taskId, attempt);
    const grant = this.grantOf.get(key);
    const earlier = this.offers.get(key);
    if (earlier !== undefined && earlier !== grant) this.broken(`P2: attempt ${key} was offered for two grants`);
    if (grant !== undefined) this.offers.set(key, grant);
  }

  /** P6: a lease whose node is silent is taken back in time. */
  checkDetection(state: SchedulerState): void {
    for (const [nodeId, leases] of state.index.leases) {
      if (nodeId === 'house') continue;
      for (const [taskId, { attempt }] of leases) {
        const since = Math.max(this.lastSign(keyOf(taskId, attempt)), this.awakeSince);
        if (this.now() - since > detectionMs)
          this.broken(`P6: ${nodeId} is silent but holds ${keyOf(taskId, attempt)}`);
      }
    }
  }

  /** A house task that nobody waits for any more is stopped; nothing is on its way there, so at once. */
  checkHouse(state: SchedulerState, running: Iterable<readonly [TaskId, number]>): void {
    for (const [taskId, attempt] of running) {
      if (currentLease(state, { taskId, attempt, nodeId: 'house' }) === undefined)
        this.broken(`the house works on ${keyOf(taskId, attempt)}, which is not current`);
    }
  }

  decided(step: Step): void {
    for (const event of step.events) {
      const fault = illegalEvent(event, step);
      if (fault !== null) this.broken(fault);
      this.heed(event, step);
      this.disks.heed(event, step);
      this.assignment.heed(event, step);
      this.trust.heed(event);
      this.budget.heed(event);
      this.jobs.heed(event, step);
      this.orders.heed(event, step);
    }
    const fault = missingEvent(step);
    if (fault !== null) this.broken(fault);
    this.trust.judge(step);
  }

  /** The facts are on disk and in the state. */
  applied(events: readonly SchedulerEvent[], state: SchedulerState): void {
    if (!events.some(isDurable)) return;
    this.commits += 1;
    if (this.commits % commitsPerWalk !== 0) return;
    const [first] = checkInvariants(state);
    if (first !== undefined) this.broken(`after ${events.find(isDurable)?.type}: ${first}`);
  }

  private heed(event: SchedulerEvent, step: Step): void {
    switch (event.type) {
      case 'lease-granted':
        this.granted(event, step);
        break;
      case 'lease-lost':
        this.lost(event, step);
        break;
      case 'task-completed':
        this.committed(event, step);
        break;
      case 'task-failed':
      case 'task-reopened':
        this.forgetResult(event.taskId);
        break;
      case 'job-retried':
      case 'job-removed':
        this.forgetResults(event.jobId);
        break;
      default:
        return;
    }
  }

  private granted({ taskId, attempt }: EventOf<'lease-granted'>, { before }: Step): void {
    const attempts = before.tasks.get(taskId)?.attempts ?? 0;
    if (attempt <= attempts) this.broken(`attempts of ${taskId} grow (${attempts} → ${attempt})`);
    this.grants += 1;
    this.grantOf.set(keyOf(taskId, attempt), this.grants);
    this.grantedAt.set(keyOf(taskId, attempt), this.now());
  }

  private lost({ taskId, attempt, nodeId, reason }: EventOf<'lease-lost'>, { command }: Step): void {
    const key = keyOf(taskId, attempt);
    const silentMs = this.now() - this.lastSignInLine(key);
    const upMs = this.now() - this.startedAt;
    if (reason === 'expired' && upMs < timing.leaseTtlMs - 1) this.broken(`P8: ${key} expired though we just started`);
    if (reason === 'expired' && silentMs < timing.leaseTtlMs - 1) {
      this.broken(`P8: ${key} of ${nodeId} expired ${silentMs.toFixed(0)} ms after its heartbeat`);
    }
    const rejoined = reason === 'disconnected' && command.type === 'join-node';
    if (rejoined && this.isHolding(nodeId, { taskId, attempt }))
      this.broken(`P8: ${nodeId} rejoined holding ${key} and lost it`);
  }

  /** P2: only the result of the current attempt commits, and only once. */
  private committed({ taskId, attempt }: EventOf<'task-completed'>, { before, command }: Step): void {
    if (command.type !== 'finish-task') {
      this.broken(`P2: ${taskId} commits on ${command.type}`);
      return;
    }
    this.committedAttempts.set(taskId, attempt);
    const phase = before.tasks.get(taskId)?.phase.kind;
    if (phase !== 'leased') this.broken(`P2: a result of ${taskId} commits while it is ${phase}`);
    const fenced = command.attempt !== attempt || currentLease(before, command) === undefined;
    if (fenced)
      this.broken(`P2: ${command.nodeId} commits attempt ${command.attempt} of ${taskId}, which is not current`);
  }

  private forgetResults(jobId: JobId): void {
    for (const taskId of this.committedAttempts.keys()) if (jobOfTask(taskId) === jobId) this.forgetResult(taskId);
  }

  private forgetResult(taskId: TaskId): void {
    this.committedAttempts.delete(taskId);
    this.acknowledgedResults.delete(taskId);
  }
}
