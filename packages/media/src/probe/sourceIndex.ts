import { z } from 'zod';

/** Where the list of frames comes from. */
export const FrameEvidence = z.enum(['packets', 'decoded']);
export type FrameEvidence = z.infer<typeof FrameEvidence>;

/** The frames of the chosen video track, in presentation order. Ticks of the track's time base. */
export interface SourceIndex {
  readonly streamIndex: number;
  /** Presentation times, ascending. */
  readonly pts: readonly number[];
  /** Presentation times of key frames, ascending; empty where frames were counted by decoding. */
  readonly keyframePts: readonly number[];
  /** Those among them at which decoding may start: nothing after refers to anything before (IDR), proven by reading. */
  readonly cleanKeyframePts: readonly number[];
  /** Duration of the last frame in presentation order, as the container states it; 0: unknown. */
  readonly lastFrameTicks: number;
  /** Packets shown, after dropping those an edit list discards. */
  readonly packets: number;
  readonly droppedPackets: number;
  readonly videoBytes: number;
  /** `packets`: each packet is a frame, nothing in the index speaks against it. `decoded`: counted by decoding once. */
  readonly evidence: FrameEvidence;
  /** Why packets alone could not be trusted; null with evidence `packets`. A sentence for people. */
  readonly doubt: string | null;
  /** Lines of error the demuxer, its parsers or the counting decoder wrote. */
  readonly errorLines: number;
  /** End of the default audio track's packets, container's own time; null without audio or timestamps. */
  readonly audioEndSeconds: number | null;
}
