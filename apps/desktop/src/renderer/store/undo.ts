import { create } from 'zustand';
import { announce } from './announcer.ts';
import { notifyFailure } from './notices.ts';

/** Something that was done, and the commands that take it back and do it again. */
interface UndoStep {
  /** What it was, as in `Undo: remove 3 jobs`. */
  readonly label: string;
  undo(): Promise<unknown>;
  redo(): Promise<unknown>;
}

interface UndoState {
  readonly done: readonly UndoStep[];
  readonly undone: readonly UndoStep[];
}

export const undoDepth = 50;
export const useUndo = create<UndoState>()(() => ({ done: [], undone: [] }));

/** One after another, in the order they were asked for. */
let tail: Promise<void> = Promise.resolve();
function inTurn(work: () => Promise<void>): Promise<void> {
  tail = tail.then(work).catch(notifyFailure);
  return tail;
}

/** Remembers what has been done. */
export function remember(step: UndoStep): void {
  useUndo.setState(({ done }) => ({ done: [...done, step].slice(-undoDepth), undone: [] }));
}

/** Does it, and remembers it where the coordinator took it. */
export function perform(step: UndoStep): Promise<void> {
  return inTurn(async () => {
    await step.redo();
    remember(step);
  });
}

export function undo(): Promise<void> {
  return inTurn(async () => {
    const step = useUndo.getState().done.at(-1);
    if (!step) return announce('Nothing to undo');
    useUndo.setState(({ done }) => ({ done: done.slice(0, -1) }));
    await step.undo();
    useUndo.setState(({ undone }) => ({ undone: [...undone, step] }));
    announce(`Undone: ${step.label}`);
  });
}

export function redo(): Promise<void> {
  return inTurn(async () => {
    const step = useUndo.getState().undone.at(-1);
    if (!step) return announce('Nothing to redo');
    useUndo.setState(({ undone }) => ({ undone: undone.slice(0, -1) }));
    await step.redo();
    useUndo.setState(({ done }) => ({ done: [...done, step].slice(-undoDepth) }));
    announce(`Done again: ${step.label}`);
  });
}
