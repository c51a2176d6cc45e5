import { Loudness, OutputContainer, RenditionId, Sha256, SourceIdentity, TrackFate } from '@reelmill/protocol';
import { z } from 'zod';
import { LoudnessReport } from './audio/loudness/loudnessReport.ts';
import { BurnIn } from './burnIn/burnIn.ts';
import { noSide, SidePlan } from './plan/sidePlan.ts';
import { noLabels, TrackLabels } from './probe/sourceExtras.ts';

/** An exact fraction of a second, as FFmpeg writes it. */
export const Rational = z.object({ num: z.number().int(), den: z.number().int().positive() });
export type Rational = z.infer<typeof Rational>;

/**
 * Timestamps of a chunk's frames, relative to its first, in source ticks, run-length encoded:
 * `[delta, count]` pairs of consecutive differences. n frames have n - 1 differences.
 */
export const DeltaRuns = z.array(z.tuple([z.number().int(), z.number().int().positive()]));
export type DeltaRuns = z.infer<typeof DeltaRuns>;

/** Half-open frame range `[first, end)` of the source in presentation order. */
export const Chunk = z.object({
  index: z.number().int().nonnegative(),
  first: z.number().int().nonnegative(),
  end: z.number().int().positive(),
  /** Value of `-ss`, seconds (K2 - start_time + 0.0005), or null: read from the start. media.md "Cutting". */
  seekSeconds: z.number().nullable(),
  /** `trim=start_pts`, source ticks: midpoint before the first frame, rounded up; null for chunk 0. */
  trimStartPts: z.number().int().nullable(),
  /** `trim=end_pts`, source ticks: midpoint after the last frame, rounded up; null for the last chunk. */
  trimEndPts: z.number().int().nullable(),
  firstPts: z.number().int(),
  /** Ticks until the next chunk's first frame (or the end of the last frame): the concat `duration`. */
  durationTicks: z.number().int().positive(),
  deltas: DeltaRuns,
});
export type Chunk = z.infer<typeof Chunk>;

/** A hardware encoder's device. */
export const HardwareDevice = z.object({
  /** FFmpeg's options that open it, before the input. */
  initArgs: z.array(z.string()),
  /** Filters that bring the finished picture to it; empty: the encoder takes pictures from memory. */
  uploadFilters: z.array(z.string()),
});
export type HardwareDevice = z.infer<typeof HardwareDevice>;

/** What FFmpeg must do to the picture: resolved from preset + source, no choice left for a node. */
export const ResolvedVideo = z.object({
  streamIndex: z.number().int().nonnegative(),
  /** Complete, safe encoder arguments after `-c:v` (typed data of this package, never user text). */
  encoder: z.string(),
  encoderArgs: z.array(z.string()),
  /** Filters after the cut, joined by commas; empty: coded pixels untouched. */
  filters: z.array(z.string()),
  /** Text drawn into the picture, behind `filters`; absent: none. */
  burnIn: BurnIn.optional(),
  /** Filters behind the text: another frame rate, which the text does not follow. */
  rateFilters: z.array(z.string()).optional(),
  /** Two: the encoder sees the whole film once before it writes it; absent: one. */
  passes: z.literal(2).optional(),
  pixelFormat: z.string(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  threads: z.number().int().positive(),
  /** Extension of chunk files: mp4, mov or mkv (decision 1). */
  chunkContainer: z.enum(['mp4', 'mov', 'mkv']),
  /** Keep `-noautorotate` (coded pixels) or let rotation be applied by an explicit filter. */
  applyRotation: z.boolean(),
  /** Clockwise degrees written as a tag of the output; 0: none. */
  rotationTag: z.number().int(),
  sampleAspectRatio: Rational,
  colorArgs: z.array(z.string()),
  /** Only of hardware encoders. */
  device: HardwareDevice.optional(),
});
export type ResolvedVideo = z.infer<typeof ResolvedVideo>;

export const ResolvedAudio = z.object({
  streamIndex: z.number().int().nonnegative(),
  encoder: z.string(),
  encoderArgs: z.array(z.string()),
  filters: z.array(z.string()),
  container: OutputContainer,
  channels: z.number().int().positive(),
  /** First decoded sample of the source, in the container's own time: becomes 0 in the audio file. */
  startSeconds: z.number(),
  /** First audio pts minus first video pts of the source, seconds: kept by the join (decision 5). */
  offsetSeconds: z.number(),
  /** Length of the source's track by its packets or its header, seconds; 0 where neither tells. */
  durationSeconds: z.number().nonnegative(),
  sampleRate: z.number().int().positive(),
  /** As the container can hold them. */
  labels: TrackLabels.default(noLabels),
  /** What the track is brought to after a first pass measured it; null: as loud as the source. */
  loudness: Loudness.nullable().default(null),
});
export type ResolvedAudio = z.infer<typeof ResolvedAudio>;

/** The immutable plan of one rendition: pure function of (index, preset, chunkSeconds, threads, planner version, class). */
export const Manifest = z.object({
  plannerVersion: z.number().int(),
  rendition: RenditionId,
  presetId: z.string(),
  source: SourceIdentity,
  /** FFmpeg demuxer name for `-f`, from the allow-list (decision 10). */
  demuxer: z.string(),
  containerStartSeconds: z.number(),
  timeBase: Rational,
  /** Of the output; of the source too, unless the frame rate is converted; 0 where `video` is null. */
  frames: z.number().int().nonnegative(),
  /** Of the source, where the rate is converted. */
  sourceFrames: z.number().int().positive().optional(),
  /** How the frames are known: `packets` of the index, or `decoded`: counted by decoding the source once. */
  frameEvidence: z.enum(['packets', 'decoded']).default('packets'),
  firstPts: z.number().int(),
  durationSeconds: z.number(),
  plan: z.enum(['chunked', 'whole']),
  /** Sentence for people; null when chunked. */
  wholeReason: z.string().nullable(),
  warnings: z.array(z.string()),
  chunkSeconds: z.number().positive(),
  /** None where `video` is null. */
  chunks: z.array(Chunk),
  /** null: the output is one track of sound. */
  video: ResolvedVideo.nullable(),
  /** The track with default disposition, else the first. */
  audio: ResolvedAudio.nullable(),
  /** All further tracks, in the order of the source. */
  moreAudio: z.array(ResolvedAudio).default([]),
  /** What the join carries from the source beside picture and sound. */
  side: SidePlan.default(noSide),
  /** First frames of the segments of the package it goes into, beginning with 0; absent: there is none. */
  segmentStarts: z.array(z.number().int().nonnegative()).min(1).optional(),
  /** What becomes of everything in the source. */
  fates: z.array(TrackFate).default([]),
  container: OutputContainer,
  toolchainClass: z.string(),
  /** The renditions whose chunks are encoded together, each source frame decoded once; empty: this one alone. */
  encodedWith: z.array(RenditionId).default([]),
  /** Another rendition of the job whose audio tasks make the very same sound; null: it has its own. */
  soundFrom: RenditionId.nullable().default(null),
  verify: z.enum(['seams', 'full']),
  /** Predicted bytes of the output and of all scratch, for INSUFFICIENT_SPACE. */
  estimatedOutputBytes: z.number().nonnegative(),
  estimatedScratchBytes: z.number().nonnegative(),
});
export type Manifest = z.infer<typeof Manifest>;
/** A plan with a picture, cut or whole. */
export type FilmManifest = Manifest & { readonly video: ResolvedVideo };

/** Whether there is a picture to render; else the output is sound alone. */
export const isFilm = (manifest: Manifest): manifest is FilmManifest => manifest.video !== null;

/** One checksum of a decoded source frame at a seam (decision 4): frame number in the source and FFmpeg's showinfo checksum. */
export const EdgeChecksum = z.object({ frame: z.number().int().nonnegative(), checksum: z.string() });
export type EdgeChecksum = z.infer<typeof EdgeChecksum>;

export const EncodeSpec = z.object({
  kind: z.literal('encode'),
  demuxer: z.string(),
  timeBase: Rational,
  plan: z.enum(['chunked', 'whole']),
  chunk: Chunk,
  /** pts of the frames around the seams whose checksums are reported: up to 3 before `first`, up to 3 before `end`. */
  edges: z.object({
    before: z.array(z.object({ frame: z.number().int(), pts: z.number().int() })),
    last: z.array(z.object({ frame: z.number().int(), pts: z.number().int() })),
  }),
  /**
   * Where in a millisecond of the output the chunk begins. Matroska counts whole milliseconds: a chunk that starts at
   * this phase is rounded as the whole film would be, once, and the join adds no second rounding.
   */
  phaseMicroseconds: z.number().int().min(0).max(999),
  /** null: FFmpeg's default, for damaged sources, whose concealed pixels depend on it: frames as the reference decode. */
  decoderThreads: z.number().int().positive().nullable(),
  video: ResolvedVideo,
  /** Seconds since the first frame: the first frame behind each is a key frame; absent: the encoder chooses. */
  keyFrameSeconds: z.array(z.number().positive()).optional(),
});
export type EncodeSpec = z.infer<typeof EncodeSpec>;
export const EncodeReport = z.object({
  kind: z.literal('encode'),
  frames: z.number().int(),
  firstPts: z.number().int(),
  lastPts: z.number().int(),
  before: z.array(EdgeChecksum),
  last: z.array(EdgeChecksum),
  extradataSha256: Sha256,
  wallSeconds: z.number(),
  cpuSeconds: z.number().nullable(),
  decodeErrors: z.number().int(),
});
export type EncodeReport = z.infer<typeof EncodeReport>;

/** One chunk of several renditions: the source is decoded once. All parts name the same frames. */
export const SharedEncodeSpec = z.object({ kind: z.literal('shared-encode'), parts: z.array(EncodeSpec).min(2) });
export type SharedEncodeSpec = z.infer<typeof SharedEncodeSpec>;
/** One report per part, in the order of the spec. */
export const SharedEncodeReport = z.object({
  kind: z.literal('shared-encode'),
  parts: z.array(EncodeReport).min(2),
});
export type SharedEncodeReport = z.infer<typeof SharedEncodeReport>;

export const AudioSpec = z.object({ kind: z.literal('audio'), demuxer: z.string(), audio: ResolvedAudio });
export type AudioSpec = z.infer<typeof AudioSpec>;
export const AudioReport = z.object({
  kind: z.literal('audio'),
  durationSeconds: z.number(),
  samples: z.number().int(),
  packets: z.number().int(),
  /** Encoder delay before the first real sample; 0 for PCM and FLAC. */
  primingSeconds: z.number(),
  /** First presented sample in the file; 0 unless the decoder started later than planned. */
  firstSeconds: z.number(),
  /** How the loudness was changed, and what was measured before and after; null where the plan asks for nothing. */
  loudness: LoudnessReport.nullable().default(null),
  /** Sentences for people about what could not be done as planned. */
  warnings: z.array(z.string()).default([]),
  wallSeconds: z.number(),
});
export type AudioReport = z.infer<typeof AudioReport>;

/** A farm-side join (S3 stores): input names are `seg_NNNN` and `audio`. */
export const JoinSpec = z.object({
  kind: z.literal('join'),
  manifest: Manifest,
  /** What the audio tasks measured, in the order of `soundTracks`. */
  sounds: z.array(AudioReport),
});
export type JoinSpec = z.infer<typeof JoinSpec>;
export const JoinReport = z.object({
  kind: z.literal('join'),
  frames: z.number().int(),
  maxPtsErrorSeconds: z.number(),
  audioOffsetErrorSeconds: z.number().nullable(),
  verify: z.enum(['seams', 'full']),
  warnings: z.array(z.string()),
});
export type JoinReport = z.infer<typeof JoinReport>;
