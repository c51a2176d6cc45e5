import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { protocol } from 'electron';

export const rendererOrigin = 'app://reelmill';

/** Decision 23: nothing inline, no foreign origin; the coordinator is reached over its WebSocket on loopback. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self' ws://127.0.0.1:*",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const mimeTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Must run before the app is ready. */
export function declareRendererScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

interface Answer {
  readonly status: number;
  readonly mimeType: string;
  readonly body: Buffer;
}

async function answer(rendererDir: string, url: string): Promise<Answer> {
  const { host, pathname } = new URL(url);
  const name = pathname === '/' ? '/index.html' : decodeURIComponent(pathname);
  const path = normalize(join(rendererDir, name));
  const mimeType = mimeTypes[extname(path)];
  const missing = { status: 404, mimeType: 'text/plain', body: Buffer.from('not found') };
  if (host !== 'reelmill' || !path.startsWith(rendererDir + sep) || !mimeType) return missing;
  return readFile(path).then(
    (body) => ({ status: 200, mimeType, body }),
    () => missing,
  );
}

const headersOf = (mimeType: string): Record<string, string> => ({
  'content-type': mimeType,
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
});

/** Serves the built pages as `app://reelmill/…`, by the API the running Electron has. */
export function serveRenderer(rendererDir: string): void {
  if (typeof protocol.handle === 'function') {
    protocol.handle('app', async (request) => {
      const { status, mimeType, body } = await answer(rendererDir, request.url);
      return new Response(new Uint8Array(body), { status, headers: headersOf(mimeType) });
    });
    return;
  }
  // Electron before 25.
  protocol.registerBufferProtocol('app', (request, respond) => {
    void answer(rendererDir, request.url).then(({ status, mimeType, body }) =>
      respond({ statusCode: status, mimeType, data: body, headers: headersOf(mimeType) }),
    );
  });
}
