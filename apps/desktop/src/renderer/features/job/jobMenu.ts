import type { JobId } from '@reelmill/protocol';
import { create } from 'zustand';

interface JobMenuState {
  readonly jobId: JobId | null;
  /** Where it opens, in pixels of the page. */
  readonly x: number;
  readonly y: number;
}

export const useJobMenu = create<JobMenuState>()(() => ({ jobId: null, x: 0, y: 0 }));

export const openJobMenu = (jobId: JobId, at: { x: number; y: number }): void =>
  useJobMenu.setState({ jobId, x: at.x, y: at.y });

export const closeJobMenu = (): void => useJobMenu.setState({ jobId: null });
