import { mkdirSync, mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hidIdleMs, inputInterrupts, linuxInput } from './inputIdle.ts';

const interrupts = (keys: number): string => `           CPU0       CPU1
   0:         36          0   IO-APIC   2-edge      timer
   1:          0      ${keys}   IO-APIC   1-edge      i8042
  12:          3         10   IO-APIC  12-edge      i8042
  16:       9999       9999   IO-APIC  16-fasteoi   ehci_hcd:usb1
 109:         40          2  INT3450  109-fasteoi   ELAN1200:00
 NMI:          2          2   Non-maskable interrupts
`;

test('interrupts of keyboards and pointers are counted, others are not', () => {
  expect(inputInterrupts(interrupts(5))).toBe(5 + 13 + 42);
  expect(inputInterrupts('  0:  36  0  IO-APIC  2-edge  timer\n')).toBeNull();
});

function machine(): {
  folders: { proc: string; sys: string; dev: string };
  keys(count: number): void;
  usb(packets: number): void;
} {
  const root = mkdtempSync(join(tmpdir(), 'reelmill-input-'));
  const folders = { proc: join(root, 'proc'), sys: join(root, 'sys'), dev: join(root, 'dev') };
  const usb = join(folders.sys, 'bus/usb/devices');
  for (const folder of [folders.proc, join(usb, '1-2'), join(usb, '1-2:1.0'), join(usb, '1-3'), join(usb, '1-3:1.0')])
    mkdirSync(folder, { recursive: true });
  writeFileSync(join(usb, '1-2:1.0/bInterfaceClass'), '03\n');
  writeFileSync(join(usb, '1-3:1.0/bInterfaceClass'), '08\n');
  writeFileSync(join(usb, '1-3/urbnum'), '123456\n');
  return {
    folders,
    keys: (count) => writeFileSync(join(folders.proc, 'interrupts'), interrupts(count)),
    usb: (packets) => writeFileSync(join(usb, '1-2/urbnum'), `${packets}\n`),
  };
}

test('idle time is counted from the last key, packet or typed line, and unknown before the first', async () => {
  const { folders, keys, usb } = machine();
  keys(5);
  usb(10);
  let nowMs = 1_000_000;
  const input = linuxInput(folders, () => nowMs);
  expect(await input?.read()).toBeNull();
  keys(6);
  expect(await input?.read()).toBe(0);
  nowMs += 30_000;
  expect(await input?.read()).toBe(30_000);
  usb(11);
  expect(await input?.read()).toBe(0);
  nowMs += 60_000;
  mkdirSync(join(folders.dev, 'pts'), { recursive: true });
  writeFileSync(join(folders.dev, 'pts/0'), '');
  utimesSync(join(folders.dev, 'pts/0'), (nowMs - 8_000) / 1000, 1);
  expect(await input?.read()).toBe(8_000);
});

test('a machine without anything to look at says so', () => {
  const root = mkdtempSync(join(tmpdir(), 'reelmill-input-'));
  expect(linuxInput({ proc: root, sys: root, dev: root })).toBeNull();
});

test('idle time as macOS tells it, in nanoseconds', () => {
  expect(hidIdleMs('    | |   "HIDIdleTime" = 61500000000\n')).toBe(61_500);
  expect(hidIdleMs('no such line')).toBeNull();
});
