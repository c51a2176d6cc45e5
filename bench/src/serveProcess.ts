import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { dataFiles, ReadyLine } from '@reelmill/protocol';
import { launcher } from './commands.ts';

/** A coordinator in a process of its own, as `reelmill serve` starts it, on loopback. */
export interface ServedFarm {
  readonly apiUrl: string;
  /** From the start of the process to its ready line. */
  readonly readySeconds: number;
  readonly ownerToken: string;
  readonly joinToken: string;
  /** Of the process with its threads, without children. Linux only. */
  usage(): ProcessUsage;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface ProcessUsage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** The most it ever held. */
  readonly peakBytes: number;
}

/** USER_HZ, as proc(5) counts ticks: 100 on every Linux that Node supports. */
const ticksPerSecond = 100;

function usageOf(pid: number): ProcessUsage {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytesOf = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    residentBytes: bytesOf('VmRSS'),
    peakBytes: bytesOf('VmHWM'),
  };
}

/** Starts it on that data folder; any free port. */
export async function startServe(dataDir: string): Promise<ServedFarm> {
  const startedAt = performance.now();
  const child: ChildProcess = spawn(process.execPath, [launcher, 'serve', '--json', '--port', '0', '--data', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).once('line', resolve);
    void ended.then(() => reject(new Error('reelmill serve ended before it was ready')));
  });
  const readySeconds = (performance.now() - startedAt) / 1000;
  const { apiUrl } = ReadyLine.parse(JSON.parse(line));
  const secret = async (name: string) => (await readFile(join(dataDir, name), 'utf8')).trim();
  return {
    apiUrl,
    readySeconds,
    ownerToken: await secret(dataFiles.ownerToken),
    joinToken: await secret(dataFiles.joinToken),
    usage: () => usageOf(child.pid as number),
    async kill(signal) {
      child.kill(signal);
      await ended;
    },
  };
}
