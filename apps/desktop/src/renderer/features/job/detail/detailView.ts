import type { TaskId } from '@reelmill/protocol';
import { create } from 'zustand';

export const detailTabs = ['map', 'log', 'command', 'quality'] as const;
export type DetailTab = (typeof detailTabs)[number];

/** Which attempt the log and the command are of; null: of the open chunk's last, or the last that failed. */
export interface PickedAttempt {
  readonly taskId: TaskId;
  readonly attempt: number;
}

interface DetailView {
  readonly tab: DetailTab;
  /** Place of the chunk among all, whose inspector is open. */
  readonly chunk: number | null;
  /** Place that the map's one proxy stands on. */
  readonly cursor: number;
  readonly picked: PickedAttempt | null;
}

const fresh: DetailView = { tab: 'map', chunk: null, cursor: 0, picked: null };

/** What the detail of a job shows; nothing of it outlives the detail. */
export const useDetailView = create<DetailView>()(() => fresh);

export const setDetail = (change: Partial<DetailView>): void => useDetailView.setState(change);
export const resetDetail = (): void => useDetailView.setState(fresh);

/** The map's proxy carries this id: the focus comes back to it. */
export const mapCursorId = 'chunk-cursor';

export function closeChunk(): void {
  setDetail({ chunk: null });
  document.getElementById(mapCursorId)?.focus();
}
