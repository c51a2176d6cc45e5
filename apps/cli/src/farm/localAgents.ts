import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FarmError } from '@reelmill/protocol';
import { agentEntry } from './bundledFiles.ts';
import { endProcess } from './endProcess.ts';

export interface LocalAgentOptions {
  readonly count: number;
  readonly slots: number;
  /** The coordinator's data folder: address and token are read there; nothing secret is on the command line. */
  readonly coordinatorDataFolder: string;
  readonly agentsFolder: string;
  readonly onLine?: (agent: number, line: unknown) => void;
}

export interface LocalAgents {
  /** Rejects when every agent has died more often than it is started again: nothing would ever finish. */
  readonly allGivenUp: Promise<never>;
  stop(): Promise<void>;
}

const setpriv = process.platform === 'linux' ? ['/usr/bin/setpriv', '/bin/setpriv'].find(existsSync) : undefined;

/** Ends with this process whatever happens to it: on Linux by the parent-death signal, everywhere by the stdin pipe. */
function agentCommand(args: readonly string[]): { command: string; args: string[] } {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', agentEntry(), ...args];
  return setpriv === undefined
    ? { command: node[0] as string, args: node.slice(1) }
    : { command: setpriv, args: ['--pdeathsig', 'KILL', '--', ...node] };
}

/** An agent that dies is started again, but one that keeps dying is given up. */
const restartsPerAgent = 5;

/** An agent takes no less. */
const leastMemoryBytes = 256 * 1024 ** 2;

function agentArgs(options: LocalAgentOptions, index: number): string[] {
  const name = options.count === 1 ? hostname() : `${hostname()}-${index + 1}`;
  return [
    ...['--local-data-dir', options.coordinatorDataFolder, '--data', join(options.agentsFolder, String(index + 1))],
    ...(options.count === 1 ? [] : ['--memory', String(sharedMemoryBytes(options.count))]),
    // a farm that ends with its command fails rather than waits for somebody to clear the disk
    ...['--min-free', '0'],
    ...['--slots', String(options.slots), '--name', name, '--exit-with-parent', '--no-mdns', '--json'],
  ];
}

/** Agents of one machine share its memory. */
const sharedMemoryBytes = (count: number): number =>
  Math.max(leastMemoryBytes, Math.floor(Math.min(process.constrainedMemory() || totalmem(), totalmem()) / count));

/** Starts `count` agents as own processes on this machine and keeps them running until `stop`. */
export function startLocalAgents(options: LocalAgentOptions): LocalAgents {
  const running = new Map<number, ChildProcess>();
  let stopping = false;
  let giveUp: (error: FarmError) => void = () => {};
  const allGivenUp = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  allGivenUp.catch(() => {}); // whoever races against it reports it
  const start = (index: number, restartsLeft: number): void => {
    const { command, args } = agentCommand(agentArgs(options, index));
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    running.set(index, child);
    createInterface({ input: child.stdout }).on('line', (line) => options.onLine?.(index, parseLine(line)));
    child.stdin.on('error', () => {}); // its end is told by 'exit'
    child.once('exit', (code, signal) => {
      running.delete(index);
      if (stopping) return;
      if (restartsLeft > 0) return start(index, restartsLeft - 1);
      const how = signal ?? `exit code ${code}`;
      if (running.size === 0)
        giveUp(new FarmError('TOO_MANY_LOSSES', { message: `Every agent ended again and again (last: ${how}).` }));
    });
  };
  for (let index = 0; index < options.count; index += 1) start(index, restartsPerAgent);
  return {
    allGivenUp,
    stop() {
      stopping = true;
      return stopAll([...running.values()]);
    },
  };
}

const parseLine = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch (cause) {
    return { type: 'text', line, cause: String(cause) };
  }
};

/** Closes the pipes (the orderly way), then terminates what is still there after five seconds. */
async function stopAll(processes: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    processes.map((child) => {
      child.stdin?.end();
      return endProcess(child, 5_000);
    }),
  );
}
