import { assertNever } from '@reelmill/protocol';
import type { FarmSpec } from '../farmSpec.ts';
import type { EncodeSpec, JoinSpec, ResolvedVideo } from '../manifest.ts';
import type { VideoTrack } from '../probe/mediaInfo.ts';
import type { ExtractSpec } from '../still/stillManifest.ts';
import { stillTasks } from '../still/stillTasks.ts';
import { encoderBytes } from './encoderMemory.ts';
import { isStillPlan, type PicturePlan } from './outputPlan.ts';
import { pictureBytes } from './pictureBytes.ts';

/** What is decoded. */
export type SourcePicture = Pick<VideoTrack, 'codec' | 'width' | 'height' | 'pixelFormat'>;

const mebibyte = 1024 ** 2;
/** FFmpeg itself with its libraries (55 MB), probing buffers and queues. */
const processBytes = 80 * mebibyte;
/** Measured with FFmpeg: 57 MB for six channels of AAC, FLAC, PCM; 390 MB with `loudnorm`, which works at 192 kHz. */
const soundBytes = { plain: 32 * mebibyte, loudness: 400 * mebibyte };
/** Tables of the packets of a long film, while it is joined. */
const joinBytes = 256 * mebibyte;
/** Decoder threads that FFmpeg starts at most where the plan leaves their number to it. */
const mostDecoderThreads = 16;
/** Frames that wait between decoder, filters and encoder, at the size of the source. */
const frameQueue = 4;

/**
 * Most bytes that the processes of one attempt are expected to hold at once: an upper estimate, never far above (the
 * test compares it with real encodes). Pure: of plan and source alone.
 * @param picture null: the task decodes none
 */
export function estimateMemoryBytes(spec: FarmSpec, picture: SourcePicture | null): number {
  return Math.ceil(processBytes + workBytes(spec, picture));
}

/** The same for the largest task of a plan with a picture, encoded for itself. */
export function estimatePlanMemoryBytes(plan: PicturePlan, picture: SourcePicture): number {
  const work = isStillPlan(plan)
    ? Math.max(...stillTasks(plan).map(({ spec }) => workBytes(spec, picture)))
    : decoderBytes(picture, decoderThreadsOf(plan)) + outputBytes(plan.video);
  return Math.ceil(processBytes + work);
}

function workBytes(spec: FarmSpec, picture: SourcePicture | null): number {
  switch (spec.kind) {
    case 'encode':
      return decoderBytes(picture, decoderThreadsOf(spec)) + outputBytes(spec.video);
    case 'shared-encode': {
      const threads = Math.max(...spec.parts.map(decoderThreadsOf));
      return spec.parts.reduce((sum, { video }) => sum + outputBytes(video), decoderBytes(picture, threads));
    }
    case 'audio':
      return spec.audio.loudness === null ? soundBytes.plain : soundBytes.loudness;
    case 'join':
      return joinBytes + checkBytes(spec);
    case 'extract':
      return decoderBytes(picture, spec.decoderThreads ?? mostDecoderThreads) + stillBytes(spec);
    default:
      return assertNever(spec);
  }
}

/** As `encodeArgs`: a whole film is decoded with as many threads as FFmpeg likes. */
const decoderThreadsOf = ({ plan, video }: Pick<EncodeSpec, 'plan' | 'video'>): number =>
  plan === 'whole' ? mostDecoderThreads : video.threads;

interface DecoderFrames {
  readonly least: number;
  readonly most: number;
  /** Pixels of all reference pictures of the highest level in use; the more a picture has, the fewer are kept. */
  readonly pixels: number;
}

/**
 * Pictures that a decoder keeps until they are due and no reference any more: H.264 table A-1 (level 5.2, 8K: level 6),
 * HEVC A.4.2 (six of the largest size of a level), VP9 and AV1 eight references and what they show.
 */
const decodedFrames: Readonly<Record<string, DecoderFrames>> = {
  h264: { least: 5, most: 16, pixels: 184_320 * 256 },
  hevc: { least: 6, most: 16, pixels: 6 * 8_912_896 },
  av1: { least: 12, most: 12, pixels: 0 },
  vp9: { least: 10, most: 10, pixels: 0 },
  vp8: { least: 6, most: 6, pixels: 0 },
};
/** Of intra codecs, and those with one reference on each side. */
const fewFrames: DecoderFrames = { least: 4, most: 4, pixels: 0 };

/** The decoder's own frames, more for each thread, and the queue behind it. */
function decoderBytes(picture: SourcePicture | null, threads: number): number {
  if (picture === null) return 0;
  const { least, most, pixels } = decodedFrames[picture.codec] ?? fewFrames;
  const kept = Math.min(most, Math.max(least, pixels / (picture.width * picture.height)));
  return (kept + 1.5 * threads + frameQueue) * pictureBytes(picture);
}

/** Tone mapping works on 32-bit floats of four planes. */
const floatPixelBytes = 16;

/** The filters' pictures and the encoder's. */
function outputBytes(video: ResolvedVideo): number {
  const mapsTones = video.filters.some((filter) => filter.startsWith('zscale='));
  const filterBytes = mapsTones ? frameQueue * video.width * video.height * floatPixelBytes : 0;
  return filterBytes + frameQueue * pictureBytes(video) + encoderBytes(video);
}

/** A join copies packets; only a full check decodes what it made. */
function checkBytes({ manifest }: JoinSpec): number {
  const { video, verify } = manifest;
  if (video === null || verify !== 'full') return 0;
  return decoderBytes({ ...video, codec: 'h264' }, mostDecoderThreads);
}

/** Animations are put together of all their frames at once, for one palette; sheets of all their tiles. */
function stillBytes({ picture, output, passages }: ExtractSpec): number {
  const rgba = 4 * picture.width * picture.height;
  const picks = Math.max(...passages.map((passage) => passage.picks.length));
  switch (output.form) {
    case 'animation':
      return (2 * picks + frameQueue) * rgba;
    case 'sheets':
      return (2 * output.columns * output.rows + frameQueue) * rgba;
    default:
      return frameQueue * rgba;
  }
}
