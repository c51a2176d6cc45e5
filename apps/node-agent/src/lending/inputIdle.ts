import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Milliseconds since someone pressed a key or moved a pointer; null while that is not known. */
export interface InputIdle {
  read(): Promise<number | null>;
}

export interface LinuxFolders {
  readonly proc: string;
  readonly sys: string;
  readonly dev: string;
}
const ownFolders: LinuxFolders = { proc: '/proc', sys: '/sys', dev: '/dev' };

/** Interrupts that keyboards and pointers raise: PS/2 and those on an I²C bus (touch pads). */
const inputInterrupt = /\b(i8042|i2c[-_]hid|hid-over-i2c)\b|\b(ELAN|SYNA|CUST|MSFT)\d{4}\b/i;

/** How often input devices raised an interrupt, from the text of /proc/interrupts; null where it names none. */
export function inputInterrupts(text: string): number | null {
  const lines = text.split('\n').filter((line) => inputInterrupt.test(line));
  if (lines.length === 0) return null;
  const counts = lines.flatMap(
    (line) =>
      line
        .split(':')[1]
        ?.match(/^\s*[\d\s]+/)?.[0]
        .trim()
        .split(/\s+/) ?? [],
  );
  return counts.reduce((sum, count) => sum + Number(count), 0);
}

/**
 * How many packets keyboards and pointers on USB sent: a device that is left alone sends none. `urbnum` counts them:
 * https://docs.kernel.org/driver-api/usb/usb.html. Null where there is no such device.
 */
function usbInputPackets({ sys }: LinuxFolders): number | null {
  const folder = join(sys, 'bus/usb/devices');
  const interfaces = listFolder(folder).filter((name) => name.includes(':'));
  const inputs = interfaces.filter((name) => readText(join(folder, name, 'bInterfaceClass'))?.trim() === '03');
  const devices = new Set(inputs.map((name) => name.split(':')[0] as string));
  if (devices.size === 0) return null;
  return [...devices].reduce((sum, name) => sum + Number(readText(join(folder, name, 'urbnum')) ?? 0), 0);
}

/** When something was last typed into a terminal (the kernel notes it in steps of eight seconds); null: there is none. */
function lastTypedMs({ dev }: LinuxFolders): number | null {
  const terminals = listFolder(join(dev, 'pts')).filter((name) => /^\d+$/.test(name));
  const times = terminals.flatMap((name) => accessTime(join(dev, 'pts', name)) ?? []);
  return times.length === 0 ? null : Math.max(...times);
}

/**
 * Linux: from what the kernel counts, without a display server and without rights. Input that was never seen is unknown.
 * Null where this machine has nothing to look at.
 */
export function linuxInput(folders: LinuxFolders = ownFolders, nowMs = () => Date.now()): InputIdle | null {
  const counters = () => [inputInterrupts(readText(join(folders.proc, 'interrupts')) ?? ''), usbInputPackets(folders)];
  if ([...counters(), lastTypedMs(folders)].every((one) => one === null)) return null;
  let before = counters().join();
  let changedMs: number | null = null;
  return {
    async read() {
      const now = nowMs();
      const seen = counters().join();
      if (seen !== before) changedMs = now;
      before = seen;
      const latest = Math.max(changedMs ?? 0, lastTypedMs(folders) ?? 0);
      return latest === 0 ? null : Math.max(0, now - latest);
    },
  };
}

/** macOS: `"HIDIdleTime" = 1234567890` in nanoseconds. */
export function hidIdleMs(text: string): number | null {
  const found = /"HIDIdleTime"\s*=\s*(\d+)/.exec(text);
  return found === null ? null : Number(found[1]) / 1e6;
}

const macInput: InputIdle = {
  async read() {
    const { stdout } = await promisify(execFile)('ioreg', ['-c', 'IOHIDSystem', '-d', '4']);
    return hidIdleMs(stdout);
  },
};

/** What tells of input on this machine; null: nothing does (also on Windows). */
export function createInputIdle(platform: NodeJS.Platform = process.platform): InputIdle | null {
  if (platform === 'linux') return linuxInput();
  return platform === 'darwin' ? macInput : null;
}

function listFolder(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Unplugged meanwhile, or not told here.
    return null;
  }
}

function accessTime(file: string): number | null {
  try {
    return statSync(file).atimeMs;
  } catch {
    // The terminal was closed meanwhile.
    return null;
  }
}
