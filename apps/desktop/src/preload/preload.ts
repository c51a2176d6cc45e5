import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { type FarmHost, type HostConnection, type HostOrder, hostChannels } from '../shared/farmHost.ts';

function subscribe<T>(channel: string, listener: (value: T) => void): () => void {
  const forward = (_: unknown, value: T): void => listener(value);
  ipcRenderer.on(channel, forward);
  return () => ipcRenderer.off(channel, forward);
}

/** The whole bridge: no channel name and no Electron object reaches the page. */
const host: FarmHost = {
  platform: process.platform,
  connection: () => ipcRenderer.invoke(hostChannels.connection),
  onConnection: (listener) => subscribe<HostConnection>(hostChannels.connectionChanged, listener),
  // Electron before 32 has no webUtils; there the file itself carries its path.
  pathForFile: (file) => (webUtils ? webUtils.getPathForFile(file) : null),
  chooseFiles: () => ipcRenderer.invoke(hostChannels.chooseFiles),
  chooseFolder: () => ipcRenderer.invoke(hostChannels.chooseFolder),
  reveal: (path) => ipcRenderer.invoke(hostChannels.reveal, path),
  copyText: (text) => ipcRenderer.invoke(hostChannels.copyText, text),
  pasteText: () => ipcRenderer.invoke(hostChannels.pasteText),
  onCommand: (listener) => subscribe<string>(hostChannels.command, listener),
  takeInputs: () => ipcRenderer.invoke(hostChannels.takeInputs),
  onInputs: (listener) => subscribe(hostChannels.inputsWaiting, listener),
  reportActivity: (activity) => void ipcRenderer.invoke(hostChannels.activity, activity),
  takeLinks: () => ipcRenderer.invoke(hostChannels.takeLinks),
  onLinks: (listener) => subscribe(hostChannels.linksWaiting, listener),
  onOrder: (listener) => subscribe<HostOrder>(hostChannels.order, listener),
  notify: (note) => void ipcRenderer.invoke(hostChannels.notify, note),
  autoLaunch: () => ipcRenderer.invoke(hostChannels.autoLaunch),
  setAutoLaunch: (enabled) => ipcRenderer.invoke(hostChannels.setAutoLaunch, enabled),
};

contextBridge.exposeInMainWorld('farmHost', host);
