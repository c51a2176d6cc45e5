import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, type TestOptions } from 'vitest';
import { ensureElectron } from '../support/electronRuntime.ts';
import { temporaryFolder, untilNoProcessNames } from '../support/farmProcesses.ts';
import { startVirtualDisplay, type VirtualDisplay } from '../support/virtualDisplay.ts';
import { type DesktopApp, type DesktopOptions, launchDesktop } from './desktopApp.ts';

const runtime = await ensureElectron();
if ('missing' in runtime) process.stderr.write(`Not run, no Electron: ${runtime.missing}\n`);

/** Tools of one test: a folder of its own and the means to start the app in it. */
export interface DesktopBench {
  readonly folder: () => string;
  readonly display: () => string;
  readonly executablePath: () => string;
  readonly distPath: () => string;
  launch(options?: Partial<DesktopOptions>): Promise<DesktopApp>;
  /** Ends something the test started, whatever becomes of the test. */
  afterwards(end: () => Promise<void>): void;
}

/**
 * A suite that needs Electron and a display. After each test the app is closed and no process it started may still
 * live fifteen seconds later.
 */
export function describeDesktop(name: string, define: (bench: DesktopBench) => void, options: TestOptions = {}): void {
  describe.skipIf('missing' in runtime)(name, options, () => {
    let display: VirtualDisplay;
    let folder: Awaited<ReturnType<typeof temporaryFolder>> | undefined;
    const opened: DesktopApp[] = [];
    const endings: (() => Promise<void>)[] = [];
    beforeAll(async () => {
      display = await startVirtualDisplay();
    });
    afterAll(() => display.close());
    afterEach(async () => {
      for (const end of endings.splice(0)) await end();
      for (const desktop of opened.splice(0)) await desktop.close();
      if (!folder) return;
      await untilNoProcessNames(folder.path, 15_000);
      await folder.remove();
      folder = undefined;
    });
    const executable = 'missing' in runtime ? { executablePath: '', distPath: '' } : runtime;
    const path = (): string => {
      if (!folder) throw new Error('the test has no folder yet: call launch or useFolder first');
      return folder.path;
    };
    define({
      folder: path,
      display: () => display.display,
      executablePath: () => executable.executablePath,
      distPath: () => executable.distPath,
      afterwards: (end) => void endings.push(end),
      async launch(change = {}) {
        folder ??= await temporaryFolder();
        const desktop = await launchDesktop({
          executablePath: executable.executablePath,
          display: display.display,
          folder: join(folder.path, 'farm'),
          ...change,
        });
        opened.push(desktop);
        return desktop;
      },
    });
  });
}
