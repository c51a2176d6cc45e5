import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A file that `npm run dist` puts beside the bundled program, or undefined when this runs from source. */
function besideBundle(name: string): URL | undefined {
  const url = new URL(`./${name}`, import.meta.url);
  return existsSync(fileURLToPath(url)) ? url : undefined;
}

/** The journal's thread in a bundle; from source the coordinator finds its own. */
export function journalWorkerOfBundle(): { journalWorkerUrl?: URL } {
  const url = besideBundle('journalWorker.js');
  return url === undefined ? {} : { journalWorkerUrl: url };
}

/** Entry file of the agent: beside the bundle, else the workspace source. */
export const agentEntry = (): string =>
  fileURLToPath(besideBundle('reelmill-agent.js') ?? new URL('../../../node-agent/src/main.ts', import.meta.url));

/** Entry file of this program, for processes of its own. */
export const cliEntry = (): string =>
  fileURLToPath(besideBundle('reelmill.js') ?? new URL('../main.ts', import.meta.url));

/** The built interface: in the bundle, or where the workspace builds it; null when neither exists. */
export function interfaceFolder(): string | null {
  const built = new URL('../../../desktop/out/renderer/index.html', import.meta.url);
  const index = besideBundle('interface/index.html') ?? (existsSync(fileURLToPath(built)) ? built : undefined);
  return index === undefined ? null : fileURLToPath(new URL('.', index));
}
