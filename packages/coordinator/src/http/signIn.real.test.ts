import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDoors, type TestDoors } from '../gateway/testing/testDoors.ts';

const executablePath = process.env.REELMILL_CHROMIUM ?? '/usr/bin/chromium';
const hasBrowser = existsSync(executablePath);
if (!hasBrowser) console.warn(`not run, no browser at ${executablePath}: sign-in in a real browser`);

/** Stands for the interface bundle: does what its CSP must allow, and says on the page how it went. */
const script = `
const nonce = document.querySelector('meta[property=csp-nonce]').nonce;
const style = document.createElement('style');
style.nonce = nonce;
style.textContent = 'body { color: rgb(1, 2, 3) }';
document.head.append(style);
const socket = new WebSocket(location.origin.replace('http', 'ws') + '/socket.io/?EIO=4&transport=websocket');
socket.onopen = () => socket.send('40/interface,{}');
socket.onmessage = ({ data }) => {
  if (data.startsWith('42/interface,["farm:snapshot"')) document.title = 'snapshot ' + getComputedStyle(document.body).color;
};
`;

let folder: string;
let open: TestDoors;
let browser: Browser;
beforeAll(async () => {
  if (!hasBrowser) return;
  folder = await mkdtemp(join(tmpdir(), 'reelmill-signin-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'assets', 'app.js'), script);
  const page =
    '<!doctype html><html><head><script type="module" src="/assets/app.js"></script></head><body></body></html>';
  await writeFile(join(folder, 'index.html'), page);
  open = await openTestDoors({ staticFolder: folder });
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
});
afterAll(async () => {
  if (!hasBrowser) return;
  await browser.close();
  await open.close();
  await rm(folder, { recursive: true, force: true });
});

test.runIf(hasBrowser)(
  'the printed address opens as it is, survives a reload, and cannot be used a second time',
  async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
    });
    const url = open.doors.interfaceUrl();
    const shown = () => expect.poll(() => page.title(), { timeout: 10_000 }).toBe('snapshot rgb(1, 2, 3)');
    await page.goto(url);
    await shown();
    expect(page.url()).toBe(`${open.url}/`);
    await page.reload();
    await shown();
    expect(complaints).toEqual([]);
    const stranger = await (await browser.newContext()).newPage();
    await stranger.goto(url);
    await expect.poll(() => stranger.locator('#text').textContent(), { timeout: 10_000 }).toContain('used already');
  },
);
