import { Loudness } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import type { ResolvedAudio } from '../../manifest.ts';
import { noLabels } from '../../probe/sourceExtras.ts';
import { loudnessFilters } from './loudnessFilters.ts';
import { type LoudnessPass, readLoudnessPass } from './loudnessPass.ts';

const audio = (target: { integratedLufs: number; truePeakDb?: number; rangeLu?: number }): ResolvedAudio => ({
  ...{ streamIndex: 1, encoder: 'aac', encoderArgs: [], filters: [], container: 'mp4', channels: 2, startSeconds: 0 },
  ...{ offsetSeconds: 0, durationSeconds: 9, sampleRate: 44_100, labels: noLabels, loudness: Loudness.parse(target) },
});
const pass: LoudnessPass = {
  ...{ integratedLufs: -20, truePeakDb: -6, rangeLu: 8, thresholdLufs: -30, samples: 396_900 },
};
const none = { headroomDb: 0, extraLu: 0 };

test('one gain where peaks stay below the limit', () => {
  expect(loudnessFilters(audio({ integratedLufs: -23 }), pass, none)).toEqual({
    mode: 'gain',
    filters: ['volume=-3.00dB:precision=double', 'aformat=sample_fmts=fltp'],
  });
});

test('the limiter where one gain would lift peaks above the limit; rate and samples stay those of the plan', () => {
  const { mode, filters } = loudnessFilters(audio({ integratedLufs: -14 }), pass, { headroomDb: 0.5, extraLu: 1 });
  expect(mode).toBe('dynamic');
  expect(filters[0]).toMatch(/^loudnorm=I=-14:TP=-1\.50:LRA=50:.*measured_I=-20\.00:.*offset=1\.00:linear=false$/);
  expect(filters.join()).toMatch(/sample_rates=44100,.*apad=whole_len=396900,atrim=end_sample=396900$/);
});

test('a range wider than asked is narrowed', () => {
  expect(loudnessFilters(audio({ integratedLufs: -23, rangeLu: 7 }), pass, none).mode).toBe('dynamic');
  expect(loudnessFilters(audio({ integratedLufs: -23, rangeLu: 9 }), pass, none).mode).toBe('gain');
});

test('sound shorter than the limiter sees gets one gain, as far as its peaks allow', () => {
  const short = { ...pass, samples: 2 * 44_100 };
  expect(loudnessFilters(audio({ integratedLufs: -14 }), short, none)).toMatchObject({
    mode: 'gain',
    filters: ['volume=5.00dB:precision=double', 'aformat=sample_fmts=fltp'],
  });
});

test('what cannot be measured is left as it is', () => {
  expect(loudnessFilters(audio({ integratedLufs: -23 }), { ...pass, integratedLufs: null }, none)).toEqual({
    mode: 'unchanged',
    filters: [],
  });
});

const printed = (loudness: string, peak: string): string => `[Parsed_ebur128_2 @ 0x2] Summary:

  Integrated loudness:
    I:         ${loudness} LUFS
    Threshold: -33.4 LUFS

  Loudness range:
    LRA:         3.1 LU
    Threshold: -43.4 LUFS

  True peak:
    Peak:      ${peak} dBFS
[Parsed_astats_1 @ 0x1] Overall
[Parsed_astats_1 @ 0x1] Number of samples: 48000
`;

test('what FFmpeg printed is read, infinities of silence too, and noise is no answer', () => {
  expect(readLoudnessPass(printed('-23.1', '-2.5'))).toEqual({
    ...{ integratedLufs: -23.1, truePeakDb: -2.5, rangeLu: 3.1, thresholdLufs: -33.4, samples: 48_000 },
  });
  expect(readLoudnessPass(printed('-70.0', '-inf'))).toMatchObject({ integratedLufs: null, truePeakDb: null });
  expect(readLoudnessPass('I: -23 LUFS')).toBeNull();
});
