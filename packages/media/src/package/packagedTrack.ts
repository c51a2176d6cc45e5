import type { TrackFile } from './trackFile.ts';

/** All media times of a package lie this far after the player's zero: decode times and encoder delay need room before it. */
export const mediaZeroSeconds = 10;

export interface Segment {
  readonly offset: number;
  readonly sizeBytes: number;
  /** Presentation time in the file, and until the next segment's. */
  readonly startTicks: number;
  readonly durationTicks: number;
}

/** One file of a package: what playlists say of it. */
export interface PackagedTrack extends Pick<TrackFile, 'codec' | 'timescale' | 'indexOffset' | 'indexSizeBytes'> {
  readonly fileName: string;
  readonly segments: readonly Segment[];
}

export interface VideoTrack extends PackagedTrack {
  readonly rendition: string;
  readonly width: number;
  readonly height: number;
  /** Exact where every frame lasts equally long, else the average. */
  readonly frameRate: { readonly num: number; readonly den: number; readonly isExact: boolean };
  readonly range: 'SDR' | 'PQ' | 'HLG';
}

export interface AudioTrack extends PackagedTrack {
  /** Shown by players; differs from track to track. */
  readonly name: string;
  readonly language: string | null;
  readonly channels: number;
  readonly sampleRate: number;
  readonly isDefault: boolean;
}

/** A track of WebVTT. */
export interface SubtitleTrack {
  /** Begins the names of its files, and names its playlist. */
  readonly id: string;
  /** The whole track. */
  readonly fileName: string;
  /** Complete small files of WebVTT one after the other. */
  readonly segmentsFileName: string;
  readonly segments: readonly {
    readonly offset: number;
    readonly sizeBytes: number;
    readonly durationSeconds: number;
  }[];
  /** Shown by players; differs from track to track. */
  readonly name: string;
  readonly language: string | null;
  /** Of one track at most. */
  readonly isDefault: boolean;
  readonly isForced: boolean;
  readonly isForDeaf: boolean;
  /** Bits per second of the whole track. */
  readonly bandwidth: number;
}

/** Everything a package's playlists are written from. */
export interface PackageContent {
  readonly videos: readonly VideoTrack[];
  readonly audios: readonly AudioTrack[];
  readonly subtitles: readonly SubtitleTrack[];
  /** The file of chapters that playlists of HLS name; null: none. */
  readonly appleChapters: string | null;
}

/** A track file's fragments are its segments. */
export function segmentsOf({ fragments }: TrackFile): Segment[] {
  return fragments.map(({ offset, sizeBytes, firstPts, endPts }, at) => ({
    offset,
    sizeBytes,
    startTicks: firstPts,
    durationTicks: (fragments[at + 1]?.firstPts ?? endPts) - firstPts,
  }));
}

export const endSeconds = ({ segments, timescale }: PackagedTrack): number => {
  const last = segments.at(-1);
  return last === undefined ? 0 : (last.startTicks + last.durationTicks) / timescale - mediaZeroSeconds;
};

export const longestSegmentSeconds = ({ segments, timescale }: PackagedTrack): number =>
  Math.max(...segments.map(({ durationTicks }) => durationTicks)) / timescale;

/** Bits per second of the whole track. */
export function averageBandwidth({ segments, timescale }: PackagedTrack): number {
  const bytes = segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const ticks = segments.reduce((sum, { durationTicks }) => sum + durationTicks, 0);
  return Math.ceil((8 * bytes * timescale) / ticks);
}

/**
 * Largest bit rate of any contiguous segments that together last 0.5 to 1.5 of the longest (RFC 8216, 4.1): a last
 * segment of a few frames says nothing about the connection a rendition needs.
 */
export function peakBandwidth(track: PackagedTrack): number {
  const { segments, timescale } = track;
  const target = longestSegmentSeconds(track) * timescale;
  let peak = averageBandwidth(track);
  for (const from of segments.keys()) {
    let [bytes, ticks] = [0, 0];
    for (const { sizeBytes, durationTicks } of segments.slice(from, from + mostSegmentsOfPeak)) {
      bytes += sizeBytes;
      ticks += durationTicks;
      if (ticks > 1.5 * target) break;
      if (ticks >= 0.5 * target) peak = Math.max(peak, Math.ceil((8 * bytes * timescale) / ticks));
    }
  }
  return peak;
}

/** Of a steady film two make more than 1.5 targets; of others some more count. */
const mostSegmentsOfPeak = 16;
