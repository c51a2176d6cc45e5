import { whyNotOn } from '@reelmill/media';
import type { NodeVerdict, Placement, SourceReport } from '@reelmill/protocol';
import type { CoreContext } from '../coreContext.ts';
import type { AgentRoster, ConnectedAgent } from './agentRoster.ts';

/**
 * One class per rendition (chunks of different builds do not fit together): our own where a node has it, else the one
 * with the most slots, else our own again, for nodes that are still to come.
 */
export function chooseToolchainClass({ tools, dispatcher }: Pick<CoreContext, 'tools' | 'dispatcher'>): string {
  const own = tools.toolchain.classId;
  const slots = new Map<string, number>();
  for (const node of dispatcher.state().nodes.values()) {
    slots.set(node.toolchainClass, (slots.get(node.toolchainClass) ?? 0) + node.slots);
  }
  if (slots.has(own) || slots.size === 0) return own;
  return [...slots].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

type Requirements = SourceReport['requires'];

/** Which of the connected nodes can run a plan, and why the others cannot. */
export function placementOn(roster: Pick<AgentRoster, 'all'>, requires: Requirements): Placement {
  const agents = [...roster.all()];
  const plannedVersion = agents.find(({ toolchain }) => toolchain.classId === requires.toolchainClass);
  const nodes = agents.map((agent) => verdict(agent, requires, plannedVersion?.toolchain.ffmpegVersion));
  return { scope: 'farm', nodes, note: noteOn(nodes) };
}

function verdict(
  { facts, toolchain }: ConnectedAgent,
  requires: Requirements,
  planned: string | undefined,
): NodeVerdict {
  const whyNot = whyNotOn(toolchain, requires, planned);
  return {
    nodeId: facts.nodeId,
    name: facts.name,
    slots: facts.slots,
    ffmpegVersion: toolchain.ffmpegVersion,
    toolchainClass: toolchain.classId,
    canRun: whyNot === null,
    whyNot,
  };
}

function noteOn(nodes: readonly NodeVerdict[]): string | null {
  if (nodes.length === 0) return 'No node is connected: the job would wait for one.';
  return nodes.some((node) => node.canRun)
    ? null
    : 'No connected node can run this: the job would wait for one that can.';
}
