import { readFileSync } from 'node:fs';
import { availableParallelism, hostname } from 'node:os';
import { join } from 'node:path';
import { defaultPort, FarmError, FarmTaskKind, type KindCaps, productVersion, type Tag } from '@reelmill/protocol';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import envPaths from 'env-paths';
import { type LendingFlags, type LendingSettings, lendingOf, withLendingOptions } from './lending/lendingOptions.ts';
import {
  byteSize,
  freeSize,
  type KindRules,
  oneMoreTag,
  positiveInteger,
  positiveNumber,
  taskKinds,
} from './optionValues.ts';

const gibibyte = 1024 ** 3;

export interface CoordinatorAddress {
  readonly host: string;
  readonly port: number;
}

/** Where the join token comes from; read again at each attempt to join, because a coordinator may renew it. */
export type TokenSource =
  | { readonly kind: 'text'; readonly token: string }
  | { readonly kind: 'file'; readonly path: string };

/** How the coordinator is found, in order of preference (decision 11). */
export type CoordinatorSource =
  | { readonly kind: 'address'; readonly address: CoordinatorAddress }
  | { readonly kind: 'data-dir'; readonly path: string }
  | { readonly kind: 'mdns' };

/** Everything the agent was told, read once at start. */
export interface AgentSettings {
  readonly coordinator: CoordinatorSource;
  readonly token: TokenSource | null;
  readonly dataDir: { readonly path: string; readonly chosen: boolean };
  /** Null: as many as CPUs and memory carry. */
  readonly slots: number | null;
  /** Encoder threads that one slot is expected to use; plans pin them, this only sizes the slots. */
  readonly threads: number;
  readonly name: string;
  readonly json: boolean;
  readonly exitWithParent: boolean;
  readonly mdns: boolean;
  /** Read originals in place where this is the coordinator's machine. */
  readonly inPlace: boolean;
  readonly sandbox: boolean;
  readonly cacheBytes: number;
  /** What all tasks may hold together; null: the memory of this machine. */
  readonly memoryBytes: number | null;
  /** Takes no tasks while less than this is free on its disk; null: by the size of the disk. */
  readonly minFreeBytes: number | null;
  readonly tags: readonly Tag[];
  /** Null: takes tasks of every kind. */
  readonly kinds: readonly FarmTaskKind[] | null;
  /** At most so many of a kind at once. */
  readonly kindCaps: KindCaps;
  /** Longest run of one FFmpeg; null: by the expected work of the task. */
  readonly ffmpegTimeoutSeconds: number | null;
  readonly ffmpegPath: string | undefined;
  readonly ffprobePath: string | undefined;
  readonly logLevel: string;
  readonly lending: LendingSettings;
}

/** The command line was answered (--help, --version) or cannot be understood: print nothing more, leave. */
export class SettingsExit extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** `host`, `host:port`, `[v6]:port` or `http://host:port`. */
export function parseAddress(text: string): CoordinatorAddress {
  // Not http: its parser would swallow an explicit port 80.
  const plain = `farm://${text.replace(/^https?:\/\//, '')}`;
  if (!URL.canParse(plain)) throw new InvalidArgumentError('It must look like host:port.');
  const url = new URL(plain);
  if (url.hostname === '') throw new InvalidArgumentError('It must look like host:port.');
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? defaultPort : Number(url.port) };
}

function buildCommand(): Command {
  const command = new Command('reelmill-agent')
    .description(
      'Makes this machine a render node: finds a coordinator, takes tasks under leases, encodes, uploads the results.',
    )
    .version(productVersion)
    .option('--coordinator <host:port>', 'dial this coordinator instead of searching the network', parseAddress)
    .option('--local-data-dir <dir>', 'join the coordinator that runs on this machine with this data folder')
    .option('--token-file <file>', 'file with the join token that `reelmill token` prints (or REELMILL_JOIN_TOKEN)')
    .option('--data <dir>', "this agent's own folder: identity, keys, cache, scratch (or REELMILL_AGENT_DATA)")
    .option('--slots <n>', 'tasks at once (default: CPUs / threads, bounded by free memory)', positiveInteger)
    .option('--threads <n>', 'encoder threads a slot is sized for', positiveInteger, 1)
    .option('--memory <size>', 'memory for all tasks together, as 12GB (default: what this machine has)', byteSize)
    .option(
      '--min-free <size>',
      'no tasks while less is free on its disk (default: 1GiB, less on small disks)',
      freeSize,
    )
    .option('--tag <name>', 'tag that jobs may ask for (`submit --on`), repeatable', oneMoreTag, [])
    .option(
      '--kinds <list>',
      `only tasks of these kinds: ${FarmTaskKind.options.join(',')}; encode:4 takes at most 4 of one at once (default: all)`,
      taskKinds,
    )
    .option('--name <name>', 'name shown to people (default: host name)')
    .option('--cache-gib <n>', 'most disk space for fetched sources, GiB', positiveNumber, 20)
    .option(
      '--ffmpeg-timeout <s>',
      'longest run of one FFmpeg (or FFMPEG_TIMEOUT; default: by expected work)',
      positiveNumber,
    )
    .option('--json', 'print lifecycle lines as NDJSON on stdout', false)
    .option('--exit-with-parent', 'leave when stdin reaches its end', false)
    .option('--no-mdns', 'neither publish nor search on the network')
    .option('--no-in-place', "fetch sources even on the coordinator's own machine")
    .option('--no-sandbox', 'run encoders without the process sandbox')
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent; logs go to stderr', 'warn');
  return withLendingOptions(command).addHelpText('after', helpExamples);
}

const helpExamples = `
Examples:
  reelmill-agent --token-file join-token                    find the coordinator of this network
  REELMILL_JOIN_TOKEN=… reelmill-agent --coordinator 10.0.0.5:7420
  reelmill-agent --local-data-dir ~/.local/share/reelmill/coordinator
  reelmill-agent --schedule "mon-fri 19:00-07:00, sat-sun 00:00-24:00" --ease-off load --cpu-limit 50%

At the machine itself, while its agent runs: reelmill-agent pause [--now], reelmill-agent resume, reelmill-agent status

Environment: REELMILL_JOIN_TOKEN, REELMILL_AGENT_DATA, REELMILL_FFMPEG, REELMILL_FFPROBE, REELMILL_NODE,
FFMPEG_TIMEOUT.
After the first join the token is no longer needed: a key of this node is kept in its data folder.`;

interface Flags extends LendingFlags {
  coordinator?: CoordinatorAddress;
  localDataDir?: string;
  tokenFile?: string;
  data?: string;
  slots?: number;
  threads: number;
  memory?: number;
  minFree?: number;
  tag: readonly Tag[];
  kinds?: KindRules;
  name?: string;
  cacheGib: number;
  ffmpegTimeout?: number;
  json: boolean;
  exitWithParent: boolean;
  mdns: boolean;
  inPlace: boolean;
  sandbox: boolean;
  logLevel: string;
}

/**
 * Reads flags (without node and script) and environment, once.
 * @throws SettingsExit when commander answered by itself (--help: 0) or refused the line (2).
 */
export function parseSettings(args: readonly string[], env: NodeJS.ProcessEnv): AgentSettings {
  const command = buildCommand().exitOverride();
  try {
    command.parse([...args], { from: 'user' });
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    throw new SettingsExit(cause.exitCode === 0 ? 0 : 2, cause.message);
  }
  const flags = command.opts<Flags>();
  refuseNowhere(flags);
  const data = flags.data ?? env.REELMILL_AGENT_DATA;
  return {
    coordinator: coordinatorSource(flags),
    token: tokenSource(flags, env),
    dataDir: { path: data ?? join(envPaths('reelmill', { suffix: '' }).data, 'agent'), chosen: data !== undefined },
    slots: flags.slots ?? null,
    threads: flags.threads,
    name: (flags.name ?? hostname()).slice(0, 120) || 'node',
    json: flags.json,
    exitWithParent: flags.exitWithParent,
    // A local coordinator needs no search, and with LAN off nothing may be published (decision 11).
    mdns: flags.mdns && flags.localDataDir === undefined,
    inPlace: flags.inPlace,
    sandbox: flags.sandbox,
    cacheBytes: Math.round(flags.cacheGib * gibibyte),
    memoryBytes: flags.memory ?? null,
    minFreeBytes: flags.minFree ?? null,
    tags: flags.tag,
    kinds: flags.kinds?.kinds ?? null,
    kindCaps: flags.kinds?.kindCaps ?? {},
    ffmpegTimeoutSeconds: flags.ffmpegTimeout ?? timeoutFrom(env.FFMPEG_TIMEOUT),
    ffmpegPath: env.REELMILL_FFMPEG ?? env.FFMPEG_BIN,
    ffprobePath: env.REELMILL_FFPROBE ?? env.FFPROBE_BIN,
    logLevel: flags.logLevel,
    lending: lendingOf(flags),
  };
}

/** @throws SettingsExit where it is no number of seconds: a limit that is silently ignored protects nobody. */
function timeoutFrom(text: string | undefined): number | null {
  if (text === undefined || text.trim() === '') return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds > 0) return seconds;
  const message = `error: FFMPEG_TIMEOUT must be a number of seconds above 0, not "${text}"`;
  process.stderr.write(`${message}\n`);
  throw new SettingsExit(2, message);
}

function refuseNowhere(flags: Flags): void {
  if (flags.mdns || flags.coordinator !== undefined || flags.localDataDir !== undefined) return;
  const message = 'error: with --no-mdns name the coordinator: --coordinator host:port or --local-data-dir <dir>';
  process.stderr.write(`${message}\n`);
  throw new SettingsExit(2, message);
}

function coordinatorSource(flags: Flags): CoordinatorSource {
  if (flags.coordinator !== undefined) return { kind: 'address', address: flags.coordinator };
  if (flags.localDataDir !== undefined) return { kind: 'data-dir', path: flags.localDataDir };
  return { kind: 'mdns' };
}

function tokenSource(flags: Flags, env: NodeJS.ProcessEnv): TokenSource | null {
  if (flags.tokenFile !== undefined) return { kind: 'file', path: flags.tokenFile };
  const token = env.REELMILL_JOIN_TOKEN?.trim();
  if (token !== undefined && token !== '') return { kind: 'text', token };
  return flags.localDataDir === undefined ? null : { kind: 'file', path: join(flags.localDataDir, 'join-token') };
}

/** Reads the token now. @throws FarmError NOT_AUTHORIZED when its file cannot be read. */
export function readToken(source: TokenSource | null): string | null {
  if (source === null) return null;
  if (source.kind === 'text') return source.token;
  try {
    return readFileSync(source.path, 'utf8').trim();
  } catch (cause) {
    throw new FarmError('NOT_AUTHORIZED', { message: `The join token file ${source.path} cannot be read.`, cause });
  }
}

/** Decision 3: CPUs / threads, bounded by about 1 GiB of available memory each, at least one. */
export function defaultSlots(
  threads: number,
  machine = { cpus: availableParallelism(), availableMemoryBytes: process.availableMemory() },
): number {
  const byCpu = Math.floor(machine.cpus / threads);
  const byMemory = Math.floor(machine.availableMemoryBytes / gibibyte);
  return Math.max(1, Math.min(byCpu, byMemory));
}
