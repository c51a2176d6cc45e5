// Used by tests only: sources for the planner without any file.
import type { MediaInfo } from '../probe/mediaInfo.ts';
import { noExtras } from '../probe/sourceExtras.ts';
import type { SourceIndex } from '../probe/sourceIndex.ts';

export const plainInfo: MediaInfo = {
  demuxer: 'mov',
  sizeBytes: 1_000_000,
  containerStartSeconds: 0,
  durationSeconds: 10,
  video: {
    index: 0,
    codec: 'h264',
    profile: 'High',
    pixelFormat: 'yuv420p',
    width: 1280,
    height: 720,
    sampleAspectRatio: { num: 1, den: 1 },
    timeBase: { num: 1, den: 15_360 },
    averageFrameRate: 30,
    fieldOrder: 'progressive',
    rotationClockwise: 0,
    mirrored: false,
    colorRange: 'tv',
    colorSpace: 'bt709',
    colorTransfer: 'bt709',
    colorPrimaries: 'bt709',
    hdr10: null,
    headerFrames: null,
    durationSeconds: 10,
    bitRate: null,
  },
  videoTracks: 1,
  audioTracks: [],
  subtitleTracks: 0,
  chapters: 0,
  extras: noExtras,
};

/** An index with these times; every `keyframeEvery`-th frame is a key frame, clean ones where asked. */
export function indexOf(pts: readonly number[], keyframeEvery: number, clean = false): SourceIndex {
  const keyframePts = pts.filter((_, at) => at % keyframeEvery === 0);
  return {
    streamIndex: 0,
    pts,
    keyframePts,
    cleanKeyframePts: clean ? keyframePts : [],
    lastFrameTicks: 512,
    packets: pts.length,
    droppedPackets: 0,
    videoBytes: 500_000,
    evidence: 'packets',
    doubt: null,
    errorLines: 0,
    audioEndSeconds: null,
  };
}

/** n frames at 30 per second in 1/15360 s. */
export const steadyPts = (frames: number, first = 0) => Array.from({ length: frames }, (_, at) => first + at * 512);

export const plainIdentity = { path: '/films/a.mp4', sizeBytes: 1_000_000, mtimeNs: '1', inode: '2' };
