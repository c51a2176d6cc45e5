import type { NodeDisk } from '@reelmill/protocol';
import type { NodeRecord, SchedulerState } from '../model.ts';
import { leasesOf, taskOf } from '../state.ts';
import { mutateView } from './mutate.ts';
import type { Rules } from './rules.ts';

/** Faults about room on disks. */
export const diskMutants: Readonly<Record<string, Rules>> = {
  'a node with a low disk gets work': mutateView((state) => withDisks(state, (disk) => ({ ...disk, low: false }))),
  'room on a disk that is promised is promised again': mutateView((state) =>
    withDisks(state, (disk, { nodeId }) => {
      const plans = [...leasesOf(state, nodeId).keys()].map((taskId) => taskOf(state, taskId).plan);
      return { ...disk, roomBytes: plans.reduce((sum, { diskBytes = 0 }) => sum + diskBytes, disk.roomBytes) };
    }),
  ),
  'room on a disk is not given back when a lease ends': mutateView((state) =>
    withDisks(state, (disk, { nodeId }) => {
      let { roomBytes } = disk;
      for (const { plan, phase } of state.tasks.values())
        if (phase.kind === 'completed' && phase.result.nodeId === nodeId) roomBytes -= plan.diskBytes ?? 0;
      return { ...disk, roomBytes };
    }),
  ),
  'a low disk of the coordinator stops nothing': mutateView((state) => ({
    ...state,
    space: { ...state.space, low: false },
  })),
  'jobs begin without room for what they make': mutateView((state) => ({
    ...state,
    space: { ...state.space, waiting: new Map() },
  })),
};

function withDisks(state: SchedulerState, change: (disk: NodeDisk, node: NodeRecord) => NodeDisk): SchedulerState {
  let { heard } = state;
  for (const [nodeId, node] of state.nodes) {
    const told = heard.get(nodeId);
    if (told?.disk !== undefined) heard = heard.set(nodeId, { ...told, disk: change(told.disk, node) });
  }
  return { ...state, heard };
}
