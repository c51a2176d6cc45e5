import { isDiskLow, type NodeDisk } from '@reelmill/protocol';
import type { SpaceNeed } from '../space.ts';
import type { Random } from './random.ts';

/** What any chunk of these simulations writes on its node. */
export const chunkDiskBytes = 10;
/** What any job fills on the coordinator's disk. */
export const jobSpace: SpaceNeed = { volume: 'disk', scratchBytes: 4, outputBytes: 4 };

const marks = { lowBytes: 3, highBytes: 6 };

/** A disk that other programs fill at times; what tasks hold there counts as room. */
export class SimulatedDisk {
  private readonly capacityBytes: number;
  private usedByOthers = 0;
  private low = false;

  constructor(capacityBytes: number) {
    this.capacityBytes = capacityBytes;
  }

  read(): NodeDisk {
    const roomBytes = this.capacityBytes - this.usedByOthers;
    this.low = isDiskLow(this.low, roomBytes, marks);
    return { roomBytes, low: this.low };
  }

  fill(random: Random): void {
    this.usedByOthers = random.between(0, this.capacityBytes);
  }

  heal(): void {
    this.usedByOthers = 0;
  }
}

/** A disk in half of the farms; numbers of its own, so that older seeds meet the faults they always met. */
export const randomDisk = (random: Random, [least, most]: readonly [number, number]): SimulatedDisk | null =>
  random.chance(0.5) ? new SimulatedDisk(random.between(least, most)) : null;
