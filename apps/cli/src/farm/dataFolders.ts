import { createHash } from 'node:crypto';
import { join } from 'node:path';
import envPaths from 'env-paths';

const paths = envPaths('reelmill', { suffix: '' });

/** Where `serve` keeps journal, store and secrets unless --data says otherwise; `REELMILL_DATA` overrides. */
export const defaultDataFolder = (): string => process.env.REELMILL_DATA ?? join(paths.data, 'coordinator');

/**
 * Scratch of one `render` command: the same command finds the same folder again, which is how a re-run resumes
 * its verified chunks (decision 20).
 */
export function renderScratchFolder(commandFacts: unknown): string {
  const id = createHash('sha256').update(JSON.stringify(commandFacts)).digest('hex').slice(0, 20);
  const root = process.env.REELMILL_SCRATCH ?? join(paths.cache, 'render');
  return join(root, id);
}
