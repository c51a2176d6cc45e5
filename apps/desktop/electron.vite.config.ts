import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const folder = import.meta.dirname;
const entry = (path: string) => resolve(folder, 'src', path);
/** Main and preload must run on the oldest supported runtime (Electron 22: Node 16, Chrome 108). */
const nodeBundle = (name: string, path: string) => ({
  target: 'node16',
  outDir: resolve(folder, 'out', name),
  emptyOutDir: true,
  minify: false,
  externalizeDeps: false,
  rollupOptions: {
    input: { [name]: entry(path) },
    output: { format: 'cjs' as const, entryFileNames: '[name].cjs' },
  },
});

export default defineConfig({
  main: { build: nodeBundle('main', 'main/main.ts') },
  preload: { build: nodeBundle('preload', 'preload/preload.ts') },
  renderer: {
    root: resolve(folder, 'src/renderer'),
    // Relative: the same files are served as app://reelmill/ and by the coordinator.
    base: './',
    plugins: [react()],
    build: {
      target: 'chrome108',
      minify: true,
      outDir: resolve(folder, 'out/renderer'),
      emptyOutDir: true,
      // Inline data: URLs for fonts and scripts would need holes in the CSP; the polyfill is an inline script.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rollupOptions: { input: resolve(folder, 'src/renderer/index.html') },
    },
  },
});
