// Used by tests only: plays a file in a real browser and tells what came out.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium } from 'playwright';

export interface Played {
  readonly ended: boolean;
  readonly error: string | null;
  readonly width: number;
  readonly height: number;
  readonly durationSeconds: number;
  /** Decoded, shown or dropped. */
  readonly frames: number;
  readonly audioBytes: number;
}

export interface ChromiumPlayer {
  play(path: string, options: { rate: number; fromSeconds?: number }): Promise<Played>;
  close(): Promise<void>;
}

/** Starts one Chromium and a loopback server for it; every `play` opens its own page. */
export async function startChromiumPlayer(): Promise<ChromiumPlayer> {
  const browser = await chromium.launch({
    executablePath: process.env.REELMILL_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--mute-audio', '--disable-gpu'],
  });
  return {
    play: (path, options) => playOnce(browser, path, options),
    close: () => browser.close(),
  };
}

async function playOnce(browser: Browser, path: string, options: { rate: number; fromSeconds?: number }) {
  const server = createServer((request, response) => {
    answer(path, request, response).catch((cause: unknown) => response.destroy(cause as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const page = await browser.newPage();
  try {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return (await page.evaluate(pageScript(options))) as Played;
  } finally {
    await page.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url !== '/film') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>film</title>');
    return;
  }
  const { size } = await stat(path);
  const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = range?.[2] ? Number(range[2]) : size - 1;
  const headers = { 'content-type': 'video/mp4', 'accept-ranges': 'bytes', 'content-length': end - start + 1 };
  response.writeHead(
    range ? 206 : 200,
    range ? { ...headers, 'content-range': `bytes ${start}-${end}/${size}` } : headers,
  );
  createReadStream(path, { start, end })
    .on('error', () => response.destroy())
    .pipe(response);
}

/** Runs in the page; text, because this package's types know no DOM. */
function pageScript({ rate, fromSeconds = 0 }: { rate: number; fromSeconds?: number }): string {
  return `new Promise((resolve) => {
    const video = document.createElement('video');
    const finish = (ended) => resolve({
      ended,
      error: video.error ? video.error.code + ' ' + video.error.message : null,
      width: video.videoWidth,
      height: video.videoHeight,
      durationSeconds: video.duration,
      frames: video.getVideoPlaybackQuality().totalVideoFrames,
      audioBytes: video.webkitAudioDecodedByteCount,
    });
    video.addEventListener('ended', () => finish(true));
    video.addEventListener('error', () => finish(false));
    video.addEventListener('loadedmetadata', () => {
      if (${fromSeconds} > 0) video.currentTime = ${fromSeconds};
      video.playbackRate = ${rate};
      video.play().catch(() => finish(false));
    });
    document.body.append(video);
    video.src = '/film';
  })`;
}
