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
  'the journal forgets pauses': mutateJournal((event) => event.type === 'node-paused'),
};
