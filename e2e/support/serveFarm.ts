import { join } from 'node:path';
import { JobLine, type NodeView, ReadyLine } from '@reelmill/protocol';
import { runCli, type StartedProcess, type StartOptions, startAgent, startCli } from './farmProcesses.ts';

interface AgentOptions {
  readonly slots?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Further arguments. */
  readonly args?: readonly string[];
}

/** A coordinator and its agents as separate processes over one data folder. */
export interface ServeFarm {
  readonly dataDir: string;
  coordinator(): StartedProcess;
  ready(): ReadyLine;
  startCoordinator(): Promise<ReadyLine>;
  addAgent(name: string, options?: AgentOptions): Promise<StartedProcess>;
  submit(clip: string, args: readonly string[]): Promise<string>;
  /** Follows a job by `reelmill watch --json`. */
  watch(jobId: string): StartedProcess;
  jobLine(jobId: string): Promise<JobLine>;
  nodes(): Promise<NodeView[]>;
  stop(): Promise<void>;
}

export function serveFarm(folder: string, serveArgs: readonly string[] = [], options: StartOptions = {}): ServeFarm {
  const dataDir = join(folder, 'coordinator');
  const processes: StartedProcess[] = [];
  let current: { process: StartedProcess; ready: ReadyLine } | undefined;
  const live = (): { process: StartedProcess; ready: ReadyLine } => {
    if (current === undefined) throw new Error('the coordinator has not been started');
    return current;
  };
  const watch = (jobId: string): StartedProcess => {
    const started = startCli(['watch', jobId, '--json', '--data', dataDir], options);
    processes.push(started);
    return started;
  };
  return {
    dataDir,
    coordinator: () => live().process,
    ready: () => live().ready,
    async startCoordinator() {
      const port = current === undefined ? '0' : new URL(current.ready.apiUrl).port;
      const started = startCli(['serve', '--json', '--port', port, '--data', dataDir, ...serveArgs], options);
      processes.push(started);
      const ready = ReadyLine.parse(await started.until((line) => line.type === 'ready'));
      current = { process: started, ready };
      return ready;
    },
    async addAgent(name, agentOptions = {}) {
      const { args: more = [] } = agentOptions;
      const args = ['--json', '--no-mdns', '--name', name, '--slots', String(agentOptions.slots ?? 1), ...more];
      const own = { ...options, env: { ...options.env, ...agentOptions.env } };
      const started = startAgent([...args, '--data', join(folder, name), '--local-data-dir', dataDir], own);
      processes.push(started);
      await started.until((line) => line.type === 'joined');
      return started;
    },
    async submit(clip, args) {
      const result = await runCli(['submit', clip, '--json', '--data', dataDir, ...args], options);
      const line = result.lines.find((candidate) => candidate.type === 'submitted');
      if (line === undefined) throw new Error(`submit failed (${result.code}): ${result.stderr}`);
      return String(line.jobId);
    },
    watch,
    async jobLine(jobId) {
      return JobLine.parse(await watch(jobId).until((line) => line.type === 'job' && line.jobId === jobId));
    },
    async nodes() {
      const result = await runCli(['nodes', '--json', '--data', dataDir], options);
      return result.lines as unknown as NodeView[];
    },
    async stop() {
      for (const started of processes.reverse()) await started.stop();
    },
  };
}
