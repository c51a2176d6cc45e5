import { apiPrefix } from '@reelmill/protocol';
import { newNonce, signInPolicy } from './contentSecurity.ts';

export interface Page {
  readonly policy: string;
  readonly html: string;
}

const style =
  'body{font:13px/20px system-ui,sans-serif;margin:15vh auto 0;max-width:440px;padding:0 16px;background:#141414;color:#e8e6e3}' +
  'h1{font-size:15px}code{color:#a6a4a0}';

const page = (nonce: string, body: string): Page => ({
  policy: signInPolicy(nonce),
  html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Reelmill</title><style nonce="${nonce}">${style}</style></head><body>${body}</body></html>`,
});

/** Trades the one-time code behind `#` for the cookie, then loads the interface; without a code it says what to do. */
const exchange = `
const say = (text) => { document.getElementById('text').textContent = text; };
const code = new URLSearchParams(location.hash.slice(1)).get('code');
const ended = 'This address was used already or is too old. Start "reelmill serve" again and open the address it prints.';
if (code === null) say('Open the whole address that "reelmill serve" printed: it ends in #code=…');
else fetch('${apiPrefix}/session', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ code }),
}).then((answer) => {
  history.replaceState(null, '', location.pathname);
  if (answer.ok) location.reload(); else say(ended);
}, () => say('The coordinator does not answer any more.'));
`;

/** The only page a browser without a session gets. */
export function signInPage(): Page {
  const nonce = newNonce();
  return page(
    nonce,
    `<h1>Reelmill</h1><p id="text">Signing in…</p><noscript>The interface needs JavaScript.</noscript><script nonce="${nonce}">${exchange}</script>`,
  );
}

/** Browsers of other machines: until TLS exists the interface stays on its own machine. */
export function loopbackOnlyPage(): Page {
  const nonce = newNonce();
  return page(
    nonce,
    '<h1>The interface answers on this machine only</h1><p>Open it on the coordinator’s own machine, or use the command line from here: <code>reelmill ls --server HOST:PORT --token-file FILE</code>.</p>',
  );
}
