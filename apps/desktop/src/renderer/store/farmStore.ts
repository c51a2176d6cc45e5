import { applyPatch, FarmPatch, FarmSnapshot, type FarmView, followsSnapshot } from '@reelmill/protocol';
import { create } from 'zustand';

/** Whether what is on the screen is live. Old values stay, dimmed, while it is not. */
export type LinkStatus =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'offline'; readonly cause: string; readonly fix: string }
  | { readonly kind: 'refused'; readonly cause: string; readonly fix: string };

interface FarmState {
  readonly link: LinkStatus;
  readonly replica: FarmSnapshot | null;
  /** When the last message arrived, epoch milliseconds. */
  readonly asOf: number | null;
}

export const useFarmStore = create<FarmState>()(() => ({ link: { kind: 'connecting' }, replica: null, asOf: null }));

/** Reads part of the farm, or the fallback before the first snapshot. */
export function useFarm<T>(select: (farm: FarmView) => T, fallback: T): T {
  return useFarmStore((state) => (state.replica ? select(state.replica.farm) : fallback));
}

export function setLink(link: LinkStatus): void {
  useFarmStore.setState({ link });
}

export function acceptSnapshot(raw: unknown): void {
  const replica = FarmSnapshot.parse(raw);
  pending.length = 0;
  resyncing = false;
  useFarmStore.setState({ replica, asOf: Date.now(), link: { kind: 'live' } });
}

const pending: FarmPatch[] = [];
let scheduled = false;
/** From a gap to the next snapshot: patches in between belong to the stream that was given up. */
let resyncing = false;

/** Collects patches and applies them in one frame; hidden windows get a slow timer instead of frames. */
export function acceptPatch(raw: unknown, requestSnapshot: () => void): void {
  if (resyncing) return;
  pending.push(FarmPatch.parse(raw));
  if (scheduled) return;
  scheduled = true;
  const flush = () => {
    scheduled = false;
    applyPending(requestSnapshot);
  };
  if (document.hidden) setTimeout(flush, 1000);
  else requestAnimationFrame(flush);
}

function applyPending(requestSnapshot: () => void): void {
  let replica = useFarmStore.getState().replica;
  for (const patch of pending.splice(0)) {
    const stale = replica?.epoch === patch.epoch && patch.sequence <= replica.sequence;
    if (stale) continue;
    if (!replica || !followsSnapshot(replica, patch)) {
      resyncing = true;
      requestSnapshot();
      return;
    }
    replica = { epoch: patch.epoch, sequence: patch.sequence, farm: applyPatch(replica.farm, patch) };
  }
  useFarmStore.setState({ replica, asOf: Date.now() });
}
