import type { FfmpegTools } from '@reelmill/media';
import { FarmError, type HardwareProof } from '@reelmill/protocol';
import type { Sandbox } from './sandbox/sandbox.ts';

export interface HardwareProver {
  /** Tries the hardware encoders of this machine, the first time; later calls answer the same. */
  prove(): Promise<HardwareProof[]>;
  /** The answer, as far as there is one. */
  known(): HardwareProof[] | null;
  /** Ends tries under way: the machine is wanted. */
  stop(): void;
}

export interface ProverParts {
  readonly tools: () => Promise<FfmpegTools>;
  readonly sandbox: () => Promise<Sandbox>;
  /** For the short films that the tries make; removed afterwards. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Makes the prover of one agent. Encoders run as those of tasks do: in the sandbox, ended with the agent. */
export function createHardwareProver({ tools, sandbox, folder, signal }: ProverParts): HardwareProver {
  let known: HardwareProof[] | null = null;
  let running: Promise<HardwareProof[]> | null = null;
  let stopping = new AbortController();
  const tryAll = async (): Promise<HardwareProof[]> => {
    stopping = new AbortController();
    const [media, found, { launcherFor }] = await Promise.all([import('@reelmill/media'), tools(), sandbox()]);
    const programs = [found.ffmpegPath, found.ffprobePath];
    const launcher = launcherFor({ readFiles: [], writeFolder: folder, programs, usesDevices: true });
    known = await media.proveHardwareEncoders(
      { tools: found, signal: AbortSignal.any([signal, stopping.signal]), launcher },
      folder,
    );
    return known;
  };
  return {
    known: () => known,
    stop: () => stopping.abort(new FarmError('INTERRUPTED')),
    prove() {
      if (known !== null) return Promise.resolve(known);
      running ??= tryAll().finally(() => {
        running = null;
      });
      return running;
    },
  };
}
