import { execFile } from 'node:child_process';

/** True when the program starts and ends with 0. */
export const canRun = (command: string, args: readonly string[]): Promise<boolean> =>
  new Promise((resolve) => {
    execFile(command, [...args], { timeout: 5_000 }, (error) => resolve(error === null));
  });
