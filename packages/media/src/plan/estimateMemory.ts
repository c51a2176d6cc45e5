import { assertNever } from '@reelmill/protocol';
import type { FarmSpec } from '../farmSpec.ts';
import type { EncodeSpec, JoinSpec, ResolvedVideo } from '../manifest.ts';
import type { VideoTrack } from '../probe/mediaInfo.ts';
import type { ExtractSpec } from '../still/stillManifest.ts';
import { encoderFrames } from './encoderFrames.ts';
import { pictureBytes } from './pictureBytes.ts';

/** What is decoded. */
export type SourcePicture = Pick<VideoTrack, 'codec' | 'width' | 'height' | 'pixelFormat'>;

const mebibyte = 1024 ** 2;
/** FFmpeg itself with its libraries, probing buffers and queues. */
const processBytes = 96 * mebibyte;
/** Measured 45–80 MiB for AAC, FLAC and PCM of 2 and 6 channels; the limiter of a loudness pass works at 192 kHz. */
const soundBytes = { plain: 64 * mebibyte, loudness: 160 * mebibyte };
/** Tables of the packets of a long film, while it is joined. */
const joinBytes = 256 * mebibyte;
/** Decoder threads that FFmpeg starts at most where the plan leaves their number to it. */
const mostDecoderThreads = 16;
/** Frames that wait between decoder, filters and encoder, at the size of the source. */
const frameQueue = 8;

/**
 * Most bytes that the processes of one attempt are expected to hold at once: an upper estimate, never far above (the
 * test compares it with real encodes). Pure: of plan and source alone.
 * @param picture null: the task decodes none
 */
export function estimateMemoryBytes(spec: FarmSpec, picture: SourcePicture | null): number {
  return Math.ceil(processBytes + workBytes(spec, picture));
}

function workBytes(spec: FarmSpec, picture: SourcePicture | null): number {
  switch (spec.kind) {
    case 'encode':
      return decoderBytes(picture, decoderThreadsOf(spec)) + encoderBytes(spec.video);
    case 'shared-encode': {
      const threads = Math.max(...spec.parts.map(decoderThreadsOf));
      return spec.parts.reduce((sum, { video }) => sum + encoderBytes(video), decoderBytes(picture, threads));
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
const decoderThreadsOf = ({ plan, video }: EncodeSpec): number =>
  plan === 'whole' ? mostDecoderThreads : video.threads;

/** Frames that a decoder keeps as references and until they are due; intra codecs keep none. */
const decodedFrames: Readonly<Record<string, number>> = {
  h264: 20,
  hevc: 20,
  av1: 16,
  vp9: 14,
  vp8: 8,
  mpeg2video: 6,
  mpeg4: 6,
};
const intraFrames = 3;

/** The decoder's own frames, one more for each thread, and the queue behind it. */
function decoderBytes(picture: SourcePicture | null, threads: number): number {
  if (picture === null) return 0;
  const frames = (decodedFrames[picture.codec] ?? intraFrames) + 1.5 * threads + frameQueue;
  return frames * pictureBytes(picture);
}

function encoderBytes(video: ResolvedVideo): number {
  const { frames, fixedBytes } = encoderFrames(video);
  return fixedBytes + frames * pictureBytes(video);
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
