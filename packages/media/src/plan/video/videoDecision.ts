import type { VideoSettings } from '@reelmill/protocol';
import type { ResolvedVideo } from '../../manifest.ts';

export interface VideoDecision {
  readonly video: ResolvedVideo;
  /** `CODE: sentence.` for each thing of the source's picture that does not reach the output as it was. */
  readonly warnings: readonly string[];
  /** Why this preset needs the whole film at once, a sentence; null: it does not. */
  readonly wholeReason: string | null;
}

/** Settings of one codec. */
export type SettingsOf<Codec> = Extract<VideoSettings, { codec: Codec }>;
