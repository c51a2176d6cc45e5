import { expect, test } from 'vitest';
import { commands, isPressed, keysText } from './commands.ts';

const key = (name: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) => ({
  ...{ key: name, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false },
  ...held,
});

test('no two commands share their keys', () => {
  const keys = commands.flatMap((command) => command.keys ?? []);
  expect(new Set(keys).size).toBe(keys.length);
});

test('check 45: keys without Ctrl or ⌘ act in a focused list only', () => {
  const loose = commands.filter(({ keys, scope }) => keys !== undefined && !/Mod|F6/.test(keys) && scope !== 'list');
  expect(loose).toEqual([]);
});

test('keys are told apart by what is held with them, ⌘ and Ctrl by the system', () => {
  expect(isPressed('Mod+Shift+Z', key('Z', { ctrlKey: true, shiftKey: true }), false)).toBe(true);
  expect(isPressed('Mod+Z', key('Z', { ctrlKey: true, shiftKey: true }), false)).toBe(false);
  expect(isPressed('Mod+K', key('k', { metaKey: true }), true)).toBe(true);
  expect(isPressed('Mod+K', key('k', { ctrlKey: true }), true)).toBe(false);
  expect(isPressed('P', key('p'), false)).toBe(true);
  expect(isPressed('P', key('P', { shiftKey: true }), false)).toBe(false);
  expect(isPressed('Shift+P', key('P', { shiftKey: true }), false)).toBe(true);
  expect(isPressed('?', key('?', { shiftKey: true }), false)).toBe(true);
  expect(isPressed('Delete', key('Backspace'), false)).toBe(true);
  expect([keysText('Mod+Shift+Z', true), keysText('Mod+Shift+Z', false)]).toEqual(['⌘⇧Z', 'Ctrl+Shift+Z']);
});
