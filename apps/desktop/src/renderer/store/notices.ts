import { create } from 'zustand';
import { announceLater } from './announcer.ts';
import { CommandError } from './link.ts';

export interface Notice {
  readonly id: number;
  readonly tone: 'info' | 'failed';
  readonly text: string;
  /** Second line: the remedy, or the names of what was skipped. */
  readonly more: string | null;
}

interface NoticeState {
  readonly notices: readonly Notice[];
}

export const useNotices = create<NoticeState>()(() => ({ notices: [] }));

const shownMs = 8000;
let nextId = 1;

/** Shows a line that never takes the focus. Failures stay until dismissed, everything else leaves by itself. */
export function notify(tone: Notice['tone'], text: string, more: string | null = null): void {
  const id = nextId++;
  announceLater(more === null ? text : `${text} ${more}`);
  useNotices.setState((state) => ({ notices: [...state.notices.slice(-3), { id, tone, text, more }] }));
  if (tone === 'info') setTimeout(() => dismissNotice(id), shownMs);
}

export function dismissNotice(id: number): void {
  useNotices.setState((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) }));
}

/** Turns whatever a command threw into a notice. */
export function notifyFailure(thrown: unknown): void {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  notify('failed', text, thrown instanceof CommandError ? thrown.fix : null);
}
