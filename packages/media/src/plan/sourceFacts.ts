import type { SourceFacts, SourceVideo } from '@reelmill/protocol';
import type { MediaInfo, VideoTrack } from '../probe/mediaInfo.ts';
import type { SourceIndex } from '../probe/sourceIndex.ts';
import { containerName } from './containerName.ts';
import { displaySize } from './fitPicture.ts';
import type { OutputPlan } from './outputPlan.ts';

/** Distances of frames that differ by more are no rounding of the container's clock: Matroska counts milliseconds. */
const roundingSeconds = 0.0015;

/** What a source is, for people: the header's words, and the index's where it was read. */
export function sourceFacts(info: MediaInfo, index: SourceIndex | null, manifest: OutputPlan | null): SourceFacts {
  const measured = index === null ? null : (manifest?.durationSeconds ?? null);
  return {
    container: containerName(info.demuxer),
    demuxer: info.demuxer,
    sizeBytes: info.sizeBytes,
    durationSeconds: measured ?? info.video.durationSeconds ?? info.durationSeconds,
    video: sourceVideo(info.video, index),
    videoTracks: info.videoTracks,
    audioTracks: info.audioTracks.length,
    subtitleTracks: info.subtitleTracks,
    chapters: info.chapters,
  };
}

function sourceVideo(track: VideoTrack, index: SourceIndex | null): SourceVideo {
  const shown = displaySize(track);
  return {
    stream: track.index,
    codec: track.codec,
    profile: track.profile,
    pixelFormat: track.pixelFormat,
    coded: { width: track.width, height: track.height },
    shown: { width: Math.max(1, Math.round(shown.width)), height: Math.max(1, Math.round(shown.height)) },
    frameRate: track.averageFrameRate,
    variableFrameRate: index === null ? null : hasVariableRate(index.pts, track),
    interlaced: track.fieldOrder === null ? null : track.fieldOrder !== 'progressive',
    rotationClockwise: track.rotationClockwise,
    mirrored: track.mirrored,
    hdr: hdrOf(track.colorTransfer),
  };
}

function hdrOf(colorTransfer: string | null): SourceVideo['hdr'] {
  if (colorTransfer === 'smpte2084') return 'PQ';
  return colorTransfer === 'arib-std-b67' ? 'HLG' : null;
}

function hasVariableRate(pts: readonly number[], { timeBase }: VideoTrack): boolean {
  let shortest = Number.POSITIVE_INFINITY;
  let longest = 0;
  for (let at = 1; at < pts.length; at += 1) {
    const delta = (pts[at] ?? 0) - (pts[at - 1] ?? 0);
    shortest = Math.min(shortest, delta);
    longest = Math.max(longest, delta);
  }
  const toleranceTicks = Math.max(1, (roundingSeconds * timeBase.den) / timeBase.num);
  return pts.length > 2 && longest - shortest > toleranceTicks;
}
