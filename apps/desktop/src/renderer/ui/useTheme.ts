import { useSyncExternalStore } from 'react';

const light = window.matchMedia('(prefers-color-scheme: light)');
const forced = window.matchMedia('(forced-colors: active)');

function subscribe(listener: () => void): () => void {
  for (const query of [light, forced]) query.addEventListener('change', listener);
  return () => {
    for (const query of [light, forced]) query.removeEventListener('change', listener);
  };
}

/** Changes when the theme does, so that canvases redraw. */
export const useTheme = (): 'light' | 'dark' | 'forced' =>
  useSyncExternalStore(subscribe, () => (forced.matches ? 'forced' : light.matches ? 'light' : 'dark'));

/** Value of one design token now; canvases cannot read custom properties themselves. */
export const token = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
