import type { FarmHost } from '../shared/farmHost.ts';

declare global {
  interface Window {
    /** Present in Electron only. */
    readonly farmHost?: FarmHost;
  }
}
