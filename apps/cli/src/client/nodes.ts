import { userInfo } from 'node:os';
import {
  FarmError,
  kindsText,
  type NodeView,
  nodeRemark,
  type PauseNodeRequest,
  type ScheduleNodeRequest,
} from '@reelmill/protocol';
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

function takesText({ tags, lending, hours, ...node }: NodeView): string {
  const schedule = lending?.schedule ?? null;
  const farmHours = hours === null ? [] : [`used ${hours.schedule}`];
  const limit = lending?.cpuLimitPercent ?? null;
  const terms = [
    schedule === null ? [] : `lent ${schedule}`,
    farmHours,
    limit === null ? [] : `at most ${limit}% CPU`,
  ].flat();
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
async function order(
  path: string,
  options: ClientOptions,
  body?: PauseNodeRequest | ScheduleNodeRequest,
): Promise<void> {
  const json = { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  await callApi(await findServer(options), path, { method: 'POST', ...(body !== undefined && json) });
}

const pathOf = (node: string, verb: 'release' | 'pause' | 'resume' | 'schedule'): string =>
  `/nodes/${encodeURIComponent(node)}/${verb}`;

/** `reelmill nodes release`: ends the quarantine of a node, by name or id. */
export async function releaseNode(node: string, options: ClientOptions): Promise<void> {
  await order(pathOf(node, 'release'), options);
  process.stdout.write(options.json ? `${JSON.stringify({ type: 'release', node })}\n` : `${node} gets work again\n`);
}

const me = (): string => userInfo().username.slice(0, 64) || 'owner';

export interface PauseNodeOptions extends ClientOptions {
  readonly now?: boolean;
}

/** `reelmill nodes pause`: it gets nothing new; with `now` it gives back what it has. */
export async function pauseNode(node: string, { now = false, ...options }: PauseNodeOptions): Promise<void> {
  const request: PauseNodeRequest = { now, by: me() };
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

export interface ScheduleNodeOptions extends ClientOptions {
  readonly clear?: boolean;
}

/** `reelmill nodes schedule`: the farm uses it in these hours only, by its own clock. @throws FarmError USAGE */
export async function scheduleNode(
  node: string,
  hours: string | undefined,
  { clear = false, ...options }: ScheduleNodeOptions,
): Promise<void> {
  if (clear === (hours !== undefined))
    throw new FarmError('USAGE', {
      message: 'Say either the hours or --clear.',
      fix: 'reelmill nodes schedule NODE "mon-fri 19:00-07:00; sat-sun 00:00-24:00"',
    });
  const schedule = hours ?? null;
  await order(pathOf(node, 'schedule'), options, { schedule, by: me() });
  const text = clear
    ? `${node} is used at all hours that its own machine allows`
    : `${node} is used ${schedule}, by its own clock; what it runs when they end, its agent's --at-edge decides`;
  process.stdout.write(options.json ? `${JSON.stringify({ type: 'schedule', node, schedule })}\n` : `${text}\n`);
}
