import { exitCodes, type FarmError, toFarmError } from '@reelmill/protocol';
import { pino } from 'pino';
import { createAgent } from './agent.ts';
import { openDataFolder } from './dataFolder.ts';
import { isControlCommand, runControlCommand } from './lending/controlCommand.ts';
import { errorEvent, lifecyclePrinter } from './lifecycle.ts';
import { type AgentSettings, parseSettings, SettingsExit } from './settings.ts';

/** Whatever hangs, a process that was told to leave is gone by then; the kernel ends its encoders with it. */
const longestLeaveMs = 5_000;

/** Composition root: settings, one agent, the ways to end. Ends the process. */
export async function runAgentProcess(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  if (isControlCommand(args)) process.exit(await runControlCommand(args, env));
  const settings = readSettings(args, env);
  const tell = lifecyclePrinter(settings.json);
  const log = pino({ level: settings.logLevel, name: 'reelmill-agent' }, pino.destination({ dest: 2, sync: true }));
  try {
    const folder = openDataFolder(settings.dataDir);
    const agent = await createAgent({ settings, folder, log, tell });
    const leave = leaveOnce(async () => {
      await agent.leave();
      folder.release();
    });
    watchForEnd(settings, leave);
    await agent.run();
    await leave(0);
  } catch (cause) {
    const error = toFarmError(cause);
    log.debug({ err: error }, 'the agent gives up');
    tell(errorEvent(error));
    process.exit(exitCodeOf(error));
  }
}

function readSettings(args: readonly string[], env: NodeJS.ProcessEnv): AgentSettings {
  try {
    return parseSettings(args, env);
  } catch (cause) {
    if (cause instanceof SettingsExit) process.exit(cause.exitCode);
    throw cause;
  }
}

function exitCodeOf({ code }: FarmError): number {
  if (['NOT_AUTHORIZED', 'FORBIDDEN', 'ROGUE_COORDINATOR'].includes(code)) return exitCodes.notAuthorized;
  if (['SERVER_UNREACHABLE', 'PROTOCOL_MISMATCH'].includes(code)) return exitCodes.unreachable;
  if (['USAGE', 'FFMPEG_MISSING', 'SETUP_MISSING'].includes(code)) return exitCodes.usage;
  return exitCodes.jobFailed;
}

/** The first call leaves in order, later ones join it; a leave that takes too long ends at once. */
function leaveOnce(leave: () => Promise<void>): (exitCode: number) => Promise<void> {
  let leaving: Promise<void> | null = null;
  return async (exitCode) => {
    setTimeout(() => process.exit(exitCode), longestLeaveMs).unref();
    leaving ??= leave();
    await leaving;
    process.exit(exitCode);
  };
}

function watchForEnd(settings: AgentSettings, leave: (exitCode: number) => Promise<void>): void {
  process.on('SIGTERM', () => void leave(0));
  process.on('SIGHUP', () => void leave(0));
  let interrupts = 0;
  process.on('SIGINT', () => {
    interrupts += 1;
    // Decision 24: a second Ctrl-C does not wait.
    if (interrupts > 1) process.exit(exitCodes.interrupted);
    void leave(exitCodes.interrupted);
  });
  // The launcher's channel closes when it is killed; the reader of our lines may vanish as well.
  process.on('disconnect', () => void leave(0));
  process.stdout.on('error', () => void leave(0));
  if (!settings.exitWithParent) return;
  process.stdin.resume();
  process.stdin.on('end', () => void leave(0));
  process.stdin.on('error', () => void leave(0));
}
