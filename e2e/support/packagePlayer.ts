import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';

export interface PlayedPackage {
  readonly ended: boolean;
  readonly error: string | null;
  readonly durationSeconds: number;
  /** `1280x720`, of every rendition the player offers. */
  readonly renditions: readonly string[];
  /** Of the languages it offers. */
  readonly sounds: readonly string[];
  /** Language and name of the text tracks it offers, e.g. `en Signs`. */
  readonly texts: readonly string[];
  /** Of the first of them: start and end in seconds, and the text. */
  readonly cues: readonly (readonly [number, number, string])[];
  /** Start in seconds and title, of both ways the player takes them: named by the playlist of HLS, and given as a file of WebVTT. */
  readonly chapters: readonly (readonly [number, string])[];
  /** Sizes of the picture as it was shown, in order. */
  readonly shown: readonly string[];
  readonly audioBytes: number;
}

export type PlayerName = 'hls.js' | 'shaka-player';

const scripts: Readonly<Record<PlayerName, string>> = {
  'hls.js': import.meta.resolve('hls.js/dist/hls.min.js'),
  'shaka-player': import.meta.resolve('shaka-player/dist/shaka-player.compiled.js'),
};

/**
 * Serves a package on loopback and plays it to its end in Chromium with a player library: from the first rendition to
 * the middle, then switched to the last.
 */
export async function playPackage(folder: string, player: PlayerName): Promise<PlayedPackage> {
  const server = createServer((request, response) => {
    answer(folder, request, response).catch(() => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({
    executablePath: process.env.REELMILL_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--mute-audio', '--disable-gpu'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.addScriptTag({ path: fileURLToPath(scripts[player]) });
    return (await page.evaluate(pageScript(player === 'hls.js' ? hlsScript : shakaScript))) as PlayedPackage;
  } finally {
    await browser.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const types: Readonly<Record<string, string>> = {
  m3u8: 'application/vnd.apple.mpegurl',
  mpd: 'application/dash+xml',
  mp4: 'video/mp4',
  vtt: 'text/vtt',
  json: 'application/json',
};

async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>package</title>');
    return;
  }
  const path = join(folder, basename(decodeURIComponent(request.url ?? '')));
  const { size } = await stat(path);
  const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  const type = types[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
  const headers = { 'content-type': type, 'accept-ranges': 'bytes', 'content-length': end - start + 1 };
  response.writeHead(
    range ? 206 : 200,
    range ? { ...headers, 'content-range': `bytes ${start}-${end}/${size}` } : headers,
  );
  createReadStream(path, { start, end })
    .on('error', () => response.destroy())
    .pipe(response);
}

/** Text, because this package's types know no DOM. `open` gives `{ renditions, sounds, texts, chapters, select }`. */
const pageScript = (open: string): string => `new Promise((resolve) => {
  const video = document.createElement('video');
  document.body.append(video);
  const shown = [];
  let offered = null;
  let switched = false;
  const finish = (ended, error) => resolve({
    ended,
    error: error ?? (video.error ? video.error.code + ' ' + video.error.message : null),
    durationSeconds: video.duration,
    renditions: offered ? offered.renditions() : [],
    sounds: offered ? offered.sounds() : [],
    texts: offered ? offered.texts() : [],
    cues: [...video.textTracks].filter(({ mode }) => mode !== 'disabled').flatMap(({ cues }) =>
      [...cues ?? []].map(({ startTime, endTime, text }) => [startTime, endTime, text])),
    chapters: offered ? offered.chapters() : [],
    shown,
    audioBytes: video.webkitAudioDecodedByteCount,
  });
  setTimeout(() => finish(false, 'stands still at ' + video.currentTime + ' s, ready ' + video.readyState), 60_000);
  video.addEventListener('resize', () => shown.push(video.videoWidth + 'x' + video.videoHeight));
  video.addEventListener('ended', () => finish(true, null));
  video.addEventListener('error', () => finish(false, null));
  video.addEventListener('timeupdate', () => {
    if (switched || !offered || video.currentTime < video.duration / 2) return;
    switched = true;
    offered.select(offered.renditions().length - 1);
  });
  (${open})(video, (error) => finish(false, error)).then((opened) => {
    offered = opened;
    video.playbackRate = 2;
    return video.play();
  }).catch((cause) => finish(false, String(cause?.message ?? cause) + ' ' + (cause?.code ?? '')));
})`;

const hlsScript = `(video, fail) => new Promise((resolve) => {
  const hls = new Hls({ startLevel: 0, maxBufferLength: 3 });
  hls.on(Hls.Events.ERROR, (_, data) => { if (data.fatal) fail(data.type + ' ' + data.details); });
  hls.on(Hls.Events.MANIFEST_PARSED, async (_, { sessionData }) => {
    const named = await (await fetch(sessionData['com.apple.hls.chapters'].URI)).json();
    const track = Object.assign(document.createElement('track'), { kind: 'chapters', src: '/chapters.vtt' });
    const loaded = new Promise((done) => track.addEventListener('load', done));
    video.append(track);
    track.track.mode = 'hidden';
    await loaded;
    const given = [...track.track.cues].map(({ startTime, text }) => [startTime, text.replace('&amp;', '&')]);
    track.remove();
    hls.loadLevel = 0;
    hls.subtitleDisplay = true;
    hls.subtitleTrack = hls.subtitleTracks.length > 0 ? 0 : -1;
    resolve({
      renditions: () => hls.levels.map(({ width, height }) => width + 'x' + height),
      sounds: () => hls.audioTracks.map(({ lang }) => lang ?? ''),
      texts: () => hls.subtitleTracks.map(({ lang, name }) => (lang ?? '') + ' ' + name),
      chapters: () => [...named.map((chapter) => [chapter['start-time'], chapter.titles[0].title]), ...given],
      select: (level) => { hls.currentLevel = level; },
    });
  });
  hls.loadSource('/index.m3u8');
  hls.attachMedia(video);
})`;

const shakaScript = `async (video, fail) => {
  shaka.polyfill.installAll();
  const listed = async (player) =>
    (await player.getChaptersAsync('und')).map(({ startTime, title }) => [startTime, title.replace('&amp;', '&')]);
  const ofHls = new shaka.Player();
  await ofHls.attach(document.createElement('video'));
  await ofHls.load('/index.m3u8');
  const named = await listed(ofHls);
  await ofHls.destroy();
  const player = new shaka.Player();
  player.addEventListener('error', ({ detail }) => fail('shaka ' + detail.code + ' ' + JSON.stringify(detail.data)));
  await player.attach(video);
  player.configure({ abr: { enabled: false }, streaming: { bufferingGoal: 3 } });
  await player.load('/manifest.mpd');
  const tracks = () => player.getVariantTracks().toSorted((one, other) => other.height - one.height);
  player.selectVariantTrack(tracks()[0], true);
  const texts = () => player.getTextTracks();
  if (texts().length > 0) player.selectTextTrack(texts()[0]);
  await player.addChaptersTrack('/chapters.vtt', 'und', 'text/vtt');
  const given = await listed(player);
  return {
    chapters: () => [...named, ...given],
    renditions: () => tracks().map(({ width, height }) => width + 'x' + height),
    sounds: () => [...new Set(tracks().map(({ language }) => language))],
    texts: () => texts().map(({ language, label }) => language + ' ' + label),
    select: (at) => player.selectVariantTrack(tracks()[at], true),
  };
}`;
