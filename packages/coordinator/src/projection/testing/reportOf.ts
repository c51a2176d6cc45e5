// Used by tests only.
import type { RenditionId, SourceReport } from '@reelmill/protocol';

/** A report as large as that of an ordinary film with three tracks. */
export const reportOf = (preset: RenditionId, chunkCount: number): SourceReport => ({
  stage: 'index',
  path: '/films/film.mov',
  preset,
  source: {
    container: 'MP4 or MOV',
    demuxer: 'mov',
    sizeBytes: 1_000_000,
    durationSeconds: chunkCount * 2,
    video: {
      stream: 0,
      codec: 'h264',
      profile: 'High',
      pixelFormat: 'yuv420p',
      coded: { width: 1920, height: 1080 },
      shown: { width: 1920, height: 1080 },
      frameRate: 24,
      variableFrameRate: false,
      interlaced: false,
      rotationClockwise: 0,
      mirrored: false,
      hdr: null,
    },
    videoTracks: 1,
    audioTracks: 2,
    subtitleTracks: 0,
    chapters: 0,
  },
  decision: {
    kind: 'chunked',
    isFinal: true,
    reason: 'Every frame is listed and can be reached exactly, so several nodes can work on it at once.',
    chunks: { count: Math.max(2, chunkCount), targetSeconds: 2, shortestSeconds: 2, longestSeconds: 2 },
  },
  output: {
    container: 'mp4',
    size: { width: 1280, height: 720 },
    videoEncoder: 'libx264',
    audioEncoder: 'aac',
    frames: chunkCount * 48,
    frameEvidence: 'packets',
    durationSeconds: chunkCount * 2,
    estimatedBytes: 1_000_000,
    predictedCpuSeconds: 10,
  },
  fates: [0, 1, 2].map((stream) => ({
    stream,
    kind: 'audio',
    label: 'AAC, 2 channels, eng',
    fate: 'converted',
    note: 'Encoded as AAC, 2 channels.',
  })),
  warnings: [],
  requires: { toolchainClass: '0123456789ab-x64', encoders: ['libx264', 'aac'] },
});
