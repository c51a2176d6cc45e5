import { type CommandId, commandTable } from '../../../shared/commands.ts';
import { announce } from '../../store/announcer.ts';
import { useFarmStore } from '../../store/farmStore.ts';
import {
  canRetry,
  duplicateJobs,
  isFinal,
  moveJobs,
  orderJobs,
  pauseFarm,
  removeJobs,
  resumeFarm,
  retryJobs,
} from '../../store/jobActions.ts';
import { notifyFailure } from '../../store/notices.ts';
import type { Direction } from '../../store/places.ts';
import { selectAll, selectedJobs, selectionOf } from '../../store/selection.ts';
import { redo, undo } from '../../store/undo.ts';
import { chooseSort, openJobDetail, type Screen, setView, useViewStore } from '../../store/viewStore.ts';
import { chooseFiles } from '../intake/chooseFiles.ts';
import { openNaming, openRename } from '../intake/naming.ts';
import { pasteFromClipboard } from '../intake/pasteText.ts';
import { openJobMenu } from '../job/jobMenu.ts';
import { requestCancel } from '../job/lossDialog.ts';
import { shownJobs } from '../queue/shownJobs.ts';
import { openShortcuts, togglePalette } from './palette.ts';
import { focusNextPane } from './panes.ts';

const show = (screen: Screen) => () => setView({ screen });
const ids = () => selectedJobs().map(({ jobId }) => jobId);
const activeIds = () => selectedJobs().flatMap((job) => (isFinal(job) ? [] : [job.jobId]));

/** Runs it where anything is selected that it can be done with. */
const withSome = <T>(found: readonly T[], act: (found: readonly T[]) => void): void => {
  if (found.length > 0) act(found);
  else announce('Nothing is selected that this can be done with');
};

function move(direction: Direction): void {
  withSome(activeIds(), (found) => {
    moveJobs(found, direction);
    const jobs = shownJobs();
    const at = jobs.findIndex(({ jobId }) => jobId === useViewStore.getState().selectedJob);
    const to = { up: at - 1, down: at + 1, top: 0, bottom: jobs.length - 1 }[direction];
    announce(`${Math.max(0, Math.min(jobs.length - 1, to)) + 1} of ${jobs.length}`);
  });
}

/** What has not begun or has ended leaves the list, to be brought back by Undo; what runs is asked about. */
function remove(): void {
  const jobs = selectedJobs();
  const running = jobs.filter((job) => !isFinal(job) && job.state !== 'queued');
  const rest = jobs.filter((job) => !running.includes(job)).map(({ jobId }) => jobId);
  if (rest.length > 0) removeJobs(rest);
  for (const job of running) requestCancel(job);
}

function hold(): void {
  withSome(
    selectedJobs().filter((job) => !isFinal(job)),
    (jobs) =>
      orderJobs(
        jobs.map(({ jobId }) => jobId),
        { hold: !jobs.every(({ held }) => held) },
      ),
  );
}

function start(): void {
  const { stats } = useFarmStore.getState().replica?.farm ?? {};
  if (stats?.paused || stats?.stopAfter) resumeFarm();
  const held = selectedJobs().flatMap((job) => (job.held && !isFinal(job) ? [job.jobId] : []));
  if (held.length > 0) orderJobs(held, { hold: false });
}

function openMenu(): void {
  const { selectedJob } = useViewStore.getState();
  if (selectedJob === null) {
    announce('No job is selected');
    return;
  }
  setView({ screen: 'queue' });
  const { left = 240, bottom = 160 } = document.getElementById(`row-${selectedJob}`)?.getBoundingClientRect() ?? {};
  openJobMenu(selectedJob, { x: left + 110, y: bottom }, 'presets');
}

function focusFilter(): void {
  setView({ screen: 'queue' });
  requestAnimationFrame(() => document.getElementById('queue-filter')?.focus());
}

/** While a text is written, these are about the text. */
function inText(command: 'undo' | 'redo' | 'selectAll', otherwise: () => void): () => void {
  return () => {
    if (document.activeElement?.matches('input, textarea')) document.execCommand(command);
    else otherwise();
  };
}

const actions: Readonly<Record<CommandId, () => void>> = {
  add: () => void chooseFiles().catch(notifyFailure),
  paste: () => void pasteFromClipboard(),
  naming: openNaming,
  undo: inText('undo', () => void undo()),
  redo: inText('redo', () => void redo()),
  selectAll: inText('selectAll', () => selectAll(shownJobs())),
  filter: focusFilter,
  palette: togglePalette,
  queue: show('queue'),
  nodes: show('nodes'),
  presets: show('presets'),
  watch: show('watch'),
  failures: show('failures'),
  settings: show('settings'),
  sortQueue: () => chooseSort('queue'),
  sortName: () => chooseSort('name'),
  sortAdded: () => chooseSort('added'),
  sortDeadline: () => chooseSort('deadline'),
  nextPane: focusNextPane,
  open: () => withSome(ids(), ([first]) => first && openJobDetail(first)),
  menu: openMenu,
  rename: () => withSome(selectedJobs(), ([job]) => job && openRename(job.jobId)),
  hold,
  stopAfter: () => withSome(activeIds(), (found) => pauseFarm(found.at(-1) ?? null)),
  retry: () =>
    withSome(
      selectedJobs().flatMap((job) => (canRetry(job) ? [job.jobId] : [])),
      retryJobs,
    ),
  duplicate: () => withSome(ids(), (found) => void duplicateJobs(found)),
  moveUp: () => move('up'),
  moveDown: () => move('down'),
  moveTop: () => move('top'),
  moveBottom: () => move('bottom'),
  remove: () => withSome(selectionOf(useViewStore.getState()), remove),
  start,
  pause: () => pauseFarm(null),
  pauseNow: () => pauseFarm(null, true),
  shortcuts: openShortcuts,
};

/** Runs a command, from wherever it was asked for. */
export function runCommand(id: CommandId): void {
  actions[id]();
}

/** A command the main process names; anything else is nothing. */
export function runNamedCommand(id: string): void {
  if (Object.hasOwn(commandTable, id)) runCommand(id as CommandId);
}
