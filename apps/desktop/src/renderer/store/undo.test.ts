import { expect, test } from 'vitest';
import { perform, redo, undo, undoDepth, useUndo } from './undo.ts';

test('check 16: fifty steps are taken back and done again, in order; a refused one is not remembered', async () => {
  const log: string[] = [];
  const step = (name: string) => ({
    label: name,
    redo: async () => void log.push(`do ${name}`),
    undo: async () => void log.push(`undo ${name}`),
  });
  for (let number = 0; number < undoDepth + 5; number += 1) await perform(step(String(number)));
  expect(useUndo.getState().done).toHaveLength(undoDepth);
  log.length = 0;
  // asked for at once: still one after the other
  await Promise.all([undo(), undo(), redo()]);
  expect(log).toEqual(['undo 54', 'undo 53', 'do 53']);
  for (let count = 0; count < undoDepth + 5; count += 1) await undo();
  expect(useUndo.getState().done).toEqual([]);
  expect(useUndo.getState().undone).toHaveLength(undoDepth);
  await perform(step('new'));
  expect(useUndo.getState().undone).toEqual([]);
});
