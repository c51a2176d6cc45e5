import { join } from 'node:path';
import { dataFiles, type FarmView, type JobView, ReadyLine, type SubmitAnswer } from '@reelmill/protocol';
import { agentEntry, cliEntry } from '../farm/bundledFiles.ts';
import { callApi, findServer, openFeed, type RemoteFeed, type ServerAccess } from '../farm/farmClient.ts';
import { isFinal } from '../farm/followFarm.ts';
import { type FarmProcess, startProcess } from './childProcess.ts';
import { chaosOrder } from './reference.ts';

/** On a machine that is busy with other things. */
const startLimitMs = 150_000;

export interface AgentOptions {
  readonly name: string;
  /** `host:port`; default: found by the coordinator's data folder, with sources read in place. */
  readonly coordinator?: string;
  readonly prefix?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Its own folder; default: one in the farm's. */
  readonly folder?: string;
}

/** A coordinator and its agents, each a process, over one scratch folder. */
export interface ChaosFarm {
  readonly folder: string;
  readonly dataDir: string;
  coordinator(): FarmProcess;
  /** `127.0.0.1:port` of the coordinator; stays the same over restarts. */
  address(): string;
  port(): string;
  /** Starts the coordinator, or starts it again after its end, and opens its feed. */
  start(env?: NodeJS.ProcessEnv): Promise<void>;
  addAgent(options: AgentOptions, signal: AbortSignal): Promise<FarmProcess>;
  /** Resolves with the job's id, or null where the coordinator ended without an answer. */
  submit(clip: string, outputFolder: string): Promise<string | null>;
  /** Resolves with the first state of the farm that the filter accepts. */
  until<T>(accept: (farm: FarmView) => T | undefined, signal: AbortSignal): Promise<T>;
  untilFinal(jobId: string, signal: AbortSignal): Promise<JobView>;
  api<T>(path: string, init?: RequestInit): Promise<T>;
  close(): Promise<void>;
}

export interface FarmOptions {
  readonly dataDir?: string;
  readonly serveArgs?: readonly string[];
  /** Of the coordinator, at each start; default: the embedded store. */
  readonly serveEnv?: NodeJS.ProcessEnv;
}

/** A farm of the fault suite; nothing runs before `start`. */
export function chaosFarm(folder: string, options: FarmOptions = {}): ChaosFarm {
  const dataDir = options.dataDir ?? join(folder, 'coordinator');
  const agents: FarmProcess[] = [];
  let live: { process: FarmProcess; access: ServerAccess; feed: RemoteFeed } | undefined;
  const farm = () => {
    if (live === undefined) throw new Error('the coordinator was not started');
    return live;
  };
  const until: ChaosFarm['until'] = (accept, signal) =>
    new Promise((resolve, reject) => {
      const onAbort = (): void => settle(() => reject(new Error('the farm did not get there in time')));
      let stop = (): void => {};
      const settle = (how: () => void): void => {
        signal.removeEventListener('abort', onAbort);
        queueMicrotask(() => stop());
        how();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) return onAbort();
      stop = farm().feed.follow((view) => {
        const accepted = accept(view);
        if (accepted !== undefined) settle(() => resolve(accepted));
      });
    });
  return {
    folder,
    dataDir,
    coordinator: () => farm().process,
    address: () => new URL(farm().access.url).host,
    port: () => new URL(farm().access.url).port,
    async start(env = {}) {
      live?.feed.close();
      await live?.process.stop();
      const port = live === undefined ? '0' : new URL(live.access.url).port;
      const args = ['serve', '--port', port, '--data', dataDir, ...(options.serveArgs ?? [])];
      // a farm of its own, whatever store this machine uses otherwise
      const own = { REELMILL_S3_ENDPOINT: undefined, REELMILL_CRASH_AT: undefined, REELMILL_TOKEN: undefined };
      const process = startProcess(cliEntry(), args, { env: { ...own, ...options.serveEnv, ...env } });
      const signal = AbortSignal.timeout(startLimitMs);
      try {
        const ready = ReadyLine.parse(await process.next((line) => line.type === 'ready', signal));
        const access = await findServer({ server: ready.apiUrl, tokenFile: join(dataDir, dataFiles.ownerToken) });
        live = { process, access, feed: await openFeed(access) };
      } catch (thrown) {
        await process.stop();
        throw thrown;
      }
    },
    async addAgent(agent, signal) {
      const where =
        agent.coordinator === undefined
          ? ['--local-data-dir', dataDir]
          : ['--coordinator', agent.coordinator, '--no-in-place', '--token-file', join(dataDir, dataFiles.joinToken)];
      const args = ['--name', agent.name, '--slots', '1', '--no-mdns', '--log-level', 'silent', ...where];
      const own = agent.folder ?? join(folder, agent.name);
      const started = startProcess(agentEntry(), [...args, '--data', own], {
        ...(agent.prefix && { prefix: agent.prefix }),
        ...(agent.env && { env: agent.env }),
      });
      agents.push(started);
      await started.next((line) => line.type === 'joined', signal);
      return started;
    },
    async submit(clip, outputFolder) {
      const { access, process } = farm();
      const body = JSON.stringify({ inputs: [{ kind: 'path', path: clip }], outputFolder, ...chaosOrder });
      const headers = { 'content-type': 'application/json' };
      try {
        const answer = await callApi<SubmitAnswer>(access, '/jobs', { method: 'POST', headers, body });
        return answer.jobs[0]?.jobId ?? null;
      } catch (thrown) {
        // told by its end whether it died of the fault or refused
        if (!process.isAlive() || (await process.ended).signal === 'SIGKILL') return null;
        throw thrown;
      }
    },
    until,
    async untilFinal(jobId, signal) {
      return until((view) => view.jobs.find((job) => job.jobId === jobId && isFinal(job)), signal);
    },
    api: (path, init) => callApi(farm().access, path, init),
    async close() {
      live?.feed.close();
      for (const agent of agents) await agent.stop();
      await live?.process.stop();
    },
  };
}
