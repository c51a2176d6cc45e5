import { expect, test } from 'vitest';
import { applyPatch, followsSnapshot } from './applyPatch.ts';
import { RenditionId } from './ids.ts';
import type { ChunkView, FarmView, JobView, NodeView } from './views.ts';

const chunk = (index: number, state: ChunkView['state']): ChunkView => ({
  index,
  rendition: RenditionId.parse('h264-720p'),
  chunkIndex: index,
  firstFrame: index * 50,
  endFrame: index * 50 + 50,
  state,
  attempt: 0,
  node: null,
  percent: 0,
  fps: 0,
});
const job = (id: string, chunks: ChunkView[] = []) => ({ jobId: id, percent: 0, chunks }) as unknown as JobView;
const node = (id: string, state = 'ready') => ({ nodeId: id, state }) as unknown as NodeView;
const farm = (jobs: JobView[], nodes: NodeView[] = []) => ({ jobs, nodes, stats: {} }) as unknown as FarmView;

test('a changed job keeps every field and chunk that the patch does not name', () => {
  const before = farm([job('J-a', [chunk(0, 'waiting'), chunk(1, 'waiting')]), job('J-b')]);
  const changes = [
    {
      kind: 'job-changed' as const,
      jobId: 'J-a' as JobView['jobId'],
      fields: { percent: 40 },
      chunks: [chunk(1, 'verified')],
    },
  ];
  const after = applyPatch(before, { changes });
  expect(after.jobs[0]).toMatchObject({ jobId: 'J-a', percent: 40 });
  expect(after.jobs[0]?.chunks.map((one) => one.state)).toEqual(['waiting', 'verified']);
  expect(after.jobs[0]?.chunks[0]).toBe(before.jobs[0]?.chunks[0]);
  expect(after.jobs[1]).toBe(before.jobs[1]);
  expect(before.jobs[0]?.percent).toBe(0);
});

test('jobs are added at their place in the queue and removed by id', () => {
  const before = farm([job('J-a'), job('J-c')]);
  const added = applyPatch(before, { changes: [{ kind: 'job-added', job: job('J-b'), at: 1 }] });
  expect(added.jobs.map((one) => one.jobId)).toEqual(['J-a', 'J-b', 'J-c']);
  const removed = applyPatch(added, { changes: [{ kind: 'job-removed', jobId: 'J-a' as JobView['jobId'] }] });
  expect(removed.jobs.map((one) => one.jobId)).toEqual(['J-b', 'J-c']);
});

test('jobs added one behind the other count their places with those before them', () => {
  const changes = [
    { kind: 'job-added' as const, job: job('J-b'), at: 1 },
    { kind: 'job-added' as const, job: job('J-d'), at: 3 },
    { kind: 'job-removed' as const, jobId: 'J-a' as JobView['jobId'] },
    { kind: 'job-added' as const, job: job('J-a'), at: 0 },
  ];
  const before = farm([job('J-a'), job('J-c')]);
  expect(applyPatch(before, { changes }).jobs.map((one) => one.jobId)).toEqual(['J-a', 'J-b', 'J-c', 'J-d']);
  expect(before.jobs).toHaveLength(2);
});

test('an unknown node is appended, a known one replaced in place', () => {
  const before = farm([], [node('one'), node('two')]);
  const changes = [
    { kind: 'node-changed' as const, node: node('one', 'offline') },
    { kind: 'node-changed' as const, node: node('three') },
  ];
  const after = applyPatch(before, { changes });
  expect(after.nodes.map((each) => [each.nodeId, each.state])).toEqual([
    ['one', 'offline'],
    ['two', 'ready'],
    ['three', 'ready'],
  ]);
});

test('only the next patch of the same coordinator process follows a snapshot', () => {
  const replica = { epoch: 'e1', sequence: 4 };
  expect(followsSnapshot(replica, { epoch: 'e1', sequence: 5, changes: [] })).toBe(true);
  expect(followsSnapshot(replica, { epoch: 'e1', sequence: 6, changes: [] })).toBe(false);
  expect(followsSnapshot(replica, { epoch: 'e2', sequence: 5, changes: [] })).toBe(false);
});
