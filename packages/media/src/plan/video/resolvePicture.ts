import { assertNever, FarmError, type VideoSettings } from '@reelmill/protocol';
import type { ResolvedVideo } from '../../manifest.ts';
import type { VideoTrack } from '../../probe/mediaInfo.ts';
import { colorArgs } from '../colorArgs.ts';
import { type Arrangement, cropToBox, displaySize, fitBox, type PictureSize, padToBox } from '../fitPicture.ts';
import { hasAlpha, isFullRange, isHdr, isInterlaced, isYuv } from './pictureFacts.ts';
import { toneMapFilters, toneMappedColorArgs } from './toneMap.ts';

/** What an encoder takes. */
export interface EncoderInput {
  readonly pixelFormat: string;
  /** It can mark coded fields; otherwise interlaced pictures are always made progressive. */
  readonly marksInterlaced: boolean;
  /** Full-range pictures are converted to video range. */
  readonly videoRangeOnly?: boolean;
  /** Smallest picture it encodes; default 2 by 2. */
  readonly smallest?: PictureSize;
}

type Picture = Omit<ResolvedVideo, 'encoder' | 'encoderArgs' | 'threads' | 'chunkContainer'>;
type PictureSettings = Exclude<VideoSettings, { codec: 'ffv1' }>;

export interface PictureDecision {
  readonly picture: Picture;
  /** The output holds fields and the encoder must mark them. */
  readonly staysInterlaced: boolean;
  /** HDR that stays so: its metadata may be written. */
  readonly staysHdr: boolean;
  readonly warnings: readonly string[];
  /** Why this picture cannot be cut, a sentence; null: it can. */
  readonly wholeReason: string | null;
}

/** The scaler's bytes must not depend on the node's CPU. */
const scaleFlags = 'flags=bicubic+accurate_rnd+bitexact+full_chroma_int';
const largestBox = { width: 16_384, height: 16_384 };

/**
 * Turned upright, progressive where asked, square pixels, the wanted size, colours and pixel format; no filter at all
 * where nothing changes.
 * @throws FarmError PRESET_UNSUITABLE for a picture smaller than the encoder takes
 */
export function resolvePicture(track: VideoTrack, settings: PictureSettings, input: EncoderInput): PictureDecision {
  const arrangement = arrange(displaySize(track), settings);
  assertLargeEnough(arrangement.output, settings, input);
  const deinterlaced = isInterlaced(track) && (settings.deinterlace || !input.marksInterlaced);
  const toneMapped = settings.toneMap && isHdr(track);
  const how: Treatment = {
    arrangement,
    pixelFormat: input.pixelFormat,
    deinterlaced,
    toneMapped,
    staysInterlaced: isInterlaced(track) && !deinterlaced,
    toVideoRange: isFullRange(track) && (toneMapped || input.videoRangeOnly === true || settings.fit === 'pad'),
  };
  const picture: Picture = {
    streamIndex: track.index,
    filters: isUntouched(track, how) ? [] : pictureFilters(track, settings, how),
    pixelFormat: input.pixelFormat,
    ...arrangement.output,
    applyRotation: true,
    rotationTag: 0,
    sampleAspectRatio: { num: 1, den: 1 },
    colorArgs: toneMapped ? toneMappedColorArgs : colorArgs(track, rangeOf(track, how)),
  };
  return {
    picture,
    staysInterlaced: how.staysInterlaced,
    staysHdr: !toneMapped,
    warnings: warningsOf(track, how),
    wholeReason: deinterlaced ? 'Deinterlacing needs the frames on both sides of every cut.' : null,
  };
}

interface Treatment {
  readonly arrangement: Arrangement;
  readonly pixelFormat: string;
  readonly deinterlaced: boolean;
  readonly toneMapped: boolean;
  readonly staysInterlaced: boolean;
  readonly toVideoRange: boolean;
}

function arrange(size: PictureSize, { fit, box }: PictureSettings): Arrangement {
  switch (fit) {
    case 'inside': {
      const output = fitBox(size, box ?? largestBox);
      return { scaled: output, output };
    }
    case 'crop':
      return cropToBox(size, box ?? largestBox);
    case 'pad':
      return padToBox(size, box ?? largestBox);
    default:
      return assertNever(fit);
  }
}

function assertLargeEnough(output: PictureSize, { codec }: PictureSettings, { smallest }: EncoderInput): void {
  if (!smallest || (output.width >= smallest.width && output.height >= smallest.height)) return;
  const sizes = `${output.width} by ${output.height} pixels; ${codec} needs ${smallest.width} by ${smallest.height}`;
  throw new FarmError('PRESET_UNSUITABLE', {
    message: `The picture would be ${sizes}.`,
    details: { output, smallest, codec },
  });
}

function isUntouched(track: VideoTrack, how: Treatment): boolean {
  const turned = track.rotationClockwise % 180 !== 0;
  const coded = turned ? { width: track.height, height: track.width } : track;
  const { scaled, output } = how.arrangement;
  const sameSize = [scaled, output].every(({ width, height }) => coded.width === width && coded.height === height);
  const sameColors = track.pixelFormat === how.pixelFormat && !how.toneMapped && !how.toVideoRange;
  return sameSize && sameColors && !how.deinterlaced;
}

function pictureFilters(track: VideoTrack, { fit }: PictureSettings, how: Treatment): string[] {
  return [
    ...(how.deinterlaced ? ['bwdif=mode=send_frame:parity=auto:deint=interlaced'] : []),
    scaleFilter(track, how),
    ...(how.toneMapped ? toneMapFilters(track) : []),
    ...(fit === 'inside' ? [] : [`format=${how.pixelFormat}`, placeFilter(fit, how)]),
    'setsar=1',
    `format=${how.pixelFormat}`,
  ];
}

/** Tone mapping reads the source's own range and writes video range itself. */
function scaleFilter(track: VideoTrack, { arrangement, staysInterlaced, toVideoRange, toneMapped }: Treatment): string {
  const { width, height } = arrangement.scaled;
  const range = isFullRange(track) ? `:in_range=pc:out_range=${toVideoRange && !toneMapped ? 'tv' : 'pc'}` : '';
  return `scale=w=${width}:h=${height}:${scaleFlags}${staysInterlaced ? ':interl=1' : ''}${range}`;
}

/** Offsets are whole chroma samples, of both fields where there are two. */
function placeFilter(fit: 'crop' | 'pad', { arrangement, staysInterlaced }: Treatment): string {
  const { scaled, output } = arrangement;
  const middle = (space: number, step: number) => step * Math.floor(Math.abs(space) / 2 / step);
  const x = middle(scaled.width - output.width, 2);
  const y = middle(scaled.height - output.height, staysInterlaced ? 4 : 2);
  const area = `w=${output.width}:h=${output.height}:x=${x}:y=${y}`;
  return fit === 'crop' ? `crop=${area}` : `pad=${area}:color=black`;
}

function rangeOf(track: VideoTrack, { toVideoRange }: Treatment): string | null {
  if (toVideoRange || !isYuv(track.pixelFormat)) return 'tv';
  return isFullRange(track) ? 'pc' : track.colorRange;
}

function warningsOf(track: VideoTrack, how: Treatment): string[] {
  const warnings: string[] = [];
  if (how.toneMapped) warnings.push('HDR_TONE_MAPPED: the picture is HDR; it was converted to BT.709.');
  else if (isHdr(track) && !how.pixelFormat.endsWith('10le')) {
    warnings.push('HDR_NOT_TONE_MAPPED: the picture is HDR; its tags are kept and it is not tone-mapped.');
  }
  if (how.staysInterlaced) {
    warnings.push('INTERLACED: the picture is interlaced; it stays so and the output is marked.');
  }
  if (how.deinterlaced) warnings.push('DEINTERLACED: the picture is interlaced; each frame was made progressive.');
  if (hasAlpha(track.pixelFormat) && !hasAlpha(how.pixelFormat)) {
    warnings.push('ALPHA_DROPPED: the output format has no transparency.');
  }
  return warnings;
}
