import type { Loudness, TrackFate } from '@reelmill/protocol';
import { burnedStream } from '../burnIn/burnIn.ts';
import type { ResolvedAudio, ResolvedVideo } from '../manifest.ts';
import type { AudioTrackInfo, MediaInfo } from '../probe/mediaInfo.ts';
import { carriesHdr10 } from './hdr10Args.ts';

/** Encoders that lose nothing of what they are given. */
const lossless = /^(ffv1|flac|pcm_)/;
/** What readers assume of a bare number of channels (FFmpeg's defaults). */
const plainLayouts = ['', 'mono', 'stereo', '2.1', '4.0', '5.0', '5.1', '6.1', '7.1'];

/** What becomes of the picture and of each audio track. Pure. */
export function mediaFates(info: MediaInfo, video: ResolvedVideo, sounds: readonly ResolvedAudio[]): TrackFate[] {
  return [...videoFates(info, video), ...info.audioTracks.map((track) => audioFate(track, sounds))];
}

function videoFates({ video: track, extras }: MediaInfo, video: ResolvedVideo): TrackFate[] {
  const isSame = lossless.test(video.encoder);
  return [
    {
      stream: track.index,
      kind: 'video',
      label: `${track.width}×${track.height}, ${track.codec}`,
      fate: isSame ? 'kept' : 'converted',
      note: `${video.width}×${video.height} as ${video.encoder}${drawnText(video)}`,
    },
    ...hdr10Fates(track, video),
    ...extras.otherVideo.map(
      ({ index, label }): TrackFate => ({
        stream: index,
        kind: 'video',
        label,
        fate: 'dropped',
        note: `the output holds stream ${track.index}`,
      }),
    ),
  ];
}

function drawnText({ burnIn }: ResolvedVideo): string {
  const texts = [
    ...(burnIn?.timecode ? ['timecode'] : []),
    ...(burnedStream(burnIn) === undefined ? [] : ['subtitles']),
  ];
  return texts.length === 0 ? '' : `, ${texts.join(' and ')} drawn into it`;
}

function hdr10Fates(track: MediaInfo['video'], video: ResolvedVideo): TrackFate[] {
  if (track.hdr10 === null) return [];
  const isKept = carriesHdr10(video.encoderArgs);
  const note = isKept ? 'within the encoded picture' : `${video.encoder} has no place for it`;
  const base = { stream: null, kind: 'metadata', label: 'HDR10 mastering display and light levels' } as const;
  return [{ ...base, fate: isKept ? 'kept' : 'dropped', note }];
}

/** What becomes of one audio track. Pure. */
export function audioFate(track: AudioTrackInfo, sounds: readonly ResolvedAudio[]): TrackFate {
  const { language, title } = track.labels;
  const layout = track.channelLayout ?? `${track.channels} channels`;
  const label = [language, title, layout, track.codec].filter((part) => part !== null).join(', ');
  const base = { stream: track.index, kind: 'audio', label } as const;
  const sound = sounds.find(({ streamIndex }) => streamIndex === track.index);
  if (!sound) {
    const note = track.hasSamples ? 'more audio tracks than an output holds' : 'no sample of it could be decoded';
    return { ...base, fate: 'dropped', note };
  }
  const changes = changesOf(track, sound);
  const form = `as ${sound.encoder}${changes.length === 0 ? '' : `; ${changes.join('; ')}`}`;
  return { ...base, fate: lossless.test(sound.encoder) && changes.length === 0 ? 'kept' : 'converted', note: form };
}

function loudnessChange({ integratedLufs, truePeakDb, rangeLu }: Loudness): string {
  const range = rangeLu === null ? '' : ` and at most ${rangeLu} LU between soft and loud`;
  return `normalised to ${integratedLufs} LUFS (EBU R 128) with true peaks of at most ${truePeakDb} dBTP${range}`;
}

function changesOf(track: AudioTrackInfo, sound: ResolvedAudio): string[] {
  const changes: string[] = [];
  if (sound.channels < track.channels) changes.push(`mixed down to ${sound.channels} channels`);
  if (sound.sampleRate !== track.sampleRate) changes.push(`resampled to ${sound.sampleRate} Hz`);
  const isPlain = track.channelLayout === null || track.channelLayout === plainLayouts[track.channels];
  if (!isPlain && sound.channels === track.channels && sound.container === 'mkv' && sound.encoder.startsWith('pcm_')) {
    changes.push(`Matroska keeps the number of channels, not the layout ${track.channelLayout}`);
  }
  if (sound.loudness !== null) changes.push(loudnessChange(sound.loudness));
  const lost = track.labels.dispositions.filter((mark) => !sound.labels.dispositions.includes(mark));
  if (lost.length > 0) changes.push(`without the marks ${lost.join(', ')}`);
  if (track.labels.language !== null && sound.labels.language === null) changes.push('without its language');
  return changes;
}
