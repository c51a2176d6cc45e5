import { mutateAway, mutateEvents, mutateJournal, mutateView } from './mutate.ts';
import type { Rules } from './rules.ts';

/** Faults planted into what lends machines and gives them back. */
export const lendingMutants: Readonly<Record<string, Rules>> = {
  'a paused node gets work': mutateView((state) => ({ ...state, pauses: new Map() })),
  'a node that closed itself gets work': mutateView((state, { type }) =>
    type === 'offer-refused'
      ? state
      : {
          ...state,
          nodes: new Map([...state.nodes].map(([nodeId, node]) => [nodeId, { ...node, closure: null }])),
        },
  ),
  'a give-back counts as a failure': mutateEvents((event) => {
    if (event.type !== 'lease-lost' || event.reason !== 'given-back') return [event];
    const { taskId, attempt, nodeId, notBefore } = event;
    const error = { code: 'ENCODE_FAILED' as const, cause: '', fix: '', details: {} };
    return [{ type: 'task-soft-failed', v: 1, taskId, attempt, nodeId, error, notBefore }];
  }),
  'a give-back counts as a loss': mutateEvents((event) =>
    event.type === 'lease-lost' && event.reason === 'given-back' ? [{ ...event, reason: 'disconnected' }] : [event],
  ),
  'what was given back waits for its lease to expire': mutateAway(
    (event) => event.type === 'lease-lost' && event.reason === 'given-back',
  ),
  'a pause takes the leases of the node away': mutateEvents((event, state) => {
    if (event.type !== 'node-paused') return [event];
    const held = [...(state.index.leases.get(event.nodeId) ?? [])];
    const lost = held.map(([taskId, { attempt }]) => {
      const loss = { reason: 'given-back', error: null, avoidNode: false, notBefore: 0 } as const;
      return { type: 'lease-lost', v: 1, taskId, attempt, nodeId: event.nodeId, ...loss } as const;
    });
    return [event, ...lost];
  }),
  'a pause ends at the next connection': mutateView((state, command) =>
    command.type === 'join-node' ? { ...state, pauses: new Map() } : state,
  ),
  'a node gets work before it heard the hours that the farm set': mutateView((state, { type }) =>
    type === 'offer-refused' ? state : { ...state, hours: new Map() },
  ),
  'a node that follows former hours gets work': mutateView((state, { type }) => {
    if (type === 'offer-refused') return state;
    const nodes = [...state.nodes].map(([nodeId, node]) => {
      const farmHours = node.farmHours == null ? null : (state.hours.get(nodeId)?.schedule ?? null);
      return [nodeId, { ...node, farmHours }] as const;
    });
    return { ...state, nodes: new Map(nodes) };
  }),
  'the journal forgets hours': mutateJournal((event) => event.type === 'node-hours-set'),
  'the journal forgets pauses': mutateJournal((event) => event.type === 'node-paused'),
};
