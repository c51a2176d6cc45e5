import { defaultNameTemplate, type JobId, type RenditionId } from '@reelmill/protocol';
import { create } from 'zustand';

export const screens = ['queue', 'nodes', 'presets', 'watch', 'failures', 'settings'] as const;
export type Screen = (typeof screens)[number];
export const queueFilters = ['all', 'active', 'waiting', 'held', 'failed', 'done'] as const;
export type QueueFilter = (typeof queueFilters)[number];
/** Nothing that changes while a job runs: rows stay where they are. */
export const queueSorts = ['queue', 'name', 'added', 'deadline'] as const;
export type QueueSort = (typeof queueSorts)[number];

/** What this window shows; nothing of it reaches the farm. */
export interface ViewState {
  readonly screen: Screen;
  readonly filter: QueueFilter;
  readonly search: string;
  readonly sort: QueueSort;
  /** The focused row; `selectionOf` tells all selected ones. */
  readonly selectedJob: JobId | null;
  readonly selection: readonly JobId[];
  /** Where a selection with Shift begins. */
  readonly anchor: JobId | null;
  readonly inspectorOpen: boolean;
  /** Its detail is open in place of the queue. */
  readonly openJob: JobId | null;
  readonly preset: RenditionId | null;
  readonly outputFolder: string | null;
  /** What new outputs are called, with tokens. */
  readonly nameTemplate: string;
  readonly addNodeOpen: boolean;
}

const presetKey = 'reelmill.preset';
const folderKey = 'reelmill.outputFolder';
const nameKey = 'reelmill.nameTemplate';
const sortKey = 'reelmill.sort';

export const useViewStore = create<ViewState>()(() => ({
  screen: 'queue',
  filter: 'all',
  search: '',
  sort: queueSorts.find((sort) => sort === window.localStorage.getItem(sortKey)) ?? 'queue',
  selectedJob: null,
  selection: [],
  anchor: null,
  inspectorOpen: false,
  openJob: null,
  preset: window.localStorage.getItem(presetKey) as RenditionId | null,
  outputFolder: window.localStorage.getItem(folderKey),
  nameTemplate: window.localStorage.getItem(nameKey) ?? defaultNameTemplate,
  addNodeOpen: false,
}));

/** Going to a screen leaves the detail of a job. */
export const setView = (change: Partial<ViewState>): void =>
  useViewStore.setState('screen' in change ? { openJob: null, ...change } : change);

/** Shows the detail of a job; the way back is the queue with that row selected. */
export const openJobDetail = (jobId: JobId): void =>
  setView({ screen: 'queue', openJob: jobId, selectedJob: jobId, inspectorOpen: true });

/** Remembered for the next drop and the next start. */
export function choosePreset(preset: RenditionId): void {
  window.localStorage.setItem(presetKey, preset);
  useViewStore.setState({ preset });
}

/** Null: each output goes beside its source. */
export function chooseOutputFolder(outputFolder: string | null): void {
  if (outputFolder === null) window.localStorage.removeItem(folderKey);
  else window.localStorage.setItem(folderKey, outputFolder);
  useViewStore.setState({ outputFolder });
}

export function chooseNameTemplate(nameTemplate: string): void {
  window.localStorage.setItem(nameKey, nameTemplate);
  useViewStore.setState({ nameTemplate });
}

export function chooseSort(sort: QueueSort): void {
  window.localStorage.setItem(sortKey, sort);
  useViewStore.setState({ sort });
}
