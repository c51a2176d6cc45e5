/** The contract between the main process and the renderer. In a browser there is no host: `window.farmHost` is undefined. */

export type HostConnection =
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly apiUrl: string; readonly token: string }
  /** The coordinator ended and is started again, or cannot be started at all. */
  | { readonly kind: 'down'; readonly cause: string; readonly fix: string };

/** What the main process shows outside the window: task bar progress, and whether closing must keep the farm alive. */
export interface HostActivity {
  readonly activeJobs: number;
  /** 0 to 100 over all active jobs, or null when idle. */
  readonly percent: number | null;
  /** This machine encodes: it must not fall asleep. */
  readonly rendersHere: boolean;
  readonly paused: boolean;
}

/** What a `reelmill://` address asks for. `add` and `pair` change something: the window asks before. */
export type DeepLink =
  | { readonly kind: 'job' | 'node'; readonly id: string }
  | { readonly kind: 'add'; readonly paths: readonly string[] }
  | { readonly kind: 'pair' };

/** A notification of the system. */
export interface HostNote {
  readonly title: string;
  readonly body: string;
  /** Where a click leads; null: to the window as it is. */
  readonly link: DeepLink | null;
}

/** Asked of the page by menus outside of it. */
export type HostOrder = 'add-files' | 'pause-farm' | 'resume-farm';

export interface FarmHost {
  readonly platform: string;
  connection(): Promise<HostConnection>;
  onConnection(listener: (connection: HostConnection) => void): () => void;
  /** Absolute path of a dropped file or folder, or null where the runtime tells it on the file itself. */
  pathForFile(file: File): string | null;
  chooseFiles(): Promise<string[]>;
  chooseFolder(): Promise<string | null>;
  reveal(path: string): Promise<void>;
  copyText(text: string): Promise<void>;
  /** Text of the clipboard. */
  pasteText(): Promise<string>;
  /** Commands chosen in the application's menu, by their ids. */
  onCommand(listener: (id: string) => void): () => void;
  /** Paths given on the command line, handed out once. */
  takeInputs(): Promise<string[]>;
  onInputs(listener: () => void): () => void;
  reportActivity(activity: HostActivity): void;
  /** Links that were opened, handed out once. */
  takeLinks(): Promise<DeepLink[]>;
  onLinks(listener: () => void): () => void;
  onOrder(listener: (order: HostOrder) => void): () => void;
  notify(note: HostNote): void;
  autoLaunch(): Promise<boolean>;
  setAutoLaunch(enabled: boolean): Promise<void>;
}

/** Names of the IPC channels, each with one validated handler in main/ipc. */
export const hostChannels = {
  connection: 'host:connection',
  connectionChanged: 'host:connection-changed',
  chooseFiles: 'host:choose-files',
  chooseFolder: 'host:choose-folder',
  reveal: 'host:reveal',
  copyText: 'host:copy-text',
  pasteText: 'host:paste-text',
  command: 'host:command',
  takeInputs: 'host:take-inputs',
  inputsWaiting: 'host:inputs-waiting',
  activity: 'host:activity',
  takeLinks: 'host:take-links',
  linksWaiting: 'host:links-waiting',
  order: 'host:order',
  notify: 'host:notify',
  autoLaunch: 'host:auto-launch',
  setAutoLaunch: 'host:set-auto-launch',
} as const;
