import { DoctorCheck, FarmError } from '@reelmill/protocol';
import type { ObjectStore } from '@reelmill/storage';
import { expect, test } from 'vitest';
import { checkDisk, checkEncoders, checkNodes, checkStore } from './farmChecks.ts';
import { checkAddress, checkMdns, checkPort } from './networkChecks.ts';

const loopback = { interfaceName: 'lo', address: '127.0.0.1', internal: true };
const cable = { interfaceName: 'eth0', address: '192.168.1.10', internal: false };
const tunnel = { interfaceName: 'utun3', address: '10.8.0.2', internal: false };
const closed = { bound: { host: '127.0.0.1', port: 7420 }, lan: false, mdns: null };
const open = {
  bound: { host: '0.0.0.0', port: 7420 },
  lan: true,
  mdns: { interfaces: ['eth0'], failing: [] as string[], heard: 0 },
};

test('an address on the network is named; without one other machines cannot come', () => {
  expect(checkAddress(open, [loopback, cable]).found).toContain('told 192.168.1.10');
  expect(checkAddress(open, [loopback])).toMatchObject({ state: 'fault' });
  expect(checkAddress(closed, [loopback])).toMatchObject({ state: 'ok' });
});

test('a VPN is named as what often hides the network, and as a fault where there is nothing else', () => {
  expect(checkAddress(open, [loopback, cable, tunnel])).toMatchObject({
    state: 'warning',
    cause: expect.stringContaining('utun3'),
  });
  expect(checkAddress(open, [loopback, tunnel])).toMatchObject({ state: 'fault' });
  expect(checkAddress(closed, [loopback, cable, tunnel])).toMatchObject({ state: 'ok' });
});

test('a port that answers on this machine but not at its address has a firewall before it', async () => {
  const asked: string[] = [];
  const reach = async (url: string) => {
    asked.push(url);
    if (url.includes('192.168')) throw new Error('timed out');
    return 200;
  };
  const finding = await checkPort(open, [loopback, cable], reach);
  expect(finding).toMatchObject({ state: 'fault', cause: expect.stringContaining('192.168.1.10:7420') });
  expect(await checkPort(closed, [loopback, cable], reach)).toMatchObject({ state: 'ok' });
  expect(asked).toHaveLength(3);
});

test('mDNS: off, heard, heard by nobody, refused by the system', () => {
  const { mdns } = open;
  expect(checkMdns(closed, 0)).toMatchObject({ state: 'ok', found: expect.stringContaining('Not used') });
  expect(checkMdns({ ...open, mdns: { ...mdns, heard: 2 } }, 0)).toMatchObject({ state: 'ok' });
  expect(checkMdns(open, 0)).toMatchObject({ state: 'warning', fix: expect.stringContaining('Add node') });
  expect(checkMdns(open, 1)).toMatchObject({ state: 'ok' });
  expect(checkMdns({ ...open, mdns: { ...mdns, failing: ['eth0'] } }, 0)).toMatchObject({ state: 'warning' });
});

test('a store that gives back other bytes is a fault', async () => {
  const removed: string[] = [];
  const spoiling = {
    kind: 's3',
    putBytes: async () => ({ sha256: '' }),
    get: async () => (await import('node:stream')).Readable.from([Buffer.alloc(1024)]),
    remove: async (key: string) => void removed.push(key),
  } as unknown as ObjectStore;
  expect(await checkStore(spoiling, AbortSignal.timeout(1000))).toMatchObject({ state: 'fault' });
  expect(removed).toHaveLength(1);
});

test('a low disk and jobs that wait for room are told apart', () => {
  const disk = { freeBytes: 5e8, lowBytes: 1e9, highBytes: 2e9, low: true, waitingJobs: 0 };
  expect(checkDisk(disk)).toMatchObject({ state: 'fault', fix: expect.stringContaining('2.0 GB') });
  expect(checkDisk({ ...disk, low: false, waitingJobs: 3 })).toMatchObject({ state: 'warning' });
  expect(checkDisk({ ...disk, low: false })).toMatchObject({ state: 'ok' });
});

test('an encoder that this FFmpeg lacks is named with the presets that need it', () => {
  const tools = { toolchain: { encoders: ['libx264'] } } as never;
  const preset = (id: string, codec: string) => ({ id, video: { codec } }) as never;
  const presets = [preset('h264-720p', 'h264'), preset('av1', 'av1'), preset('av1-small', 'av1')];
  expect(checkEncoders(tools, presets)).toMatchObject({
    state: 'warning',
    found: expect.stringContaining('libsvtav1 (av1, av1-small)'),
  });
  expect(checkEncoders(tools, presets.slice(0, 1))).toMatchObject({ state: 'ok' });
});

test('nodes that could work and do not are named with the reason', () => {
  const node = (name: string, fields: object) =>
    ({ name, state: 'ready', slots: 4, error: null, quarantine: null, ...fields }) as never;
  const refusal = new FarmError('PROTOCOL_MISMATCH').toData();
  expect(checkNodes([])).toMatchObject({ state: 'fault' });
  expect(checkNodes([node('tower', {})])).toMatchObject({ state: 'ok', found: '1 node online with 4 slots.' });
  const finding = checkNodes([
    node('tower', {}),
    node('old', { state: 'refused', error: refusal }),
    node('full', { diskLow: true }),
  ]);
  expect(finding).toMatchObject({ state: 'warning', cause: expect.stringContaining(`old: ${refusal.cause}`) });
  expect(finding.cause).toContain('full: its disk is low');
});

test('what is wrong never comes without its remedy', () => {
  expect(DoctorCheck.safeParse({ subject: 'disk', state: 'fault', found: '', cause: null, fix: null }).success).toBe(
    false,
  );
});
