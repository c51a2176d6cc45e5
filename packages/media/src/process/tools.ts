import type { Toolchain } from '@reelmill/protocol';

/** The pair of programs every media function runs, and what is known about their build. */
export interface FfmpegTools {
  readonly ffmpegPath: string;
  readonly ffprobePath: string;
  readonly toolchain: Toolchain;
}

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** A launcher that keeps book of its processes is told the id of the started one. */
  readonly onStarted?: ((pid: number) => void) | undefined;
  /** One that keeps the log is told every line of stderr, and the end. */
  readonly onLine?: ((line: string) => void) | undefined;
  readonly onEnded?: ((end: ProcessEnd) => void) | undefined;
}

export interface ProcessEnd {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly endSignal: string | null;
}

/** Wraps a command line, e.g. with setpriv or bwrap. Must exec in the end: signals go to the whole process group. */
export type ProcessLauncher = (launch: Launch) => Launch;

/** Taken by every function of this package that runs processes. */
export interface RunOptions {
  readonly tools: FfmpegTools;
  /** Aborting kills the whole process group and rejects with CANCELED (or with the FarmError given as reason). */
  readonly signal: AbortSignal;
  /** Default: `defaultLauncher()`. */
  readonly launcher?: ProcessLauncher;
}
