import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFiles, FarmError, type QueueRule, QueueRules } from '@reelmill/protocol';

/** The named queues that `queues.json` of a data folder defines; none where there is no such file. Throws USAGE. */
export async function readQueueRules(dataDir: string): Promise<readonly QueueRule[]> {
  const path = join(dataDir, dataFiles.queues);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ENOENT') return [];
    throw cause;
  }
  return parseRules(text, path);
}

function parseRules(text: string, path: string): readonly QueueRule[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new FarmError('USAGE', { message: `${path} is not JSON.`, cause });
  }
  const parsed = QueueRules.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new FarmError('USAGE', { message: `${path}: ${issue?.path.join('.') || 'the list'}: ${issue?.message}.` });
}
