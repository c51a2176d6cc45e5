import { createReadStream, type Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { FarmError } from '@reelmill/protocol';
import type { FastifyReply } from 'fastify';
import { contentSecurityPolicy, newNonce } from './contentSecurity.ts';

const mimeTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/** Absolute path of a file inside the folder, or undefined where the address leads out of it. */
export function insideFolder(folder: string, urlPath: string): string | undefined {
  if (urlPath.includes('\0') || urlPath.includes('\\')) return undefined;
  const path = normalize(join(folder, urlPath));
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep) ? path : undefined;
}

async function statOrUndefined(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (cause) {
    const code = (cause as { code?: unknown } | null)?.code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw cause;
  }
}

/** Styles that scripts inject at run time need the nonce of this answer: libraries read it from this tag. */
const withNonce = (html: string, nonce: string): string =>
  html.replaceAll('__CSP_NONCE__', nonce).replace('<head>', `<head><meta property="csp-nonce" nonce="${nonce}">`);

async function sendIndex(folder: string, reply: FastifyReply): Promise<FastifyReply> {
  const nonce = newNonce();
  const path = join(folder, 'index.html');
  if ((await statOrUndefined(path)) === undefined) {
    throw new FarmError('NOT_FOUND', {
      message: 'The interface is not built here; the API and the agents’ door work.',
    });
  }
  const html = await readFile(path, 'utf8');
  return reply
    .header('content-security-policy', contentSecurityPolicy(nonce))
    .type(mimeTypes['.html'] ?? '')
    .send(withNonce(html, nonce));
}

/** Sends one file of the interface bundle. Files below `assets/` carry their hash in the name and never change. */
export async function sendStatic(folder: string, urlPath: string, reply: FastifyReply): Promise<FastifyReply> {
  if (urlPath === '/' || urlPath === '/index.html') return sendIndex(folder, reply);
  const path = insideFolder(folder, urlPath);
  const stats = path === undefined ? undefined : await statOrUndefined(path);
  if (path === undefined || stats?.isFile() !== true) {
    throw new FarmError('NOT_FOUND', { message: 'The interface has no such file.' });
  }
  return reply
    .header('content-security-policy', contentSecurityPolicy(newNonce()))
    .header('cache-control', urlPath.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-cache')
    .header('content-length', stats.size)
    .type(mimeTypes[extname(path).toLowerCase()] ?? 'application/octet-stream')
    .send(createReadStream(path));
}
