import type { KindCaps } from '@reelmill/protocol';
import type { NodeRecord, SchedulerState } from '../model.ts';
import { mutateView } from './mutate.ts';
import type { Rules } from './rules.ts';

/** Faults about how many tasks of a kind a node takes. */
export const kindMutants: Readonly<Record<string, Rules>> = {
  'caps of kinds are not kept': mutateView((state) => withCaps(state, () => ({}))),
  'room for a kind is not given back when a task ends': mutateView((state) =>
    withCaps(state, ({ kindCaps = {}, nodeId }) => {
      const caps: KindCaps = { ...kindCaps };
      for (const { plan, phase } of state.tasks.values()) {
        if (phase.kind !== 'completed' || phase.result.nodeId !== nodeId) continue;
        if (plan.kind === 'encode' && caps.encode !== undefined) caps.encode -= 1;
      }
      return caps;
    }),
  ),
};

function withCaps(state: SchedulerState, capsOf: (node: NodeRecord) => KindCaps): SchedulerState {
  const nodes = [...state.nodes].map(([nodeId, node]) => [nodeId, { ...node, kindCaps: capsOf(node) }] as const);
  return { ...state, nodes: new Map(nodes) };
}
