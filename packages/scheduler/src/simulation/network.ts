import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';

/** How bad this network is; each a probability per message. */
export interface NetworkFaults {
  drop: number;
  duplicate: number;
  delay: number;
}

export type Direction = 'to-coordinator' | 'to-agent';
export const bothDirections: readonly Direction[] = ['to-coordinator', 'to-agent'];

export interface Route {
  readonly nodeId: string;
  readonly direction: Direction;
  /** `whole`: first message of a connection, which TCP delivers once or not at all. */
  readonly kind: 'datagram' | 'whole';
}

/** Carries messages: lost, doubled, and late (hence reordered) by the seed's rates; nothing where the way is cut. */
export class Network {
  readonly faults: NetworkFaults;
  private readonly cut = new Map<string, readonly Direction[]>();
  private readonly timeline: Timeline;
  private readonly random: Random;

  constructor(timeline: Timeline, random: Random, faults: NetworkFaults) {
    this.timeline = timeline;
    this.random = random;
    this.faults = faults;
  }

  partition(nodeId: string, directions: readonly Direction[] = bothDirections): void {
    this.cut.set(nodeId, directions);
  }

  heal(nodeId: string): void {
    this.cut.delete(nodeId);
  }

  isCut(nodeId: string): boolean {
    return this.cut.has(nodeId);
  }

  send({ nodeId, direction, kind }: Route, deliver: () => void): void {
    if (this.cut.get(nodeId)?.includes(direction) === true) return;
    const faulty = kind === 'datagram';
    if (faulty && this.random.chance(this.faults.drop)) return;
    const copies = faulty && this.random.chance(this.faults.duplicate) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const late = faulty && this.random.chance(this.faults.delay);
      this.timeline.after(late ? this.random.between(100, 15_000) : this.random.between(1, 30), deliver);
    }
  }
}
