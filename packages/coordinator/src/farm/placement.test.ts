import { NodeId, type Toolchain } from '@reelmill/protocol';
import { expect, test } from 'vitest';
import type { ConnectedAgent } from './agentRoster.ts';
import { placementOn } from './placement.ts';

const toolchain = { ffmpegVersion: '5.1', classId: 'own-x64', encoders: ['libx264'] } as unknown as Toolchain;
const agent = (name: string, taskMemoryBytes: number) => {
  const facts = { nodeId: NodeId.parse(`node-${name}`), name, slots: 1, taskMemoryBytes };
  return { facts, toolchain } as unknown as ConnectedAgent;
};

test('a node that could not hold one task of a plan cannot run it, in the words of a waiting task', () => {
  const agents = [agent('small', 1e9), agent('large', 16e9)];
  const farm = { roster: { all: () => agents.values() }, context: { hardware: { proofsOf: () => null } } };
  const requires = { toolchainClass: 'own-x64', encoders: ['libx264'], memoryBytes: 3e9 };
  const { nodes, note } = placementOn(farm as unknown as Parameters<typeof placementOn>[0], requires);
  expect(nodes.map(({ name, canRun, whyNot }) => [name, canRun, whyNot])).toEqual([
    ['small', false, 'It has 1 GB of memory for tasks; this one needs 3 GB.'],
    ['large', true, null],
  ]);
  expect(note).toBeNull();
});
