import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { agentLauncher } from '../index.ts';
import type { LifecycleEvent } from '../lifecycle.ts';
import { Happenings } from './testFarm.ts';

export interface TestAgentOptions {
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly dataDir?: string;
}

/** One real agent process, started by its launcher. */
export interface TestAgent {
  readonly child: ChildProcess;
  readonly dataDir: string;
  readonly lines: Happenings<LifecycleEvent>;
  stderr(): string;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  stop(): Promise<void>;
}

export const newDataDir = (): string => mkdtempSync(join(tmpdir(), 'reelmill-test-agent-'));

export function startAgent({ args, env = {}, dataDir = newDataDir() }: TestAgentOptions): TestAgent {
  const child = spawn(process.execPath, [agentLauncher, '--json', '--data', dataDir, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines = new Happenings<LifecycleEvent>();
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line) as LifecycleEvent));
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  return {
    child,
    dataDir,
    lines,
    stderr: () => stderr,
    exited,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
}
