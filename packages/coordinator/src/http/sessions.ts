import type { IncomingHttpHeaders } from 'node:http';
import { sessionCookieName } from '@reelmill/protocol';
import { macOf, randomSecret, sameSecret } from '../pairing/secrets.ts';

const sessionDays = 30;
const openCodesAtMost = 64;

function cookieValue(headers: IncomingHttpHeaders, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/**
 * One-time codes and the cookies they buy. A cookie is signed with a key made of the owner token, so it outlives a
 * restart of the coordinator and dies with the token.
 */
export class Sessions {
  readonly #key: string;
  readonly #codes = new Set<string>();
  /** Carries the coordinator's id: cookies are shared by all ports of a host. */
  readonly #cookieName: string;

  constructor(ownerToken: string, coordinatorId: string) {
    this.#key = macOf(ownerToken, 'reelmill-v1\nsession');
    this.#cookieName = `${sessionCookieName}_${coordinatorId.replaceAll(/[^a-zA-Z0-9]/g, '').slice(0, 12)}`;
  }

  /** A fresh code; the oldest unused one is dropped when too many are open. */
  newCode(): string {
    const [oldest] = this.#codes;
    if (this.#codes.size >= openCodesAtMost && oldest !== undefined) this.#codes.delete(oldest);
    const code = randomSecret();
    this.#codes.add(code);
    return code;
  }

  /** `Set-Cookie` value for an unused code, else undefined. */
  redeem(code: string, nowMs: number): string | undefined {
    const known = [...this.#codes].find((open) => sameSecret(code, open));
    if (known === undefined) return undefined;
    this.#codes.delete(known);
    const content = `${randomSecret()}.${nowMs + sessionDays * 86_400_000}`;
    const value = `${content}.${macOf(this.#key, content)}`;
    return `${this.#cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${sessionDays * 86_400}`;
  }

  isOpen(headers: IncomingHttpHeaders, nowMs: number): boolean {
    const [id, expires, mac] = cookieValue(headers, this.#cookieName)?.split('.') ?? [];
    if (id === undefined || expires === undefined || mac === undefined) return false;
    return sameSecret(mac, macOf(this.#key, `${id}.${expires}`)) && nowMs < Number(expires);
  }
}
