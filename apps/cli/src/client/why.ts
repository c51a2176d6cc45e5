import type { WhyAnswer, WhyWaiting } from '@reelmill/protocol';
import type { ClientOptions } from '../commands/withServer.ts';
import { callApi, findServer } from '../farm/farmClient.ts';
import { formatTable } from '../output/formatTable.ts';

/** `reelmill why JOB`: what waits, and for each node what speaks against it; or the answer as one JSON object. */
export async function why(jobId: string, options: ClientOptions): Promise<void> {
  const answer = await callApi<WhyAnswer>(await findServer(options), `/jobs/${encodeURIComponent(jobId)}/why`);
  if (options.json) return void process.stdout.write(`${JSON.stringify(answer)}\n`);
  process.stdout.write(`${answer.note}\n`);
  for (const waiting of answer.waiting) process.stdout.write(`\n${headline(waiting)}\n${nodeTable(waiting)}`);
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e8 ? 3 : 1)} GB`;

function headline({ kind, rendition, tasks, memoryBytes, diskBytes, tags, restsMs }: WhyWaiting): string {
  const facts = [
    memoryBytes === null ? '' : `needs ${gigabytes(memoryBytes)} of memory`,
    diskBytes === null ? '' : `${gigabytes(diskBytes)} of disk`,
    tags.length === 0 ? '' : `only nodes with the tag ${tags.join(' and ')}`,
    restsMs === null ? '' : `rests ${Math.ceil(restsMs / 1000)} s after a failure`,
  ].filter((fact) => fact !== '');
  const name = rendition === null ? kind : `${kind} of ${rendition}`;
  return `${name}: ${tasks} waiting${facts.length === 0 ? '' : `; ${facts.join('; ')}`}`;
}

function nodeTable({ nodes }: WhyWaiting): string {
  if (nodes.length === 0) return 'No node is connected.\n';
  const rows = nodes.flatMap(({ name, reasons }) =>
    reasons.length === 0
      ? [[name, '', 'It is next to have it.']]
      : reasons.map(({ code, text }, at) => [at === 0 ? name : '', code, text]),
  );
  return formatTable(['NODE', 'REASON', ''], rows);
}
