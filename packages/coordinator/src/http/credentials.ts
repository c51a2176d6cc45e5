import type { IncomingHttpHeaders } from 'node:http';
import type { NodeKeys } from '../pairing/nodeKeys.ts';
import { sameSecret } from '../pairing/secrets.ts';
import { isLoopback } from './callers.ts';
import type { Sessions } from './sessions.ts';

/** `owner` opens everything; `agent` is a secret that opens another door; `nobody` showed nothing that counts. */
export type Caller = 'owner' | 'agent' | 'nobody';

export interface CredentialFacts {
  readonly ownerToken: string;
  readonly joinToken: string;
  readonly nodeKeys: NodeKeys;
  readonly sessions: Sessions;
}

const bearer = (headers: IncomingHttpHeaders): string | undefined =>
  /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];

/** Tells who holds a token. */
export function callerOfToken(token: string, facts: CredentialFacts): Caller {
  if (sameSecret(token, facts.ownerToken)) return 'owner';
  const agentSecrets = [facts.joinToken, ...facts.nodeKeys.values()];
  return agentSecrets.some((secret) => sameSecret(token, secret)) ? 'agent' : 'nobody';
}

/** Tells who sent a request: bearer token first, else the session cookie, which counts on loopback only. */
export function callerOf(
  request: { headers: IncomingHttpHeaders; remoteAddress: string | undefined },
  facts: CredentialFacts,
): Caller {
  const token = bearer(request.headers);
  if (token !== undefined) return callerOfToken(token, facts);
  const open = isLoopback(request.remoteAddress) && facts.sessions.isOpen(request.headers, Date.now());
  return open ? 'owner' : 'nobody';
}
