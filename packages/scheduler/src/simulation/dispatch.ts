import type { Command, Decision, Effect } from '../command.ts';
import type { DurableEvent } from '../event.ts';
import type { SchedulerState } from '../model.ts';
import { initialState } from '../state.ts';
import type { EventRecord } from './eventRecord.ts';
import { SimulatedJournal } from './journal.ts';
import type { UntimedCommand } from './messages.ts';
import { simulatedQueues } from './orderClient.ts';
import { SimulatedProcess } from './process.ts';
import type { PromiseWatch } from './promiseWatch.ts';
import type { Random } from './random.ts';
import type { Rules } from './rules.ts';
import type { Timeline } from './timeline.ts';

const limits = { houseSlots: 2, queues: simulatedQueues };
const iso = '2026-01-01T00:00:00.000Z';

export interface DispatchParts {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly watch: PromiseWatch;
  readonly rules: Rules;
  readonly record: EventRecord;
  /** Where this coordinator must die once, if anywhere. */
  readonly crashPoint: CrashPoint | null;
}

/** A death when the journal holds so many events: with the fsync still under way, or done but nothing acted on. */
export interface CrashPoint {
  readonly journalLength: number;
  readonly fsync: 'under-way' | 'done';
}

/** What became of a command: `accepted`, or why not. Told once it is on disk. */
type Verdict = (outcome: string) => void;
interface Queued {
  readonly command: UntimedCommand;
  readonly then: Verdict;
}

/**
 * The single writer of a coordinator: command → decide → append → evolve → effects. Commands that come while the disk
 * is busy are decided together afterwards; volatile ones do not wait for it.
 */
export abstract class SimulatedDispatch extends SimulatedProcess {
  readonly journal = new SimulatedJournal();
  protected readonly watch: PromiseWatch;
  private readonly rules: Rules;
  private readonly record: EventRecord;
  private crashPoint: CrashPoint | null;
  private queue: Queued[] = [];
  private isDraining = false;
  private startedAt = 0;
  /** Reading of the lease clock at the start of this process: anything. */
  private clockOffset = 0;
  state: SchedulerState = initialState;

  constructor({ timeline, random, watch, rules, record, crashPoint }: DispatchParts) {
    super(timeline, random);
    this.watch = watch;
    this.rules = rules;
    this.record = record;
    this.crashPoint = crashPoint;
  }

  protected abstract perform(effect: Effect): void;
  /** A dead coordinator is started again. */
  protected abstract revive(): void;

  private get clock(): number {
    return this.timeline.now - this.startedAt + this.clockOffset;
  }

  protected override begin(): void {
    super.begin();
    this.queue = [];
    this.isDraining = false;
    this.startedAt = this.timeline.now;
    this.clockOffset = this.random.pick([0, 17, 5_000, 4_000_000]);
    const events = this.journal.read();
    this.state = this.rules.evolveAll(initialState, events);
    this.watch.restarted(this.state, events);
  }

  override kill(): void {
    this.watch.replayed(this.journal.read(), this.state);
    super.kill();
    this.journal.crash(this.random);
  }

  override resume(): void {
    if (this.paused) this.watch.resumed();
    super.resume();
  }

  does(command: UntimedCommand, then: Verdict = () => undefined): void {
    this.queue.push({ command, then });
    if (this.isDraining) return;
    this.isDraining = true;
    this.drain();
  }

  /** Decided and applied at once unless it leads to something durable. */
  doesAtOnce(command: UntimedCommand): void {
    const decision = this.decide(this.state, command);
    if (decision.kind === 'rejected') return;
    if (decision.events.some(this.rules.isDurable)) this.does(command);
    else {
      this.watch.decided({ before: this.state, command, events: decision.events });
      this.apply(decision);
    }
  }

  private decide(state: SchedulerState, command: UntimedCommand): Decision {
    return this.rules.decide(state, { ...command, at: this.clock, iso } as Command, limits);
  }

  private drain(): void {
    const batch = this.queue.splice(0);
    let tentative = this.state;
    const decided = batch.map(({ command, then }) => {
      const before = tentative;
      const decision = this.decide(before, command);
      if (decision.kind === 'accepted') {
        tentative = this.rules.evolveAll(before, decision.events);
        for (const event of decision.events) this.record.add(this.timeline.now, event);
        this.watch.decided({ before, command, events: decision.events });
      }
      if (this.rules.actsBeforeDurable) this.follow(decision, then);
      return { decision, then };
    });
    const events = decided.flatMap(({ decision }) => (decision.kind === 'accepted' ? decision.events : []));
    const durable = events.filter(this.rules.isDurable);
    if (this.diesIn(durable)) return;
    this.journal.append(durable);
    const slow = this.random.chance(0.01);
    const diskMs = durable.length === 0 ? 0 : slow ? 2000 : this.random.between(1, 20);
    this.later(diskMs, () => {
      this.journal.sync();
      for (const { decision, then } of decided) {
        this.apply(decision);
        if (!this.rules.actsBeforeDurable) this.follow(decision, then);
      }
      this.isDraining = this.queue.length > 0;
      if (this.isDraining) this.drain();
    });
  }

  /** Dies here when this append reaches the crash point, and comes back half a second later. */
  private diesIn(durable: readonly DurableEvent[]): boolean {
    const { crashPoint } = this;
    const held = this.journal.length;
    if (crashPoint === null || held + durable.length < crashPoint.journalLength) return false;
    this.crashPoint = null;
    this.record.note(this.timeline.now, () => `the coordinator dies at event ${crashPoint.journalLength}`);
    this.kill();
    this.journal.append(durable);
    this.journal.keep(crashPoint.fsync === 'done' ? durable.length : Math.max(0, crashPoint.journalLength - held));
    this.revive();
    return true;
  }

  private apply(decision: Decision): void {
    if (decision.kind === 'rejected') return;
    this.state = this.rules.evolveAll(this.state, decision.events);
    this.watch.applied(decision.events, this.state);
  }

  /** Effects and the answer. */
  private follow(decision: Decision, then: Verdict): void {
    if (decision.kind === 'accepted') for (const effect of decision.effects) this.perform(effect);
    then(decision.kind === 'accepted' ? 'accepted' : decision.reason);
  }
}
