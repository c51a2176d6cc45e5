import { FarmError, type VideoSettings } from '@reelmill/protocol';
import type { ResolvedVideo } from '../manifest.ts';
import { pictureSubtitles, styledSubtitles } from '../plan/subtitleCodecs.ts';
import { isHdr } from '../plan/video/pictureFacts.ts';
import type { MediaInfo } from '../probe/mediaInfo.ts';
import type { Attachment, SubtitleTrack } from '../probe/sourceExtras.ts';
import type { BurnIn } from './burnIn.ts';
import { chooseSubtitle } from './chooseSubtitle.ts';
import { resolvePictureSubtitle } from './pictureSubtitle.ts';
import { timecodeClock } from './timecodeClock.ts';

export interface BurnInChoice {
  readonly info: MediaInfo;
  readonly video: VideoSettings;
  /** Of the output. */
  readonly picture: Pick<ResolvedVideo, 'width' | 'height' | 'pixelFormat' | 'colorArgs'>;
  /** Frames per second where they are evenly spaced, else null. */
  readonly steadyRate: number | null;
  readonly firstPts: number;
  /** The same moment on the container's clock. */
  readonly firstSeconds: number;
}

/** Smaller letters are no letters. */
const smallestFontPixels = 7;
/** Width of the longest timecode in letter heights, with its box and both margins. */
const widestText = 9.5;
const marginShare = 0.04;
/** Height of the screen that text without a style is written for (FFmpeg's ASS header). */
const scriptHeight = 288;
/** Fonts taken from a source. */
const mostFonts = 64;

/**
 * Settles what is drawn into the picture; undefined: nothing. Pure.
 * @throws FarmError PRESET_UNSUITABLE for a subtitle track that is not there, or a picture too small to be read
 */
export function resolveBurnIn(choice: BurnInChoice): BurnIn | undefined {
  const { video, firstPts } = choice;
  if (video.codec === 'ffv1' || (video.burnTimecode === null && video.burnSubtitle === null)) return undefined;
  const white = whiteFor(choice, video.toneMap);
  const color = white.toString(16).padStart(2, '0').repeat(3);
  const timecode = video.burnTimecode === null ? null : resolveTimecode(choice, video.burnTimecode, color);
  if (video.burnSubtitle === null) return { firstPts, timecode, subtitle: null };
  const track = chooseSubtitle(choice.info.extras.subtitles, video.burnSubtitle.track);
  if (pictureSubtitles.has(track.codec)) {
    const { info, picture: output, firstSeconds: zeroSeconds } = choice;
    const pictures = resolvePictureSubtitle(track, { track: info.video, output, zeroSeconds, white: white / 255 });
    return { firstPts, timecode, subtitle: null, pictures };
  }
  const style = { sizePercent: video.burnSubtitle.sizePercent, color };
  return { firstPts, timecode, subtitle: resolveSubtitle(choice, track, style) };
}

type Drawn = Exclude<VideoSettings, { codec: 'ffv1' }>;

function resolveTimecode(
  { info, picture, steadyRate }: BurnInChoice,
  { position, sizePercent }: NonNullable<Drawn['burnTimecode']>,
  color: string,
): BurnIn['timecode'] {
  const wanted = Math.max(smallestFontPixels, Math.round((picture.height * sizePercent) / 100));
  const fontPixels = Math.min(wanted, Math.floor(picture.width / widestText));
  if (fontPixels < smallestFontPixels || picture.height < 3 * fontPixels) {
    const size = `${picture.width} by ${picture.height}`;
    throw new FarmError('PRESET_UNSUITABLE', {
      message: `A picture of ${size} pixels is too small for a timecode that can be read.`,
      details: { picture },
    });
  }
  return {
    clock: timecodeClock(info.extras.timecode, steadyRate, info.video.averageFrameRate ?? 25),
    position,
    fontPixels,
    marginPixels: Math.round(picture.height * marginShare),
    color,
  };
}

function resolveSubtitle(
  { info, firstSeconds }: BurnInChoice,
  track: SubtitleTrack,
  { sizePercent, color }: { readonly sizePercent: number; readonly color: string },
): BurnIn['subtitle'] {
  const isStyled = styledSubtitles.has(track.codec);
  const isMatroskaText = isStyled || ['subrip', 'webvtt'].includes(track.codec);
  return {
    streamIndex: track.index,
    encoder: isMatroskaText ? 'copy' : 'subrip',
    zeroSeconds: firstSeconds,
    fontStreams: info.extras.attachments
      .filter(isFont)
      .slice(0, mostFonts)
      .map(({ index }) => index),
    style: isStyled ? null : { fontSize: Math.round((scriptHeight * sizePercent) / 10) / 10, color },
  };
}

const isFont = ({ mimeType, fileName }: Attachment): boolean =>
  /font|truetype|opentype/i.test(mimeType) || /\.(ttf|otf|ttc)$/i.test(fileName);

/** White of SDR graphics in the picture's own code values: 203 cd/m² in PQ and HLG (ITU-R BT.2408). */
function whiteFor({ info }: BurnInChoice, toneMapped: boolean): number {
  if (toneMapped || !isHdr(info.video)) return 0xff;
  return info.video.colorTransfer === 'smpte2084' ? 0x94 : 0xbf;
}

/** `CODE: sentence.`: a film is told by time where its frames cannot be counted. */
export function burnInWarnings(burnIn: BurnIn | undefined): string[] {
  if (burnIn?.timecode?.clock.kind !== 'time') return [];
  return ['TIMECODE_BY_TIME: the frames come at no steady rate; the burned-in timecode shows milliseconds.'];
}
