import { askedHardware, chooseHardwareClass, type PlanClasses, readToolchainClass, whyNotOn } from '@reelmill/media';
import { type AnyPreset, isTimedPreset, type NodeVerdict, type Placement, type SourceReport } from '@reelmill/protocol';
import type { CoreContext } from '../coreContext.ts';
import type { AgentRoster, ConnectedAgent } from './agentRoster.ts';
import { obstacleText } from './whyWaiting.ts';

/**
 * One class per rendition (chunks of different builds do not fit together): our own where a node has it, else the one
 * with the most slots, else our own again, for nodes that are still to come.
 */
function chooseToolchainClass({ tools, dispatcher }: Pick<CoreContext, 'tools' | 'dispatcher'>): string {
  const own = tools.toolchain.classId;
  const slots = new Map<string, number>();
  for (const node of dispatcher.state().nodes.values()) {
    slots.set(node.toolchainClass, (slots.get(node.toolchainClass) ?? 0) + node.slots);
  }
  if (slots.has(own) || slots.size === 0) return own;
  return [...slots].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

/**
 * The classes of a job's renditions. Of presets that ask for hardware: one that a connected node proved; nodes that
 * were never asked are asked now, which takes seconds.
 * @param presets with the job's settings applied
 * @throws FarmError HARDWARE_UNPROVEN; CANCELED when the signal ends
 */
export async function toolchainClassesFor(
  presets: readonly AnyPreset[],
  context: Pick<CoreContext, 'tools' | 'dispatcher' | 'hardware'>,
  signal: AbortSignal,
): Promise<PlanClasses> {
  const toolchainClass = chooseToolchainClass(context);
  const films = presets.filter(isTimedPreset);
  if (films.every(({ video }) => askedHardware(video) === null)) return { toolchainClass };
  const candidates = await context.hardware.candidates(signal);
  const hardwareClasses = new Map<string, string>();
  for (const { id, video } of films) {
    const asked = askedHardware(video);
    if (asked) hardwareClasses.set(id, chooseHardwareClass(asked, candidates, context.tools.toolchain.classId));
  }
  return { toolchainClass, hardwareClasses };
}

type Requirements = SourceReport['requires'];

interface Farm {
  readonly roster: Pick<AgentRoster, 'all'>;
  readonly context: Pick<CoreContext, 'hardware'>;
}

/** Which of the connected nodes can run a plan, and why the others cannot. */
export function placementOn({ roster, context }: Farm, requires: Requirements): Placement {
  const agents = [...roster.all()];
  const { software } = readToolchainClass(requires.toolchainClass);
  const plannedVersion = agents.find(({ toolchain }) => toolchain.classId === software)?.toolchain.ffmpegVersion;
  const nodes = agents.map((agent): NodeVerdict => {
    const proofs = context.hardware.proofsOf(agent.facts.nodeId);
    const whyNot = whyNotOn({ toolchain: agent.toolchain, proofs }, requires, plannedVersion);
    return verdict(agent, whyNot ?? whyTooSmall(agent, requires));
  });
  return { scope: 'farm', nodes, note: noteOn(nodes) };
}

/** The same words as of a waiting task. */
function whyTooSmall({ facts }: ConnectedAgent, { memoryBytes: neededBytes = 0 }: Requirements): string | null {
  const { taskMemoryBytes: nodeBytes } = facts;
  return neededBytes <= nodeBytes ? null : obstacleText({ kind: 'memory', neededBytes, nodeBytes });
}

const verdict = ({ facts, toolchain }: ConnectedAgent, whyNot: string | null): NodeVerdict => ({
  nodeId: facts.nodeId,
  name: facts.name,
  slots: facts.slots,
  ffmpegVersion: toolchain.ffmpegVersion,
  toolchainClass: toolchain.classId,
  canRun: whyNot === null,
  whyNot,
});

function noteOn(nodes: readonly NodeVerdict[]): string | null {
  if (nodes.length === 0) return 'No node is connected: the job would wait for one.';
  return nodes.some((node) => node.canRun)
    ? null
    : 'No connected node can run this: the job would wait for one that can.';
}
