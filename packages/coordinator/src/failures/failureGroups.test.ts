import { type ErrorCode, FarmError, type TaskId } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { encodeIdOf, jobIdOf, nodeIdOf, TestFarm } from '../projection/testing/testFarm.ts';
import { failureGroups, fingerprint, selectLetters } from './failureGroups.ts';

const [first, second, third] = [0, 1, 2].map(jobIdOf) as [ReturnType<typeof jobIdOf>, never, never];

function fails(farm: TestFarm, taskId: TaskId, code: ErrorCode, message: string): void {
  for (let round = 0; farm.state.tasks.get(taskId)?.phase.kind !== 'failed' && round < 40; round += 1) {
    const lease = farm.lease(taskId);
    const error = new FarmError(code, { message }).toData();
    if (lease !== undefined)
      farm.command({
        type: 'finish-task',
        nodeId: lease.nodeId,
        taskId,
        attempt: lease.attempt,
        outcome: { kind: 'failed', error },
      });
    farm.advance(2_000);
    farm.command({ type: 'heartbeat', nodeId: nodeIdOf(1), held: [] });
    farm.command({ type: 'tick' });
  }
}

function farmWithFailures(): TestFarm {
  const farm = new TestFarm();
  farm.join(nodeIdOf(1), 4);
  for (const jobId of [first, second, third]) {
    farm.submit(jobId);
    farm.plan(jobId, 2);
  }
  fails(farm, encodeIdOf(first, 0), 'ENCODE_FAILED', 'FFmpeg ended with exit code 1 at frame 17 of "/films/a.mov".');
  fails(farm, encodeIdOf(second, 1), 'ENCODE_FAILED', 'FFmpeg ended with exit code 1 at frame 304 of "/films/b.mov".');
  fails(farm, encodeIdOf(third, 0), 'SOURCE_CHANGED', 'The source file changed.');
  return farm;
}

test('dead letters with the same cause make one group, whatever file and frame; the largest comes first', () => {
  const groups = failureGroups(farmWithFailures().state);
  expect(groups.map(({ error, letters }) => [error.code, letters.map(({ jobId }) => jobId)])).toEqual([
    ['ENCODE_FAILED', [second, first]],
    ['SOURCE_CHANGED', [third]],
  ]);
  expect(groups[0]?.letters[1]?.task).toMatchObject({
    taskId: encodeIdOf(first, 0),
    kind: 'encode',
    chunkIndex: 0,
    attempts: 3,
    failedOn: [nodeIdOf(1)],
  });
});

test('a letter is meant by its group, its job or its task; one that was retried or given up is none any more', () => {
  const farm = farmWithFailures();
  const groups = failureGroups(farm.state);
  const meant = (...which: string[]) => selectLetters(groups, which).map(({ jobId }) => jobId);
  expect(meant(groups[0]?.groupId ?? '')).toEqual([second, first]);
  expect(meant(third, encodeIdOf(first, 0))).toEqual([first, third]);
  expect(meant('ENCODE_FAILED')).toEqual([]);
  farm.command({ type: 'retry-job', jobId: first });
  farm.command({ type: 'give-up-job', jobId: third });
  expect(failureGroups(farm.state).flatMap(({ letters }) => letters.map(({ jobId }) => jobId))).toEqual([second]);
});

test('another message is another cause', () => {
  const of = (cause: string) => fingerprint({ code: 'ENCODE_FAILED', cause });
  expect(of('No space at 1.5 s')).toBe(of('No space at 22,3 s'));
  expect(of('No space at 1.5 s')).not.toBe(of('No memory at 1.5 s'));
  expect(of('C:\\a\\b.mov is gone')).toBe(of('/x/y z.mov is gone'.replace(' z', '')));
});

test('a node under quarantine is shown with its reason until it is released', () => {
  const farm = new TestFarm();
  const node = nodeIdOf(1);
  farm.join(node);
  const error = new FarmError('NODE_QUARANTINED').toData();
  farm.state = {
    ...farm.state,
    trust: new Map([[node, { badResults: [], quarantine: { error, sinceIso: farm.iso } }]]),
  };
  farm.emit({ kind: 'events', events: [], iso: farm.iso });
  farm.advance(1_000);
  const shown = () => farm.projection.snapshot().farm.nodes[0]?.quarantine;
  expect(shown()).toMatchObject({ error: { code: 'NODE_QUARANTINED' } });
  farm.command({ type: 'release-node', nodeId: node });
  farm.advance(1_000);
  expect(shown()).toBeNull();
});
