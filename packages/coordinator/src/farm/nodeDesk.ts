import { FarmError, type NodeId, type NodeView } from '@reelmill/protocol';
import type { CoreContext } from '../coreContext.ts';
import type { FarmCore, FarmProjection } from '../farmCorePort.ts';

type NodeDesk = Pick<FarmCore, 'releaseNode' | 'pauseNode' | 'resumeNode' | 'scheduleNode'>;

/** What an owner orders of one node, named by its name or id. */
export function createNodeDesk({ dispatcher }: CoreContext, projection: FarmProjection): NodeDesk {
  const nodeOf = (nameOrId: string): NodeView | undefined =>
    projection.snapshot().farm.nodes.find(({ nodeId, name }) => nodeId === nameOrId || name === nameOrId);
  const idOf = (nameOrId: string): NodeId => nodeOf(nameOrId)?.nodeId ?? (nameOrId as NodeId);
  return {
    async releaseNode(nameOrId) {
      const decision = await dispatcher.run({ type: 'release-node', nodeId: idOf(nameOrId) });
      if (decision.kind === 'rejected')
        throw new FarmError('NOT_FOUND', { message: `No node called ${nameOrId} is under quarantine.` });
    },
    async pauseNode(nameOrId, { now, by }) {
      const node = nodeOf(nameOrId);
      if (node === undefined) throw new FarmError('NOT_FOUND', { message: `There is no node called ${nameOrId}.` });
      const mode = now ? 'now' : 'after-chunk';
      await dispatcher.run({ type: 'pause-node', nodeId: node.nodeId, mode, by });
    },
    async resumeNode(nameOrId) {
      const decision = await dispatcher.run({ type: 'resume-node', nodeId: idOf(nameOrId) });
      if (decision.kind === 'rejected') throw notPausedHere(nameOrId, nodeOf(nameOrId));
    },
    async scheduleNode(nameOrId, { schedule, by }) {
      const node = nodeOf(nameOrId);
      if (node === undefined) throw new FarmError('NOT_FOUND', { message: `There is no node called ${nameOrId}.` });
      const decision = await dispatcher.run({ type: 'set-hours', nodeId: node.nodeId, schedule, by });
      if (decision.kind === 'rejected')
        throw new FarmError('NODE_STATE', { message: `The farm has set no hours for ${node.name}.` });
    },
  };
}

/** Who sits at a machine has the last word about it. */
function notPausedHere(nameOrId: string, node: NodeView | undefined): FarmError {
  if (node === undefined) return new FarmError('NOT_FOUND', { message: `There is no node called ${nameOrId}.` });
  if (node.closure?.reason !== 'paused')
    return new FarmError('NODE_STATE', { message: `${node.name} is not paused by the farm.` });
  return new FarmError('NODE_STATE', {
    message: `${node.name} was paused at the machine itself by ${node.closure.by ?? 'someone'}.`,
    fix: 'Whoever sits there resumes it with `reelmill-agent resume`.',
  });
}
