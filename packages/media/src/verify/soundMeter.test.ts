import { expect, test } from 'vitest';
import { soundMeter } from './soundMeter.ts';

const sampleRate = 100;

/** Two seconds more than a minute of one channel, given in pieces that cut through numbers. */
function measured(made: (at: number) => number, mostSamples = 62 * sampleRate) {
  const meter = soundMeter({ channels: 1, sampleRate, mostSamples });
  const values = Array.from({ length: 62 * sampleRate }, (_, at) => [made(at), Math.sin(at)]).flat();
  const bytes = Buffer.from(new Float32Array(values).buffer);
  for (let at = 0; at < bytes.length; at += 1021) meter.add(bytes.subarray(at, at + 1021));
  return meter.finish();
}

test('the same samples are identical, minute by minute', () => {
  const same = { rmsErrorDb: null, correlation: 1, gainDb: 0, firstDifference: null };
  expect(measured(Math.sin)).toEqual({
    ...{ samples: 6200, seen: 6200, isIdentical: true },
    minutes: [
      { minute: 0, ...same },
      { minute: 1, ...same },
    ],
  });
});

test('half as loud is the same wave; the first other sample is named', () => {
  const { isIdentical, minutes } = measured((at) => (at < 6100 ? Math.sin(at) : Math.sin(at) / 2));
  expect(isIdentical).toBe(false);
  expect(minutes[0]?.firstDifference).toBeNull();
  expect(minutes[1]?.firstDifference).toBe(6100);
  const whole = measured((at) => Math.sin(at) / 2).minutes[0];
  expect(whole).toMatchObject({ correlation: 1, gainDb: -6.02, rmsErrorDb: -9.03 });
});

test('silence has no correlation; what lies behind the output is counted only', () => {
  expect(measured(() => 0).minutes[0]).toMatchObject({ correlation: null, gainDb: null, rmsErrorDb: -3.01 });
  expect(measured(Math.sin, 6000)).toMatchObject({ samples: 6000, seen: 6200, minutes: [{ minute: 0 }] });
});
