/** Whether ⌘ is the key of commands: the machine of this window decides, not that of the coordinator. */
export const isMac: boolean = window.farmHost
  ? window.farmHost.platform === 'darwin'
  : navigator.platform.startsWith('Mac');
