import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PauseMode } from '@reelmill/protocol';
import { z } from 'zod';

/** A pause ordered at the machine itself. Lives in the agent's folder: it outlasts the agent, and one may set it before. */
export const LocalPause = z.object({ mode: PauseMode, by: z.string().min(1).max(64), since: z.string() });
export type LocalPause = z.infer<typeof LocalPause>;

const pauseFile = (folder: string): string => join(folder, 'pause.json');

/** Null where there is none. A file that cannot be understood pauses: whoever wrote it wanted the machine back. */
export function readPause(folder: string): LocalPause | null {
  let text: string;
  try {
    text = readFileSync(pauseFile(folder), 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cause;
  }
  try {
    return LocalPause.parse(JSON.parse(text));
  } catch {
    return { mode: 'after-chunk', by: 'someone', since: new Date().toISOString() };
  }
}

/** On disk before it returns; null ends the pause. */
export function writePause(folder: string, pause: LocalPause | null): void {
  const file = pauseFile(folder);
  if (pause === null) {
    rmSync(file, { force: true });
    return;
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(pause), { mode: 0o600, flush: true });
  renameSync(draft, file);
}
