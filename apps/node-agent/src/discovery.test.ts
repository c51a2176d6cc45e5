import { expect, test } from 'vitest';
import { targetsOf } from './discovery.ts';

const txt = { id: 'c-1', name: 'studio', min: '1', max: '1' };

test('a found coordinator is dialled at the address that answered, IPv4 before IPv6, link-local never', () => {
  const service = {
    txt,
    port: 7421,
    addresses: ['fe80::1', 'fd00::5', '10.0.0.5', '192.168.1.5'],
    referer: { address: '192.168.1.5', family: 'IPv4' as const, port: 5353, size: 1 },
  };
  expect(targetsOf(service)).toEqual([
    { url: 'http://192.168.1.5:7421', coordinatorId: 'c-1' },
    { url: 'http://10.0.0.5:7421', coordinatorId: 'c-1' },
    { url: 'http://[fd00::5]:7421', coordinatorId: 'c-1' },
  ]);
});

test('coordinators of another protocol version and foreign services are not dialled', () => {
  expect(targetsOf({ txt: { ...txt, min: '2', max: '3' }, port: 1, addresses: ['10.0.0.5'] })).toEqual([]);
  expect(targetsOf({ txt: undefined, port: 1, addresses: ['10.0.0.5'] })).toEqual([]);
});
