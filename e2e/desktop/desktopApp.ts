import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import { buildDesktopIfStale } from '../../scripts/buildDesktop.mjs';

export interface DesktopApp {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly dataDir: string;
  /** Everything the page complained about: console errors, uncaught errors, CSP violations. */
  readonly complaints: string[];
  close(): Promise<void>;
}

export interface DesktopOptions {
  readonly executablePath: string;
  readonly display: string;
  /** Farm, profile and agent live below it. */
  readonly folder: string;
  readonly inputs?: readonly string[];
  readonly colorScheme?: 'dark' | 'light';
  readonly env?: Readonly<Record<string, string>>;
}

const desktopFolder = fileURLToPath(new URL('../../apps/desktop', import.meta.url));

/** Environment that keeps one run of the app inside its folder. */
export function desktopEnvironment(
  options: Pick<DesktopOptions, 'display' | 'folder' | 'env'>,
): Record<string, string> {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const { NODE_OPTIONS: _, ...kept } = inherited;
  return {
    ...kept,
    DISPLAY: options.display,
    REELMILL_DATA: join(options.folder, 'coordinator'),
    REELMILL_AGENT_DATA: join(options.folder, 'agent'),
    REELMILL_DESKTOP_DATA: join(options.folder, 'profile'),
    ...options.env,
  };
}

/** Collects uncaught errors and console errors, CSP violations among them, except those that are expected. */
export function watchComplaints(page: Page, expected?: RegExp): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected?.test(message.text())) complaints.push(`console: ${message.text()}`);
  });
  return complaints;
}

/** Starts the built app with a farm of its own and waits for its window to be live. */
export async function launchDesktop(options: DesktopOptions): Promise<DesktopApp> {
  buildDesktopIfStale();
  await mkdir(options.folder, { recursive: true });
  const app = await _electron.launch({
    executablePath: options.executablePath,
    args: ['--no-sandbox', desktopFolder, ...(options.inputs ?? []).map((path) => `--input=${path}`)],
    env: desktopEnvironment(options),
    // Playwright pretends to prefer light unless told; the dark tokens are the default ones.
    colorScheme: options.colorScheme ?? 'dark',
    timeout: 60_000,
  });
  const page = await app.firstWindow();
  const complaints = watchComplaints(page);
  await page.getByTestId('link-status').filter({ hasText: 'Live' }).waitFor({ timeout: 60_000 });
  return { app, page, dataDir: join(options.folder, 'coordinator'), complaints, close: () => quitApp(app) };
}

/** Quits as its user would, who pauses what is under way. An app that ended already is fine. */
export async function quitApp(app: ElectronApplication): Promise<void> {
  await app
    .evaluate(({ dialog }) => {
      dialog.showMessageBox = async () => ({ response: 1, checkboxChecked: false });
    })
    .catch(() => {});
  await app.close();
}

/** Drops files or folders on the window as the operating system would: trusted events, real paths. */
export async function dropPaths(
  page: Page,
  paths: readonly string[],
  options: { hover?: () => Promise<void> } = {},
): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  const at = { x: 640, y: 400, data };
  await session.send('Input.dispatchDragEvent', { type: 'dragEnter', ...at });
  await session.send('Input.dispatchDragEvent', { type: 'dragOver', ...at });
  await options.hover?.();
  await session.send('Input.dispatchDragEvent', { type: 'drop', ...at });
  await session.detach();
}
