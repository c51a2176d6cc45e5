import { type JobId, JobPriority, type JobView } from '@reelmill/protocol';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { type CommandId, commandTable, keysText } from '../../../shared/commands.ts';
import { useFarm } from '../../store/farmStore.ts';
import { canRetry, changeJobs, isFinal, isWaiting, orderJobs } from '../../store/jobActions.ts';
import { selectionOf } from '../../store/selection.ts';
import { setView, useViewStore } from '../../store/viewStore.ts';
import { runCommand } from '../commands/commandActions.ts';
import { isMac } from '../shell/platform.ts';
import { revealPath } from './JobButtons.tsx';
import styles from './JobMenu.module.css';
import { closeJobMenu, useJobMenu } from './jobMenu.ts';

/** All that can be done with a job, or with all selected ones; opened by its button, or by the other mouse button. */
export function JobMenu() {
  const { jobId, x, y, part } = useJobMenu();
  const job = useFarm((farm) => farm.jobs.find((one) => one.jobId === jobId) ?? null, null);
  const dialog = useRef<HTMLDialogElement>(null);
  const shown = job !== null;
  useEffect(() => {
    const element = dialog.current;
    if (!shown || !element) return undefined;
    element.showModal();
    const place = () => {
      const { width, height } = element.getBoundingClientRect();
      element.style.left = `${Math.max(4, Math.min(x, window.innerWidth - width - 8))}px`;
      element.style.top = `${Math.max(4, Math.min(y, window.innerHeight - height - 8))}px`;
    };
    // it grows when its presets are opened
    const observer = new ResizeObserver(place);
    observer.observe(element);
    return () => observer.disconnect();
  }, [shown, x, y]);
  if (!shown) return null;
  return (
    <dialog
      ref={dialog}
      className={styles.menu}
      aria-label={`Actions for ${job.name}`}
      data-testid="job-menu"
      onClose={closeJobMenu}
      onKeyDown={rove}
      onClick={(event) => {
        if (event.target === dialog.current) closeJobMenu();
      }}
    >
      <Items job={job} presetsOpen={part === 'presets'} />
    </dialog>
  );
}

/** Arrows go from entry to entry. */
function rove(event: KeyboardEvent<HTMLDialogElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const entries = [...event.currentTarget.querySelectorAll<HTMLElement>('summary, button:not([disabled])')].filter(
    (entry) => entry.offsetParent !== null,
  );
  const at = entries.indexOf(document.activeElement as HTMLElement);
  entries[(at + step + entries.length) % entries.length]?.focus();
}

function Items({ job, presetsOpen }: { job: JobView; presetsOpen: boolean }) {
  const active = !isFinal(job);
  const [output] = job.outputs;
  const revealWord = window.farmHost ? 'Reveal' : 'Copy path of';
  return (
    <>
      <Item act={of(job, 'open')} command="open">
        Open
      </Item>
      <Item act={() => revealPath(job.input)}>{`${revealWord} source`}</Item>
      <Item act={() => output && revealPath(output.path)} disabled={output === undefined}>
        {`${revealWord} output`}
      </Item>
      <Presets job={job} open={presetsOpen} />
      <Item act={of(job, 'rename')} command="rename" disabled={!isWaiting(job)}>
        Rename output…
      </Item>
      <Item act={of(job, 'duplicate')} command="duplicate">
        Duplicate
      </Item>
      {active ? (
        <>
          <Item act={of(job, 'hold')} command="hold">
            {job.held ? 'Resume' : 'Hold'}
          </Item>
          <Item act={of(job, 'stopAfter')}>Stop after this job</Item>
        </>
      ) : null}
      <Item act={of(job, 'retry')} command="retry" disabled={!canRetry(job)}>
        Retry failed
      </Item>
      {active ? <Order job={job} /> : null}
      <fieldset className={styles.group}>
        <legend className="visually-hidden">Remove</legend>
        <Item act={of(job, 'remove')} command="remove">
          {active && job.state !== 'queued' ? 'Cancel…' : 'Remove'}
        </Item>
      </fieldset>
    </>
  );
}

/** The selected jobs where the job is one of them, else itself. */
function idsFor(job: JobView): readonly JobId[] {
  const selection = selectionOf(useViewStore.getState());
  return selection.includes(job.jobId) ? selection : [job.jobId];
}

/** A command about this job: it becomes the selected one first, unless it is among the selected. */
function of(job: JobView, command: CommandId): () => void {
  return () => {
    setView({ selectedJob: job.jobId, selection: idsFor(job) });
    runCommand(command);
  };
}

function Presets({ job, open }: { job: JobView; open: boolean }) {
  const presets = useFarm((farm) => farm.presets, []);
  const locked = !isWaiting(job);
  return (
    <details className={styles.presets} open={open}>
      <summary className={styles.item}>Preset</summary>
      {locked ? <p className={styles.note}>Encoding has begun: duplicate the job to use another.</p> : null}
      <div className={styles.scroll}>
        {presets.map(({ id, name }) => (
          <Item
            key={id}
            pressed={job.presets.length === 1 && job.presets[0] === id}
            disabled={locked}
            act={() => changeJobs(idsFor(job), { preset: id })}
          >
            {name}
          </Item>
        ))}
      </div>
    </details>
  );
}

function Order({ job }: { job: JobView }) {
  return (
    <>
      <fieldset className={styles.group}>
        <legend>Priority</legend>
        <div className={styles.pair}>
          {JobPriority.options.map((priority) => (
            <Item key={priority} pressed={priority === job.priority} act={() => orderJobs(idsFor(job), { priority })}>
              {priority}
            </Item>
          ))}
        </div>
      </fieldset>
      <fieldset className={styles.group}>
        <legend>Move</legend>
        <Item act={of(job, 'moveTop')} command="moveTop">
          To the top
        </Item>
        <Item act={of(job, 'moveUp')} command="moveUp">
          Up
        </Item>
        <Item act={of(job, 'moveDown')} command="moveDown">
          Down
        </Item>
        <Item act={of(job, 'moveBottom')} command="moveBottom">
          To the bottom
        </Item>
      </fieldset>
    </>
  );
}

interface ItemProps {
  readonly act: () => void;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  /** Whose keys are shown. */
  readonly command?: CommandId;
  readonly children: string;
}

function Item({ act, pressed, disabled, command, children }: ItemProps) {
  const keys = command === undefined ? undefined : (commandTable[command] as { keys?: string }).keys;
  return (
    <button
      type="button"
      className={styles.item}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={() => {
        closeJobMenu();
        act();
      }}
    >
      <span className={styles.text}>{children}</span>
      {keys === undefined ? null : <kbd>{keysText(keys, isMac)}</kbd>}
    </button>
  );
}
