import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

export interface LiveProcess {
  readonly pid: number;
  readonly command: string;
}

/** Processes that name `text` in their arguments; where there is no /proc, none is seen. */
export async function processesNaming(text: string): Promise<LiveProcess[]> {
  if (!existsSync('/proc')) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // it ended meanwhile
      return { pid: Number(pid), command: command.replaceAll('\0', ' ') };
    }),
  );
  return found.filter(({ pid, command }) => pid !== process.pid && command.includes(text));
}

/** Encoders among them. */
export const encodersNaming = async (text: string): Promise<LiveProcess[]> =>
  (await processesNaming(text)).filter(({ command }) => /(^|\/)ffmpeg /.test(command));
