import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { parseRange } from './byteRanges.ts';

export interface FileAnswer {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly sizeBytes: number;
  /** With an `etag`, the headers If-None-Match and If-Range are heeded (RFC 9110, 13.1). */
  readonly headers: OutgoingHttpHeaders & { readonly etag?: string };
}

/** Answers GET or HEAD with an open file or the part of it that `Range` asks for: 200, 206, 304 or 416. */
export async function sendFile(handle: FileHandle, answer: FileAnswer): Promise<void> {
  const { request, response, sizeBytes, headers } = answer;
  const { etag } = headers;
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  response.setHeader('accept-ranges', 'bytes');
  response.setHeader('x-content-type-options', 'nosniff');
  if (etag !== undefined && names(request.headers['if-none-match'], etag)) {
    response.writeHead(304).end();
    return;
  }
  const wanted = parseRange(isRangeMeant(request, etag) ? request.headers.range : undefined, sizeBytes);
  const range = wanted.kind === 'range' ? wanted.range : { start: 0, end: wanted.kind === 'whole' ? sizeBytes : 0 };
  response.statusCode = wanted.kind === 'whole' ? 200 : wanted.kind === 'range' ? 206 : 416;
  if (wanted.kind === 'range') {
    response.setHeader('content-range', `bytes ${range.start}-${range.end - 1}/${sizeBytes}`);
  }
  if (wanted.kind === 'unsatisfiable') response.setHeader('content-range', `bytes */${sizeBytes}`);
  response.setHeader('content-length', range.end - range.start);
  if (range.end === range.start || request.method === 'HEAD') response.end();
  else await pipeline(handle.createReadStream({ start: range.start, end: range.end - 1, autoClose: false }), response);
}

const names = (header: string | undefined, etag: string): boolean =>
  header !== undefined && (header.trim() === '*' || header.split(',').some((one) => one.trim() === etag));

/** A part was asked for on the condition that the rest, fetched before, is still of the same file. */
function isRangeMeant({ headers }: IncomingMessage, etag: string | undefined): boolean {
  const condition = headers['if-range'];
  return condition === undefined || condition === etag;
}
