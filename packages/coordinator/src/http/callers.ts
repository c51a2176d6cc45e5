import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** Origin of the interface inside the desktop shell. */
export const shellOrigin = 'app://reelmill';

/** True for 127.0.0.0/8 and ::1, also in their IPv4-mapped form. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

/** Host name of a `Host` header, without port and brackets; undefined when it is no such header. */
export function hostName(header: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([a-zA-Z0-9.-]+))(?::\d{1,5})?$/.exec(header ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

/**
 * A page of another site reaches this server only under that site's own name (DNS rebinding), so only names that
 * nobody else can own are served: addresses, localhost and this machine's own name.
 */
export function isOwnHost(header: string | undefined): boolean {
  const name = hostName(header);
  if (name === undefined) return false;
  const own = hostname().toLowerCase();
  return isIP(name) !== 0 || ['localhost', own, `${own}.local`].includes(name);
}

const isLoopbackName = (name: string | undefined): boolean => name === 'localhost' || isLoopback(name);

/** The shell, this server's own page on loopback, or an origin allowed by the settings (development). */
export function isAllowedOrigin(headers: IncomingHttpHeaders, extraOrigins: readonly string[]): boolean {
  const { origin, host } = headers;
  if (origin === undefined || origin === shellOrigin || extraOrigins.includes(origin)) return true;
  return origin === `http://${host}` && isLoopbackName(hostName(host));
}

export interface CallerCheck {
  readonly extraOrigins: readonly string[];
}

/** Why a caller is not served at all, or undefined. Browsers may come from this machine only until TLS exists. */
export function refuseCaller(request: IncomingMessage, check: CallerCheck): string | undefined {
  const { headers } = request;
  if (!isAllowedOrigin(headers, check.extraOrigins)) return 'Pages of other sites are not served.';
  if (headers.origin !== undefined && !isLoopback(request.socket.remoteAddress)) {
    return 'The interface answers in browsers of this machine only.';
  }
  return undefined;
}
