import { create } from 'zustand';

/** What a screen reader is told. */
export const useAnnouncer = create<{ readonly text: string }>()(() => ({ text: '' }));

const quietMs = 5_000;
let saidAt = Number.NEGATIVE_INFINITY;
let waiting: string | null = null;

const say = (text: string): void => {
  saidAt = performance.now();
  useAnnouncer.setState({ text });
};

/** The answer to a key or a click: said at once. */
export function announce(text: string): void {
  waiting = null;
  say(text);
}

/** What happened by itself: the last of it, at most once in five seconds. */
export function announceLater(text: string): void {
  const isPlanned = waiting !== null;
  waiting = text;
  if (isPlanned) return;
  setTimeout(
    () => {
      if (waiting !== null) say(waiting);
      waiting = null;
    },
    Math.max(0, saidAt + quietMs - performance.now()),
  );
}
