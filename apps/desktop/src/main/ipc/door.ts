import { isAbsolute } from 'node:path';
import { type BrowserWindow, clipboard, dialog, type IpcMainInvokeEvent, ipcMain, shell } from 'electron';
import {
  type DeepLink,
  type HostActivity,
  type HostConnection,
  type HostNote,
  hostChannels,
} from '../../shared/farmHost.ts';
import { isAutoLaunched, setAutoLaunch } from '../autoLaunch.ts';
import { rendererOrigin } from '../rendererProtocol.ts';

export interface DoorOptions {
  readonly window: () => BrowserWindow | null;
  readonly connection: () => HostConnection;
  readonly takeInputs: () => string[];
  readonly onActivity: (activity: HostActivity) => void;
  readonly takeLinks: () => DeepLink[];
  readonly onNote: (note: HostNote) => void;
}

/** The only way from a page into this process: every call names its sender and every argument is checked. */
export function openDoor(options: DoorOptions): void {
  const handle = (channel: string, answer: (argument: unknown) => unknown): void => {
    ipcMain.handle(channel, (event, argument: unknown) => {
      assertOwnPage(event, options.window());
      return answer(argument);
    });
  };
  handle(hostChannels.connection, () => options.connection());
  handle(hostChannels.takeInputs, () => options.takeInputs());
  handle(hostChannels.chooseFiles, () => choose(options.window(), ['openFile', 'multiSelections']));
  handle(hostChannels.chooseFolder, async () => (await choose(options.window(), ['openDirectory']))[0] ?? null);
  handle(hostChannels.reveal, (path) => shell.showItemInFolder(absolutePath(path)));
  handle(hostChannels.copyText, (text) => clipboard.writeText(shortText(text)));
  handle(hostChannels.takeLinks, () => options.takeLinks());
  handle(hostChannels.notify, (note) => options.onNote(checkedNote(note)));
  handle(hostChannels.autoLaunch, () => isAutoLaunched());
  handle(hostChannels.setAutoLaunch, (enabled) => setAutoLaunch(enabled === true));
  handle(hostChannels.pasteText, () => clipboard.readText());
  handle(hostChannels.activity, (activity) => options.onActivity(checkedActivity(activity)));
}

function assertOwnPage(event: IpcMainInvokeEvent, window: BrowserWindow | null): void {
  const own = window !== null && event.sender === window.webContents;
  if (own && event.senderFrame?.url.startsWith(`${rendererOrigin}/`)) return;
  throw new Error('refused: the call does not come from the window of this app');
}

async function choose(
  window: BrowserWindow | null,
  properties: ('openFile' | 'openDirectory' | 'multiSelections')[],
): Promise<string[]> {
  const answer = window
    ? await dialog.showOpenDialog(window, { properties })
    : await dialog.showOpenDialog({ properties });
  return answer.canceled ? [] : answer.filePaths;
}

function absolutePath(value: unknown): string {
  if (typeof value === 'string' && value.length <= 4096 && isAbsolute(value)) return value;
  throw new Error('refused: an absolute path is expected');
}

function shortText(value: unknown): string {
  if (typeof value === 'string' && value.length <= 4096) return value;
  throw new Error('refused: a short text is expected');
}

function checkedActivity(value: unknown): HostActivity {
  const { activeJobs, percent, rendersHere, paused } = (value ?? {}) as Partial<Record<keyof HostActivity, unknown>>;
  const isCount = typeof activeJobs === 'number' && Number.isInteger(activeJobs) && activeJobs >= 0;
  const isPart = percent === null || (typeof percent === 'number' && percent >= 0 && percent <= 100);
  if (isCount && isPart) return { activeJobs, percent, rendersHere: rendersHere === true, paused: paused === true };
  throw new Error('refused: an activity is expected');
}

/** Only links that show something: a page has no other way to ask. */
function checkedNote(value: unknown): HostNote {
  const { title, body, link } = (value ?? {}) as Partial<Record<keyof HostNote, unknown>>;
  const { kind, id } = (link ?? {}) as { kind?: unknown; id?: unknown };
  const leads = (kind === 'job' || kind === 'node') && typeof id === 'string' && id.length <= 64;
  return {
    title: shortText(title).slice(0, 200),
    body: shortText(body).slice(0, 500),
    link: leads ? { kind, id } : null,
  };
}
