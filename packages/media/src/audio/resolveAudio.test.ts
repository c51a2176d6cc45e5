import { Preset } from '@reelmill/protocol';
import { describe, expect, test } from 'vitest';
import { audioArgs } from './audioArgs.ts';
import type { AudioTrack } from './audioTrack.ts';
import { resolveAudio } from './resolveAudio.ts';
import { soundTracks } from './soundTracks.ts';

const track: AudioTrack = {
  index: 1,
  codec: 'aac',
  sampleFormat: 'fltp',
  bitsPerRawSample: null,
  sampleRate: 48000,
  channels: 2,
  isDefault: true,
  startSeconds: 1.04,
  durationSeconds: 0.544,
  channelLayout: 'stereo',
  hasSamples: true,
  labels: { language: 'eng', title: null, dispositions: ['default'] },
};
const h264 = {
  codec: 'h264',
  speed: 'medium',
  rate: { mode: 'constant-quality', crf: 20 },
  keyframeIntervalFrames: 250,
  box: null,
};
const preset = (container: 'mp4' | 'mov' | 'mkv', audio: unknown) =>
  Preset.parse({
    id: 'test',
    name: 'Test',
    description: '',
    container,
    video: h264,
    audio,
    threads: 1,
  });
const aac = preset('mp4', { codec: 'aac', bitrate: 160_000, maxChannels: 2 });
const flac = preset('mkv', { codec: 'flac' });
const pcmMov = preset('mov', { codec: 'pcm' });
const resolve = (tracks: AudioTrack[], to: Preset, firstVideoSeconds = 1.12) =>
  resolveAudio({ tracks, preset: to, firstVideoSeconds });

test('a source without sound has none in the plan', () => {
  expect(resolve([], aac)).toEqual({ audio: null, moreAudio: [], warnings: [] });
});

test('the offset is first sample minus first frame of the source', () => {
  expect(resolve([track], aac).audio).toMatchObject({
    offsetSeconds: -0.08,
    startSeconds: 1.04,
    durationSeconds: 0.544,
  });
});

test('the default track is the main one, the others follow in their order', () => {
  const tracks = [
    { ...track, isDefault: false, labels: { ...track.labels, language: 'fra', dispositions: [] } },
    { ...track, index: 4 },
    { ...track, index: 6, isDefault: false, channels: 6, startSeconds: 1.5 },
  ];
  const { audio, moreAudio, warnings } = resolve(tracks, aac);
  expect(audio?.streamIndex).toBe(4);
  expect(moreAudio).toMatchObject([
    { streamIndex: 1, labels: { language: 'fra', dispositions: [] } },
    { streamIndex: 6, offsetSeconds: 0.38 },
  ]);
  expect(warnings).toEqual(['AUDIO_MIXED_DOWN: 6 audio channels of stream 6 were mixed down to 2.']);
  expect(soundTracks({ audio, moreAudio: [...moreAudio] }).map(({ name }) => name)).toEqual([
    'audio-1',
    'audio',
    'audio-2',
  ]);
});

test('a further track of which nothing decodes is left out', () => {
  const { moreAudio } = resolve([track, { ...track, index: 2, hasSamples: false }], aac);
  expect(moreAudio).toEqual([]);
});

test('a default track of which nothing decodes gives way to one that does', () => {
  const tracks = [
    { ...track, hasSamples: false },
    { ...track, index: 2, isDefault: false },
  ];
  const { audio, moreAudio } = resolve(tracks, aac);
  expect(audio).toMatchObject({ streamIndex: 2, durationSeconds: 0.544, labels: { dispositions: ['default'] } });
  expect(moreAudio).toEqual([]);
});

test('without a default the first track is taken', () => {
  const tracks = [
    { ...track, isDefault: false },
    { ...track, index: 4, isDefault: false },
  ];
  expect(resolve(tracks, aac).audio?.streamIndex).toBe(1);
});

describe('AAC', () => {
  test('keeps stereo at the preset bit rate', () => {
    const { audio, warnings } = resolve([track], aac);
    expect(audio).toMatchObject({ encoder: 'aac', encoderArgs: ['-b:a', '160000'], channels: 2, sampleRate: 48000 });
    expect(warnings).toEqual([]);
  });

  test('keeps mono, at half the bit rate', () => {
    const { audio } = resolve([{ ...track, channels: 1 }], aac);
    expect(audio).toMatchObject({ channels: 1, encoderArgs: ['-b:a', '80000'] });
    expect(audio?.filters.at(-1)).toContain('channel_layouts=mono');
  });

  test('mixes 5.1 down to stereo and says so', () => {
    const { audio, warnings } = resolve([{ ...track, channels: 6 }], aac);
    expect(audio?.filters.at(-1)).toContain('channel_layouts=stereo');
    expect(warnings).toEqual(['AUDIO_MIXED_DOWN: 6 audio channels were mixed down to 2.']);
  });

  test.each([
    [8000, 8000],
    [44100, 44100],
    [96000, 48000],
    [11127, 48000],
  ])('a rate of %i Hz becomes %i Hz', (sampleRate, expected) => {
    expect(resolve([{ ...track, sampleRate }], aac).audio?.sampleRate).toBe(expected);
  });
});

describe('lossless sound in Matroska holds every decoded value', () => {
  test.each([
    ['fltp', null, 'pcm_f32le'],
    ['dblp', null, 'pcm_f64le'],
    ['s16p', null, 'flac'],
    ['s16', 16, 'flac'],
    ['s32', 24, 'flac'],
    ['s32', 32, 'pcm_s32le'],
    ['s32', null, 'pcm_s32le'],
    ['u8', null, 'pcm_u8'],
  ] as const)('%s with %s significant bits → %s', (sampleFormat, bitsPerRawSample, encoder) => {
    const { audio, warnings } = resolve([{ ...track, sampleFormat, bitsPerRawSample, channels: 6 }], flac);
    expect(audio).toMatchObject({ encoder, filters: [], channels: 6, sampleRate: 48000 });
    expect(warnings).toEqual([]);
  });
});

test.each([
  ['s16', 'pcm_s16le'],
  ['fltp', 'pcm_s24le'],
])('QuickTime gets integer PCM: %s → %s', (sampleFormat, encoder) => {
  expect(resolve([{ ...track, sampleFormat }], pcmMov).audio?.encoder).toBe(encoder);
});

test('the audio task names its demuxer, reads one stream on the container clock and writes no clock of its own', () => {
  const { audio } = resolve([track], aac);
  if (!audio) throw new Error('no sound');
  const args = audioArgs({ kind: 'audio', demuxer: 'mpegts', audio }, '/in/-clip.ts', '/out/audio.mp4');
  expect(args.join(' ')).toContain(
    '-copyts -protocol_whitelist file -format_whitelist mpegts -max_streams 256 -max_pixels 67108864 -f mpegts',
  );
  expect(args.join(' ')).toContain('-i file:/in/-clip.ts -map 0:1');
  expect(args.join(' ')).toContain('asetpts=PTS-round(1.04/TB),aresample=48000:async=1');
  expect(args.join(' ')).toContain('-flags:a +bitexact -fflags +bitexact -f mp4 -y file:/out/audio.mp4');
});
