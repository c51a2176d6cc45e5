import type { RunOptions } from '../process/tools.ts';

/** Taken by the readers of plain containers. */
export interface PlainReading extends RunOptions {
  /** Told how far into the file frames were looked at. */
  readonly onBytes: (endByte: number) => void;
}
