import { useSyncExternalStore } from 'react';

const query = window.matchMedia('(prefers-color-scheme: light)');

function subscribe(listener: () => void): () => void {
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

/** Changes when the theme does, so that canvases redraw. */
export const useTheme = (): 'light' | 'dark' =>
  useSyncExternalStore(subscribe, () => (query.matches ? 'light' : 'dark'));

/** Value of one design token now; canvases cannot read custom properties themselves. */
export const token = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
