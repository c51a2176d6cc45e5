import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { exitCodes, productVersion } from '@reelmill/protocol';
import { Command, CommanderError } from 'commander';
import envPaths from 'env-paths';
import { ControlFile, controlFile } from './controlDoor.ts';
import type { LendingStatus } from './lending.ts';
import { type LocalPause, readPause, writePause } from './pauseFile.ts';

const verbs = ['pause', 'resume', 'status'] as const;
type Verb = (typeof verbs)[number];

/** Whether the command line talks to a running agent instead of starting one. */
export const isControlCommand = (args: readonly string[]): boolean => verbs.some((verb) => verb === args[0]);

interface ControlOptions {
  readonly data?: string;
  readonly now?: boolean;
  readonly json?: boolean;
}

/** `reelmill-agent pause|resume|status`: for whoever sits at the machine. Returns the exit code. */
export async function runControlCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const program = new Command('reelmill-agent').version(productVersion).exitOverride();
  let code: number = exitCodes.done;
  for (const verb of verbs) {
    const command = program.command(verb).description(descriptions[verb]);
    if (verb === 'pause') command.option('--now', 'stop encoders at once instead of after their chunks');
    command
      .option('--data <dir>', "the agent's own folder (or REELMILL_AGENT_DATA)")
      .option('--json', 'print one JSON object')
      .action(async (options: ControlOptions) => {
        code = await control(verb, options, env);
      });
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    return cause.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
  return code;
}

const descriptions: Record<Verb, string> = {
  pause: 'take this machine back: nothing new is taken; what runs ends first, or with --now at once',
  resume: 'lend this machine again',
  status: 'say whether this machine is lent just now',
};

async function control(verb: Verb, options: ControlOptions, env: NodeJS.ProcessEnv): Promise<number> {
  const folder = options.data ?? env.REELMILL_AGENT_DATA ?? join(envPaths('reelmill', { suffix: '' }).data, 'agent');
  const status = await ask(folder, verb === 'status' ? undefined : wanted(verb, options));
  if (options.json) process.stdout.write(`${JSON.stringify({ running: status !== null, ...(status ?? {}) })}\n`);
  else process.stdout.write(`${status === null ? absentText(folder) : statusText(status)}\n`);
  return exitCodes.done;
}

const wanted = (verb: 'pause' | 'resume', { now = false }: ControlOptions): LocalPause | null =>
  verb === 'resume'
    ? null
    : { mode: now ? 'now' : 'after-chunk', by: userInfo().username.slice(0, 64), since: new Date().toISOString() };

/** Null where no agent runs: its next one finds the pause in its folder. */
async function ask(folder: string, pause: LocalPause | null | undefined): Promise<LendingStatus | null> {
  const door = readDoor(folder);
  const post = pause === undefined ? {} : { method: 'POST', body: JSON.stringify({ pause }) };
  try {
    if (door === null) throw new Error('no agent runs there');
    const headers = { authorization: `Bearer ${door.secret}` };
    const response = await fetch(`http://127.0.0.1:${door.port}/`, { ...post, headers });
    if (!response.ok) throw new Error(`the agent answered ${response.status}`);
    return (await response.json()) as LendingStatus;
  } catch {
    // Whatever answered is not this folder's agent, or nothing did: then the file alone says it.
    if (pause !== undefined) writePause(folder, pause);
    return null;
  }
}

function readDoor(folder: string): { port: number; secret: string } | null {
  try {
    return ControlFile.parse(JSON.parse(readFileSync(controlFile(folder), 'utf8')));
  } catch {
    // Not there, or of an agent that was killed while it wrote it.
    return null;
  }
}

function absentText(folder: string): string {
  const pause = readPause(folder);
  const next = pause === null ? 'its next start takes work' : `it starts paused (by ${pause.by})`;
  return `no agent runs with the folder ${folder}; ${next}`;
}

/** One line a person reads. */
export function statusText({ closure, pausedByFarm, cpuBack }: LendingStatus): string {
  const freed =
    cpuBack === null
      ? ''
      : `; the processor was free ${(cpuBack.milliseconds / 1000).toFixed(1)} s after the last request to stop`;
  const farm = pausedByFarm === null ? '' : `the farm paused it (${pausedByFarm.by}): only the farm resumes it`;
  if (closure === null) return farm === '' ? `lent: takes work${freed}` : `${farm}${freed}`;
  const until = closure.until === null ? '' : ` until ${closure.until}`;
  const why = {
    paused: `paused here by ${closure.by ?? 'someone'} since ${closure.since}`,
    'outside-hours': `outside its hours${until}`,
    'in-use': `in use by someone since ${closure.since}`,
  }[closure.reason];
  return `${why}${farm === '' ? '' : `; ${farm}`}${freed}`;
}
