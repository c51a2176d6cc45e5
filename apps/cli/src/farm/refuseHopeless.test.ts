import type { FarmView, JobView, NodeView } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { refuseHopeless } from './refuseHopeless.ts';

const waiting = { code: 'memory', text: 'needs 12 GB of memory; the largest node has 4 GB' } as const;
const job = (fields: Partial<JobView>) => ({ name: 'film.mov', state: 'queued', waiting, ...fields }) as JobView;
const node = (state: NodeView['state']) => ({ state }) as NodeView;
const farm = (jobs: JobView[], nodes: NodeView[]): Pick<FarmView, 'jobs' | 'nodes'> => ({ jobs, nodes });

test('a job that none of the agents can hold ends the command with what it needs', () => {
  expect(() => refuseHopeless(farm([job({})], [node('ready'), node('ready')]), 2)).toThrow(
    'film.mov needs 12 GB of memory; the largest node has 4 GB.',
  );
});

test('so does one that fits on no disk, but not one that waits for room', () => {
  const full = { code: 'disk', text: 'needs 12 GB on the disk of a node; the one with most room has 4 GB' } as const;
  const error = expect.objectContaining({ code: 'INSUFFICIENT_SPACE' });
  expect(() => refuseHopeless(farm([job({ waiting: full })], [node('ready')]), 1)).toThrow(error);
  refuseHopeless(farm([job({ waiting: { code: 'space', text: '' } })], [node('ready')]), 1);
});

test('while agents are still to come, or anything else may go on, nothing is said', () => {
  refuseHopeless(farm([job({})], [node('ready')]), 2);
  refuseHopeless(farm([job({})], [node('rendering'), node('ready')]), 2);
  refuseHopeless(farm([job({}), job({ state: 'encoding', waiting: null })], [node('ready')]), 1);
  refuseHopeless(farm([job({ state: 'done' })], [node('ready')]), 1);
});
