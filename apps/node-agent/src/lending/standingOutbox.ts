import type { CpuBack, LeaseKey, StandingReport } from '@reelmill/protocol';
import type { Logger } from 'pino';

export interface StandingOptions {
  readonly log: Logger;
  readonly signal: AbortSignal;
  standing(): Pick<StandingReport, 'closure' | 'farmHours'>;
  /** Says it until it is acknowledged, over reconnects; `read` is asked each time, so that nothing old is said. */
  send(read: () => StandingReport, signal: AbortSignal): Promise<void>;
}

/** Tells the coordinator what this node says of itself, the newest only, until it is heard. */
export interface StandingOutbox {
  /** Leases given back that the coordinator may not know of yet. */
  givenBack(): LeaseKey[];
  gaveBack(keys: readonly LeaseKey[]): void;
  freed(cpuBack: CpuBack): void;
  tell(): void;
}

/** Makes the outbox of one agent. */
export function createStandingOutbox({ log, signal, standing, send }: StandingOptions): StandingOutbox {
  let pending: LeaseKey[] = [];
  let cpuBack: CpuBack | null = null;
  let isDirty = false;
  let isTelling = false;

  const tellAll = async (): Promise<void> => {
    while (isDirty && !signal.aborted) {
      isDirty = false;
      let said: StandingReport = { closure: null, givenBack: [], cpuBack: null };
      const read = (): StandingReport => {
        said = { ...standing(), givenBack: [...pending], cpuBack };
        return said;
      };
      await send(read, signal);
      pending = pending.filter((key) => !said.givenBack.includes(key));
      if (cpuBack === said.cpuBack) cpuBack = null;
    }
  };

  return {
    givenBack: () => [...pending],
    gaveBack(keys) {
      pending.push(...keys);
    },
    freed(measured) {
      cpuBack = measured;
    },
    tell() {
      isDirty = true;
      if (isTelling) return;
      isTelling = true;
      tellAll()
        .catch((cause: unknown) => {
          if (!signal.aborted) log.error({ err: cause }, 'the coordinator did not hear what this node says of itself');
        })
        .finally(() => {
          isTelling = false;
        });
    },
  };
}
