import type { TrackLabels } from '../probe/sourceExtras.ts';

/** What the probe must know of one audio track. */
export interface AudioTrack {
  /** Stream number in the file. */
  readonly index: number;
  readonly codec: string;
  /** FFmpeg's name, e.g. `fltp`, `s16`; planar or not. */
  readonly sampleFormat: string;
  /** Significant bits of integer samples; null where unknown. */
  readonly bitsPerRawSample: number | null;
  readonly sampleRate: number;
  readonly channels: number;
  readonly isDefault: boolean;
  /** Time of the first *decoded* sample, in the container's own time; headers alone can be a few frames early. */
  readonly startSeconds: number;
  /** As the header states it; null where it states none. */
  readonly durationSeconds: number | null;
  /** FFmpeg's name, e.g. `5.1(side)`; null where unknown. */
  readonly channelLayout: string | null;
  /** False: not one sample of its beginning could be decoded. */
  readonly hasSamples: boolean;
  readonly labels: TrackLabels;
}

/** The track with default disposition, else the first, of those that decode where any does; null without audio. */
export function chooseAudioTrack<Track extends AudioTrack>(tracks: readonly Track[]): Track | null {
  const decodable = tracks.filter(({ hasSamples }) => hasSamples);
  const candidates = decodable.length > 0 ? decodable : tracks;
  return candidates.find((track) => track.isDefault) ?? candidates[0] ?? null;
}
