import type { TaskState } from '@reelmill/scheduler';
import { expect, test } from 'vitest';
import type { PlanSummary } from '../jobRecords.ts';
import { jobWarnings } from './jobWarnings.ts';

const completed = (report: unknown) => ({ phase: { kind: 'completed', result: { report } } }) as unknown as TaskState;
const plan = (...warnings: string[]) => ({ renditions: [{ warnings }] }) as unknown as PlanSummary;

test('damage that only decoding found, and what the join found, are warnings of the job', () => {
  const tasks = [
    completed({ kind: 'encode', decodeErrors: 2 }),
    completed({ kind: 'encode', decodeErrors: 0 }),
    completed({ kind: 'assemble', warnings: ['AUDIO_LENGTH: shorter.'] }),
    { phase: { kind: 'queued' } } as unknown as TaskState,
    completed(null),
  ];
  expect(jobWarnings(plan('FIRST: planned.'), tasks)).toEqual([
    'FIRST: planned.',
    'AUDIO_LENGTH: shorter.',
    'DECODE_ERRORS: the source is damaged in one chunk; no frame is missing, some may show it.',
  ]);
});

test('a plan that knew of the damage is not told twice; a sound source has no warning', () => {
  const known = plan('DECODE_ERRORS: the source is damaged.');
  expect(jobWarnings(known, [completed({ kind: 'encode', decodeErrors: 9 })])).toEqual([
    'DECODE_ERRORS: the source is damaged.',
  ]);
  expect(jobWarnings(null, [completed({ kind: 'encode', decodeErrors: 0 })])).toEqual([]);
});
