import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { app } from 'electron';

/** Whether the app starts when its user signs in. macOS and Windows keep that themselves; Linux in a file. */
export function isAutoLaunched(): boolean {
  return process.platform === 'linux' ? existsSync(entryFile()) : app.getLoginItemSettings().openAtLogin;
}

export async function setAutoLaunch(enabled: boolean): Promise<void> {
  if (process.platform !== 'linux') {
    app.setLoginItemSettings({ openAtLogin: enabled });
    return;
  }
  if (!enabled) return rm(entryFile(), { force: true });
  await mkdir(dirname(entryFile()), { recursive: true });
  await writeFile(
    entryFile(),
    desktopEntry(app.isPackaged ? [process.execPath] : [process.execPath, app.getAppPath()]),
  );
}

const entryFile = (): string =>
  join(process.env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'autostart', 'reelmill.desktop');

/** An autostart entry (freedesktop.org, Desktop Entry Specification: arguments in quotes, four characters escaped). */
export function desktopEntry(command: readonly string[]): string {
  const quoted = command.map((word) => `"${word.replaceAll(/["`$\\]/g, '\\$&').replaceAll('%', '%%')}"`).join(' ');
  return `[Desktop Entry]\nType=Application\nName=Reelmill\nExec=${quoted.replaceAll('\\', '\\\\')}\nX-GNOME-Autostart-enabled=true\n`;
}
