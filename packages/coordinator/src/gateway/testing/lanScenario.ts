// Runs inside a network namespace of its own; see lanSwitch.real.test.ts.
import { Bonjour, type Service } from 'bonjour-service';
import { io } from 'socket.io-client';
import { bringUp } from './ownNetwork.ts';
import { rawRequest } from './rawRequest.ts';
import { openTestDoors, ownerToken, type TestDoors } from './testDoors.ts';

const address = process.argv[2] ?? null;
bringUp(address);

const statusAt = async (url: string, options: Parameters<typeof rawRequest>[1] = {}): Promise<number | string> => {
  try {
    return (await rawRequest(url, options)).status;
  } catch (cause) {
    return String((cause as { code?: unknown }).code);
  }
};
const bearer = { authorization: `Bearer ${ownerToken}` };

async function remoteAnswers(open: TestDoors, url: string) {
  const json = { 'content-type': 'application/json' };
  const body = JSON.stringify({ code: new URL(open.doors.interfaceUrl()).hash.slice('#code='.length) });
  return {
    page: await statusAt(`${url}/`),
    pageWithToken: await statusAt(`${url}/`, { headers: bearer }),
    anonymous: await statusAt(`${url}/api/v1/jobs`),
    owner: await statusAt(`${url}/api/v1/jobs`, { headers: bearer }),
    ownPage: await statusAt(`${url}/api/v1/jobs`, { headers: { ...bearer, origin: url } }),
    session: await statusAt(`${url}/api/v1/session`, { method: 'POST', headers: json, body }),
  };
}

/** Another program on the network: an agent that announces itself and looks for coordinators. */
function announceAgent() {
  const bonjour = new Bonjour({ interface: address ?? '127.0.0.1', bind: '0.0.0.0' } as never, () => undefined);
  const txt = { id: 'node-attic', name: 'attic', min: '1', max: '1' };
  bonjour.publish({ name: 'attic ode-attic', type: 'reelmill-agent', port: 9, probe: false, txt });
  const browser = bonjour.find({ type: 'reelmill' });
  const asking = setInterval(() => browser.update(), 200);
  const once = (event: 'up' | 'down') => new Promise<Service>((resolve) => browser.once(event, resolve));
  const stop = () =>
    new Promise<void>((resolve) => bonjour.unpublishAll(() => bonjour.destroy(() => resolve()))).finally(() =>
      clearInterval(asking),
    );
  return { up: once('up'), down: once('down'), stop };
}

async function main(): Promise<unknown> {
  const open = await openTestDoors({ staticFolder: import.meta.dirname });
  const { port } = new URL(open.url);
  const outward = `http://${address ?? '127.0.0.1'}:${port}`;
  const window = io(`${open.url}/interface`, { transports: ['websocket'], auth: { token: ownerToken } });
  await new Promise((resolve) => window.once('farm:snapshot', resolve));
  let ended = false;
  window.on('disconnect', () => {
    ended = true;
  });
  const before = await statusAt(`${outward}/healthz`);
  const agent = announceAgent();
  const foundCall = open.core.next('noteFoundNode');
  const switchedOn: unknown = await window.emitWithAck('command', { type: 'set-lan', enabled: true });
  const [, found] = address === null ? [] : await foundCall;
  const service = address === null ? null : await agent.up;
  const lanOn = open.core.lan;
  const during = await statusAt(`${outward}/healthz`);
  const remote = await remoteAnswers(open, outward);
  const lostCall = open.core.next('noteLostNode');
  await window.emitWithAck('command', { type: 'set-lan', enabled: false });
  if (address !== null) await Promise.all([agent.down, lostCall]);
  const after = await statusAt(`${outward}/healthz`);
  const local = await statusAt(`${open.url}/healthz`);
  const stayed = !ended;
  window.close();
  await agent.stop();
  await open.close();
  const seen = service && { txt: service.txt, port: service.port, addresses: service.addresses, name: service.name };
  return {
    port: Number(port),
    before,
    switchedOn,
    found,
    seen,
    lanOn,
    during,
    remote,
    lanOff: open.core.lan,
    after,
    local,
    stayed,
  };
}

process.stdout.write(`${JSON.stringify(await main())}\n`);
