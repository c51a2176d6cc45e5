import type { DeepLink } from '../shared/farmHost.ts';

export const linkScheme = 'reelmill';

const idPattern = /^[A-Za-z0-9._-]{1,64}$/;
const longestLink = 4096;

/**
 * `reelmill://job/ID` and `reelmill://node/ID` show something; `reelmill://add?path=…` and `reelmill://pair?…` change
 * something, so the window asks first. Null for whatever else a web page may have made up.
 */
export function parseDeepLink(text: string): DeepLink | null {
  const url = text.length > longestLink ? null : urlOf(text);
  if (url?.protocol !== `${linkScheme}:`) return null;
  const id = decoded(url.pathname.replace(/^\//, ''));
  switch (url.hostname) {
    case 'job':
    case 'node':
      return id !== null && idPattern.test(id) ? { kind: url.hostname, id } : null;
    case 'add': {
      const paths = url.searchParams.getAll('path').filter((path) => path !== '');
      return paths.length === 0 ? null : { kind: 'add', paths };
    }
    case 'pair':
      return { kind: 'pair' };
    default:
      return null;
  }
}

/** Electron 22 has no `URL.canParse`. */
function urlOf(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null; // no address at all
  }
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null; // a broken escape names nothing
  }
}

/** Links among the arguments a second start hands over. */
export const linksOf = (args: readonly string[]): DeepLink[] =>
  args.flatMap((text) => {
    const link = text.startsWith(`${linkScheme}:`) ? parseDeepLink(text) : null;
    return link === null ? [] : [link];
  });
