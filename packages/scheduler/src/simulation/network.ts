import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** How bad this network is; each a probability per message. */
export interface NetworkFaults {
  drop: number;
  duplicate: number;
  delay: number;
}

/** Carries messages: lost, doubled, and late (hence reordered) by the seed's rates; nothing through a partition. */
export class Network {
  readonly faults: NetworkFaults;
  private readonly cut = new Set<string>();
  private readonly timeline: Timeline;
  private readonly random: Random;

  constructor(timeline: Timeline, random: Random, faults: NetworkFaults) {
    this.timeline = timeline;
    this.random = random;
    this.faults = faults;
  }

  partition(nodeId: string): void {
    this.cut.add(nodeId);
  }

  heal(nodeId: string): void {
    this.cut.delete(nodeId);
  }

  isCut(nodeId: string): boolean {
    return this.cut.has(nodeId);
  }

  /** `whole`: first message of a connection, which TCP delivers once or not at all. */
  send(nodeId: string, deliver: () => void, kind: 'datagram' | 'whole' = 'datagram'): void {
    if (this.cut.has(nodeId)) return;
    const faulty = kind === 'datagram';
    if (faulty && this.random.chance(this.faults.drop)) return;
    const copies = faulty && this.random.chance(this.faults.duplicate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const late = faulty && this.random.chance(this.faults.delay);
      this.timeline.after(late ? this.random.between(100, 15_000) : this.random.between(1, 30), deliver);
    }
  }
}
