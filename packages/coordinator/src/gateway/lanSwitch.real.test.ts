import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { canHaveOwnNetwork, inOwnNetwork } from './testing/ownNetwork.ts';
import { joinToken, openTestDoors } from './testing/testDoors.ts';

const own = canHaveOwnNetwork();
const scenario = join(import.meta.dirname, 'testing', 'lanScenario.ts');
const address = '10.77.0.1';

interface Outcome {
  port: number;
  before: unknown;
  switchedOn: unknown;
  found: unknown;
  seen: { txt: Record<string, string>; port: number; addresses: string[]; name: string } | null;
  lanOn: unknown;
  during: unknown;
  remote: unknown;
  lanOff: unknown;
  after: unknown;
  local: unknown;
  stayed: boolean;
}

const commandLine = (host: string, port: number) =>
  `REELMILL_JOIN_TOKEN=${joinToken} npx reelmill-agent --coordinator ${host}:${port}`;

let outcome: Outcome;
beforeAll(async () => {
  if (own) outcome = (await inOwnNetwork(scenario, [address])) as Outcome;
});

test.runIf(own)(
  'LAN off answers on loopback only; on, every address answers on the same port; windows stay open',
  () => {
    const { before, during, after, local, stayed, switchedOn } = outcome;
    expect({ before, during, after, local, stayed }).toEqual({
      before: 'ECONNREFUSED',
      during: 200,
      after: 'ECONNREFUSED',
      local: 200,
      stayed: true,
    });
    expect(switchedOn).toEqual({ ok: true, value: null });
  },
);

test.runIf(own)('the exact line for another machine is shown while LAN is on', () => {
  expect(outcome.lanOn).toEqual({ lan: true, joinCommand: commandLine(address, outcome.port) });
  expect(outcome.lanOff).toEqual({ lan: false, joinCommand: null });
});

test.runIf(own)('browsers of other machines are sent away; the API answers the owner', () => {
  expect(outcome.remote).toEqual({
    page: 403,
    pageWithToken: 403,
    anonymous: 401,
    owner: 200,
    ownPage: 403,
    session: 403,
  });
});

test.runIf(own)('agents on the network are found, and the coordinator is announced without any secret', () => {
  expect(outcome.found).toEqual({ nodeId: 'node-attic', name: 'attic', address });
  expect(outcome.seen).toMatchObject({ port: outcome.port, addresses: [address] });
  expect(outcome.seen?.txt).toEqual({ id: 'c-test', name: 'studio', min: '1', max: '1' });
  expect(JSON.stringify(outcome.seen)).not.toContain(joinToken);
});

test.runIf(own)('a machine with nothing but loopback switches LAN on and off without harm', async () => {
  const alone = (await inOwnNetwork(scenario)) as Outcome;
  expect(alone).toMatchObject({ switchedOn: { ok: true }, during: 200, local: 200, stayed: true });
  expect(alone.lanOn).toEqual({ lan: true, joinCommand: commandLine('127.0.0.1', alone.port) });
});

test('a port that is taken is refused with the system code, and another one can be tried', async () => {
  const open = await openTestDoors();
  const other = await openTestDoors();
  const port = Number(new URL(open.url).port);
  await other.doors.close();
  await expect(other.doors.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  expect((await other.doors.listen({ host: '127.0.0.1', port: 0 })).port).not.toBe(port);
  await other.close();
  await open.close();
});
