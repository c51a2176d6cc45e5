import { type HardwareProof, NodeId, type Toolchain } from '@reelmill/protocol';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createDispatcher } from '../dispatch/dispatcher.ts';
import type { CoreChange } from '../farmCorePort.ts';
import { createHardwareDesk } from './hardwareDesk.ts';

const toolchain: Toolchain = {
  ...{ ffmpegVersion: '5.1.9', buildHash: '0'.repeat(64), arch: 'x64', classId: 'own-x64', encoders: ['h264_nvenc'] },
};
const works: HardwareProof = {
  ...{ encoder: 'h264_nvenc', proven: true, reason: 'It works.' },
  forms: [{ form: 'bitrate', whyNot: null }],
};
const { signal } = new AbortController();

/** A desk over a dispatcher whose journal is empty; `moves` passes the desk's time. */
async function openDesk() {
  const logger = pino({ level: 'silent' });
  const dispatcher = createDispatcher({
    ...{ journal: { append: async () => {}, async *load() {} }, logger },
    ...{ limits: { houseSlots: 1 }, clock: () => 0, iso: () => '', onEvents: () => {}, runEffect: () => {} },
  });
  await dispatcher.boot();
  const told: CoreChange[] = [];
  const asked: string[] = [];
  let nowMs = 0;
  const desk = createHardwareDesk({ dispatcher, logger, emit: (change) => void told.push(change) }, () => nowMs);
  const joins = async (name: string, proofs: HardwareProof[] | null, answer: () => Promise<HardwareProof[]>) => {
    const nodeId = NodeId.parse(name);
    const proveHardware = (): Promise<HardwareProof[]> => {
      asked.push(name);
      return answer();
    };
    const calls = {
      offer: async () => never,
      cancel: () => {},
      hours: () => undefined,
      pause: () => {},
      recall: async () => false,
      readLog: async () => [],
      proveHardware,
    };
    const connection = { nodeId, address: '', baseUrl: '', ...calls };
    const memory = { memoryBytes: 1, taskMemoryBytes: 1, tags: [], kinds: null };
    const facts = { nodeId, name, address: '', local: true, slots: 2, ...memory, ffmpegVersion: '5.1.9' };
    desk.joined({ connection, facts, toolchain }, proofs);
    const node = { nodeId, name, slots: 2, local: true, toolchainClass: toolchain.classId };
    await dispatcher.run({ type: 'join-node', node, held: [] });
  };
  return { desk, dispatcher, told, asked, joins, moves: (ms: number) => (nowMs += ms) };
}
const never = { accepted: true } as const;

test('a node is asked once, when it has had nothing to do for a while', async () => {
  const { desk, asked, joins, moves, dispatcher } = await openDesk();
  await joins('node-one', null, async () => [works]);
  desk.askIdle();
  expect(asked).toEqual([]);
  moves(5_000);
  desk.askIdle();
  desk.askIdle();
  expect(asked).toEqual(['node-one']);
  await desk.candidates(signal);
  expect(asked).toEqual(['node-one']);
  expect(dispatcher.state().nodes.get(NodeId.parse('node-one'))?.hardwareClasses).toEqual([
    'own-x64+h264_nvenc.bitrate',
  ]);
});

test('a job that wants hardware waits for the first node and asks all, and those that join later', async () => {
  const { desk, asked, joins, told } = await openDesk();
  const candidates = desk.candidates(signal);
  await joins('node-one', null, async () => [works]);
  expect(await candidates).toMatchObject([{ name: 'node-one', slots: 2, proofs: [works] }]);
  await joins('node-two', null, async () => [works]);
  expect(asked).toEqual(['node-one', 'node-two']);
  expect(told.at(-1)).toMatchObject({ kind: 'node-hardware', nodeId: 'node-two', proofs: [works] });
});

test('what a node says at hello counts, and one that does not answer has proved nothing', async () => {
  const { desk, asked, joins } = await openDesk();
  await joins('node-one', [works], async () => []);
  await joins('node-two', null, () => Promise.reject(new Error('no answer')));
  expect((await desk.candidates(signal)).map(({ proofs }) => proofs)).toEqual([[works], null]);
  expect(asked).toEqual(['node-two']);
  expect(desk.proofsOf(NodeId.parse('node-one'))).toEqual([works]);
});

test('a canceled job does not wait for a device that hangs', async () => {
  const { desk, joins } = await openDesk();
  await joins('node-one', null, () => new Promise(() => {}));
  const canceling = new AbortController();
  const candidates = desk.candidates(canceling.signal);
  canceling.abort();
  await expect(candidates).rejects.toMatchObject({ code: 'CANCELED' });
});
