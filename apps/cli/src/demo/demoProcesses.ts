import { type ChildProcess, spawn } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { dataFiles, FarmError, ReadyLine } from '@reelmill/protocol';
import { agentEntry, cliEntry } from '../farm/bundledFiles.ts';
import { endProcess } from '../farm/endProcess.ts';

export interface DemoFarm {
  readonly ready: ReadyLine;
  /** How the agents found the coordinator, for people. */
  readonly foundBy: string;
  stop(): Promise<void>;
}

const start = (args: readonly string[]): ChildProcess =>
  spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], { stdio: ['pipe', 'pipe', 'inherit'] });

/** True where there is a network besides loopback: without one, mDNS has no address to announce. */
const hasNetwork = (): boolean =>
  Object.values(networkInterfaces())
    .flat()
    .some((address) => address !== undefined && !address.internal && address.family === 'IPv4');

/** Resolves with the first line of JSON that the filter accepts; rejects when the process ends before. */
function untilLine<T>(child: ChildProcess, accept: (line: unknown) => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    lines.on('line', (text) => {
      const accepted = text.startsWith('{') ? accept(JSON.parse(text)) : undefined;
      if (accepted !== undefined) resolve(accepted);
    });
    child.once('exit', (code) =>
      reject(new FarmError('INTERNAL', { message: `A demo process ended early with code ${code}.` })),
    );
  });
}

/** A coordinator and two agents, three processes; ready once both agents have joined. */
export async function startDemoFarm(folder: string): Promise<DemoFarm> {
  const dataDir = join(folder, 'coordinator');
  const processes: ChildProcess[] = [];
  const lan = hasNetwork();
  const listen = lan ? ['--lan'] : [];
  const coordinator = start([
    cliEntry(),
    'serve',
    '--json',
    '--port',
    '0',
    '--data',
    dataDir,
    '--exit-with-parent',
    ...listen,
  ]);
  processes.push(coordinator);
  const ready = await untilLine(coordinator, (line) => ReadyLine.safeParse(line).data);
  const address = lan ? [] : ['--coordinator', new URL(ready.apiUrl).host];
  const agents = ['one', 'two'].map((name) =>
    start([
      agentEntry(),
      '--json',
      '--name',
      `agent-${name}`,
      '--slots',
      '1',
      '--token-file',
      join(dataDir, dataFiles.joinToken),
      '--data',
      join(folder, `agent-${name}`),
      '--exit-with-parent',
      ...address,
    ]),
  );
  processes.push(...agents);
  await Promise.all(agents.map((agent) => untilLine(agent, (line) => (isJoined(line) ? true : undefined))));
  return {
    ready,
    foundBy: lan
      ? 'found over mDNS'
      : 'given the address 127.0.0.1: this machine has only loopback, where mDNS has no address',
    stop: () => stopAll(processes.reverse()),
  };
}

const isJoined = (line: unknown): boolean => (line as { type?: unknown } | null)?.type === 'joined';

async function stopAll(processes: readonly ChildProcess[]): Promise<void> {
  for (const child of processes) await endProcess(child, 8_000);
}
