import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Coordinator } from '@reelmill/coordinator';
import { defaultPort, FarmError, type KeepScratch, type QueueRule, type ReadyLine } from '@reelmill/protocol';
import type { Command } from 'commander';
import { interfaceFolder, journalWorkerOfBundle } from '../farm/bundledFiles.ts';
import { defaultDataFolder } from '../farm/dataFolders.ts';
import { callApi, findServer } from '../farm/farmClient.ts';
import { storageSettingsFromEnvironment } from '../farm/storageSettings.ts';
import { freeSize, scratchTime, wholeNumber } from './options.ts';
import { collectQueue } from './queueOption.ts';

interface ServeOptions {
  readonly lan?: boolean;
  readonly host?: string;
  readonly port: number;
  readonly data?: string;
  readonly name?: string;
  readonly queue: readonly QueueRule[];
  readonly keepScratch?: KeepScratch;
  readonly minFree?: number;
  readonly json?: boolean;
  readonly exitWithParent?: boolean;
}

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('run the coordinator with its web interface until interrupted')
    .option('--lan', 'listen on the network (0.0.0.0) and let agents find this coordinator by mDNS')
    .option('--host <address>', 'address to listen on (default 127.0.0.1)')
    .option('--port <port>', 'port; when busy the next free one is taken', wholeNumber(0, 65_535), defaultPort)
    .option('--data <dir>', 'folder for journal, store and secrets')
    .option('--name <name>', 'name shown to agents (default: host name)')
    .option(
      '--queue <queue>',
      'named queue, repeatable: review:reserved=1,cap=2,priority=high (default: those of queues.json in --data)',
      collectQueue,
      [],
    )
    .option(
      '--keep-scratch <time>',
      'finished chunks stay so long after a job: verify, or hours (default: 24h)',
      scratchTime,
    )
    .option(
      '--min-free <size>',
      'take nothing new while less is free in --data (default: 1GiB, less on small disks)',
      freeSize,
    )
    .option('--json', 'print one line of JSON when ready')
    .option('--exit-with-parent', 'end when standard input is closed')
    .addHelpText(
      'after',
      '\nStorage is embedded; REELMILL_S3_ENDPOINT, _ACCESS_KEY, _SECRET_KEY, _BUCKET, _REGION choose an S3 store.',
    )
    .action(serve);
}

async function serve(options: ServeOptions): Promise<void> {
  const dataDir = resolve(options.data ?? defaultDataFolder());
  await mkdir(dataDir, { recursive: true });
  const coordinator = await startCoordinator(dataDir, options).catch((thrown) => {
    if (thrown instanceof FarmError && thrown.code === 'DATA_DIR_BUSY') return null;
    throw thrown;
  });
  if (coordinator === null) return attach(dataDir, options);
  // before anybody knows that there is something to end
  const end = interrupted(options.exitWithParent ?? false);
  announce({ ...coordinator.info, url: coordinator.info.url }, options);
  await end;
  await coordinator.close();
}

async function startCoordinator(dataDir: string, options: ServeOptions): Promise<Coordinator> {
  const { createCoordinator } = await import('@reelmill/coordinator');
  return createCoordinator({
    dataDir,
    host: options.host ?? (options.lan ? '0.0.0.0' : '127.0.0.1'),
    port: options.port,
    lan: options.lan ?? false,
    ...(options.name === undefined ? {} : { name: options.name }),
    storage: storageSettingsFromEnvironment(process.env),
    ...(options.queue.length > 0 && { queues: options.queue }),
    ...(options.keepScratch !== undefined && { keepScratch: options.keepScratch }),
    ...(options.minFree !== undefined && { minFreeBytes: options.minFree }),
    staticFolder: interfaceFolder(),
    logLevel: 'warn',
    ...journalWorkerOfBundle(),
  });
}

/** Decision 20: one coordinator per data folder; a second start shows the one that runs and ends. */
async function attach(dataDir: string, options: ServeOptions): Promise<void> {
  const access = await findServer({ data: dataDir });
  const { code } = await callApi<{ code: string }>(access, '/session/code', { method: 'POST' });
  process.stderr.write(`A coordinator already runs with ${dataDir}: attached to it.\n`);
  announce({ url: `${access.url}/#code=${code}`, apiUrl: access.url, dataDir }, options);
}

function announce({ url, apiUrl, dataDir }: Omit<ReadyLine, 'type'>, options: ServeOptions): void {
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ type: 'ready', url, apiUrl, dataDir })}\n`
      : `Reelmill is ready: ${url}\nData: ${dataDir}\n`,
  );
}

function interrupted(withParent: boolean): Promise<void> {
  return new Promise((resolvePromise) => {
    const stop = (): void => {
      // an open standard input would keep the process alive
      if (withParent) process.stdin.destroy();
      resolvePromise();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
    if (withParent) process.stdin.resume().once('end', stop);
  });
}
