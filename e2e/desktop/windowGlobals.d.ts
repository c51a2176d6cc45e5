/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { FarmHost } from '../../apps/desktop/src/shared/farmHost.ts';

declare global {
  interface Window {
    readonly farmHost?: FarmHost;
  }
}
