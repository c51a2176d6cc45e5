import type { JobId } from '@reelmill/protocol';
import { create } from 'zustand';

interface JobMenuState {
  readonly jobId: JobId | null;
  /** Where it opens, in pixels of the page. */
  readonly x: number;
  readonly y: number;
  /** The part that is open from the start. */
  readonly part: 'presets' | null;
}

export const useJobMenu = create<JobMenuState>()(() => ({ jobId: null, x: 0, y: 0, part: null }));

export const openJobMenu = (jobId: JobId, at: { x: number; y: number }, part: JobMenuState['part'] = null): void =>
  useJobMenu.setState({ jobId, x: at.x, y: at.y, part });

export const closeJobMenu = (): void => useJobMenu.setState({ jobId: null });
