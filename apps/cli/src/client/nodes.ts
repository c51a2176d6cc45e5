import { userInfo } from 'node:os';
import { kindsText, type NodeView, nodeRemark, type PauseNodeRequest } from '@reelmill/protocol';
import type { ClientOptions } from '../commands/withServer.ts';
import { callApi, findServer } from '../farm/farmClient.ts';
import { formatTable } from '../output/formatTable.ts';
import { writeLines } from './lists.ts';

/** `reelmill nodes`: a table, or one JSON object a line. */
export async function listNodes(options: ClientOptions): Promise<void> {
  const { nodes } = await callApi<{ nodes: NodeView[] }>(await findServer(options), '/nodes');
  if (options.json) return writeLines(nodes);
  if (nodes.length === 0) return void process.stdout.write('No nodes. Start one with `reelmill-agent`.\n');
  const rows = nodes.map((node) => [
    node.name,
    node.state,
    `${node.busySlots}/${node.slots}`,
    node.cpuPercent === null ? '—' : `${Math.round(node.cpuPercent)}%`,
    `${Math.round(node.fps)}`,
    `${node.completed}/${node.failed}/${node.lost}`,
    node.ffmpegVersion ?? '—',
    takesText(node),
    remarkOf(node),
  ]);
  process.stdout.write(
    formatTable(['NODE', 'STATE', 'SLOTS', 'CPU', 'FPS', 'OK/FAILED/LOST', 'FFMPEG', 'TAKES', ''], rows),
  );
  const proofs = nodes.flatMap(hardwareRows);
  if (proofs.length > 0)
    process.stdout.write(`\n${formatTable(['NODE', 'HARDWARE ENCODER', 'PROVEN', 'WHY'], proofs)}`);
}

const hardwareRows = ({ name, hardware }: NodeView): string[][] =>
  (hardware ?? []).map(({ encoder, proven, reason }) => [name, encoder, proven ? 'yes' : 'no', reason]);

function takesText({ tags, lending, ...node }: NodeView): string {
  const schedule = lending?.schedule ?? null;
  const limit = lending?.cpuLimitPercent ?? null;
  const terms = [schedule === null ? [] : `lent ${schedule}`, limit === null ? [] : `at most ${limit}% CPU`].flat();
  return [...tags, ...(node.kinds === null ? [] : [kindsText(node)]), ...terms].join(', ') || '—';
}

function remarkOf(node: NodeView): string {
  const quarantined = node.quarantine === null ? '' : `quarantined: ${node.quarantine.error.cause}`;
  const freed = node.cpuBack === null ? '' : `processor free after ${(node.cpuBack.milliseconds / 1000).toFixed(1)} s`;
  return [quarantined || (node.error?.cause ?? ''), nodeRemark(node) ?? '', freed]
    .filter((part) => part !== '')
    .join('; ');
}

/** One order to one node; resolves once it is taken. */
async function order(path: string, options: ClientOptions, body?: PauseNodeRequest): Promise<void> {
  const json = { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  await callApi(await findServer(options), path, { method: 'POST', ...(body !== undefined && json) });
}

const pathOf = (node: string, verb: 'release' | 'pause' | 'resume'): string =>
  `/nodes/${encodeURIComponent(node)}/${verb}`;

/** `reelmill nodes release`: ends the quarantine of a node, by name or id. */
export async function releaseNode(node: string, options: ClientOptions): Promise<void> {
  await order(pathOf(node, 'release'), options);
  process.stdout.write(options.json ? `${JSON.stringify({ type: 'release', node })}\n` : `${node} gets work again\n`);
}

export interface PauseNodeOptions extends ClientOptions {
  readonly now?: boolean;
}

/** `reelmill nodes pause`: it gets nothing new; with `now` it gives back what it has. */
export async function pauseNode(node: string, { now = false, ...options }: PauseNodeOptions): Promise<void> {
  const request: PauseNodeRequest = { now, by: userInfo().username.slice(0, 64) || 'owner' };
  await order(pathOf(node, 'pause'), options, request);
  const text = now
    ? `${node} stops now; its tasks go to other nodes`
    : `${node} gets nothing new; what it runs ends first`;
  process.stdout.write(options.json ? `${JSON.stringify({ type: 'pause', node, now })}\n` : `${text}\n`);
}

/** `reelmill nodes resume`. */
export async function resumeNode(node: string, options: ClientOptions): Promise<void> {
  await order(pathOf(node, 'resume'), options);
  process.stdout.write(options.json ? `${JSON.stringify({ type: 'resume', node })}\n` : `${node} gets work again\n`);
}
