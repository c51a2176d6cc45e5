import { join } from 'node:path';
import { resolveFfmpeg } from '@reelmill/media';
import type { FinishedVerdict, NodeId, TaskFinished, TaskOffer, TaskOutcome } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import { createTestAgent } from '../testing/testAgent.ts';
import { drawClip, newFolder, openTestFarm, submitOne, untilJob } from '../testing/testFarm.ts';
import { throughSocket } from './testing/socketFarm.ts';
import { knock } from './testing/testAgent.ts';
import { joinToken, openTestDoors } from './testing/testDoors.ts';

const tools = await resolveFfmpeg();
const falseHash = 'f'.repeat(64) as never;

function withFalseHash(outcome: TaskOutcome): TaskOutcome {
  if (outcome.kind === 'failed') return outcome;
  return { ...outcome, artifacts: outcome.artifacts.map((artifact) => ({ ...artifact, sha256: falseHash })) };
}

test('messages with a false hash, late, repeated, malformed, oversized or of an unknown version are refused and counted; the film is right', async () => {
  const folder = await newFolder('refused');
  const farm = await openTestFarm(await newFolder('refused-data'), { tools });
  const doors = await openTestDoors({ core: farm.core, projection: farm.projection });
  const peer = knock(doors.url, { key: joinToken });
  await peer.admitted;
  const verdicts: FinishedVerdict[] = [];
  const say = async (finished: TaskFinished): Promise<void> => {
    const answer = await peer.socket.emitWithAck('task:finished', finished);
    if (answer.ok) verdicts.push(answer.value);
  };
  let tampered = false;
  const beforeReport = async ({ kind, taskId, attempt }: TaskOffer, made: TaskOutcome): Promise<TaskOutcome> => {
    if (kind !== 'encode' || tampered) return made;
    tampered = true;
    await say({ taskId, attempt, outcome: withFalseHash(made) });
    await say({ taskId, attempt, outcome: made });
    return made;
  };
  const agent = createTestAgent(throughSocket(farm, peer), { name: 'node-one', slots: 1, tools, beforeReport });
  await agent.join();
  await drawClip(tools, join(folder, 'clip.mp4'), 3);
  const jobId = await submitOne(farm.core, join(folder, 'clip.mp4'), { outputFolder: folder });
  const done = await untilJob(farm.core, jobId, ({ state }) => state === 'done' || state === 'failed');
  expect([done.state, done.error, done.outputs[0]?.frames]).toEqual(['done', null, 75]);
  expect(verdicts).toEqual(['rejected', 'stale']);

  const last = [...farm.context.dispatcher.state().tasks.values()].find(({ plan }) => plan.kind === 'encode');
  const result = last?.phase.kind === 'completed' ? last.phase : undefined;
  const repeated = { kind: 'failed', error: { code: 'INTERNAL', cause: '', fix: '', details: {} } } as const;
  await say({ taskId: last?.plan.taskId as never, attempt: result?.attempt ?? 0, outcome: repeated });
  expect(verdicts.at(-1)).toBe('accepted');

  await peer.socket.emitWithAck('task:finished', { taskId: '../../etc' } as never);
  await knock(doors.url, { key: joinToken, protocol: { min: 98, max: 99 }, nodeId: 'node-new' as NodeId }).refused;
  peer.socket.emit('task:progress', { padding: 'x'.repeat(70_000) } as never);
  await peer.disconnected;
  await expect
    .poll(() => farm.projection.snapshot().farm.stats.refusedMessages)
    .toMatchObject({ 'false-hash': 1, duplicate: 1, malformed: 1, oversized: 1, 'unknown-version': 1 });
  expect(farm.projection.snapshot().farm.stats.refusedMessages.fenced).toBeGreaterThanOrEqual(2);
  await agent.die();
  await doors.close();
  await farm.close();
});
