import { apiPrefix } from '@reelmill/protocol';

/** Why this browser may not see the farm. */
export interface SessionRefusal {
  readonly cause: string;
  readonly fix: string;
}

/**
 * Exchanges the one-time code of the address (`#code=`) for the session cookie and takes it out of the address bar and
 * the history. Without a code the cookie of an earlier visit is relied on.
 */
export async function claimSession(): Promise<SessionRefusal | null> {
  const code = new URLSearchParams(window.location.hash.slice(1)).get('code');
  if (!code) return null;
  window.history.replaceState(null, '', window.location.pathname);
  const response = await fetch(`${apiPrefix}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  }).catch(() => null);
  if (!response)
    return { cause: 'The coordinator does not answer.', fix: 'Check that `reelmill serve` is running, then reload.' };
  if (response.ok) return null;
  if (await sessionWorks()) return null;
  return {
    cause: 'The address was already used or has expired.',
    fix: 'Open the address that `reelmill serve` prints, or start it again for a new one.',
  };
}

async function sessionWorks(): Promise<boolean> {
  const response = await fetch(`${apiPrefix}/presets`).catch(() => null);
  return response?.ok ?? false;
}
