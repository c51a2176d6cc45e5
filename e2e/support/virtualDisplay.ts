import { spawn } from 'node:child_process';

export interface VirtualDisplay {
  /** For `DISPLAY`, e.g. `:3`. */
  readonly display: string;
  close(): Promise<void>;
}

/** Starts an Xvfb of its own on a free display number; it says itself which one, and when it is ready. */
export async function startVirtualDisplay(size = '1600x1000x24'): Promise<VirtualDisplay> {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', size, '-nolisten', 'tcp', '-noreset'], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  let errors = '';
  server.stderr?.on('data', (data) => {
    errors += data;
  });
  const number = await new Promise<string>((resolve, reject) => {
    server.once('error', reject);
    server.stdio[3]?.once('data', (data: Buffer) => resolve(data.toString().trim()));
    void ended.then(() => reject(new Error(`Xvfb ended before it was ready\n${errors}`)));
  });
  return {
    display: `:${number}`,
    async close() {
      server.kill('SIGTERM');
      await ended;
    },
  };
}
