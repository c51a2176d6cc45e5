/** What a pasted or dropped text asks for. */
interface PastedText {
  /** Absolute paths, one a line. */
  readonly paths: readonly string[];
  /** The first line that cannot be added, and why. */
  readonly refusal: { readonly cause: string; readonly fix: string } | null;
}

const address = /^([a-z][a-z0-9+.-]+):\/\//i;
const absolutePath = /^(?:\/|[a-z]:[\\/]|\\\\)/i;

/** Reads paths, one a line, as file managers copy them; addresses are told apart from what is nothing. */
export function readPastedText(text: string): PastedText {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/^"(.*)"$/, '$1'))
    .filter((line) => line !== '' && !line.startsWith('#'));
  const paths: string[] = [];
  let refusal: PastedText['refusal'] = null;
  for (const line of lines) {
    const path = line.startsWith('file://') ? pathOfFileUrl(line) : line;
    if (absolutePath.test(path)) paths.push(path);
    else refusal ??= refusalOf(path);
  }
  return { paths, refusal };
}

function pathOfFileUrl(text: string): string {
  try {
    const path = decodeURIComponent(new URL(text).pathname);
    return /^\/[a-z]:/i.test(path) ? path.slice(1) : path;
  } catch {
    return text;
  }
}

function refusalOf(line: string): NonNullable<PastedText['refusal']> {
  const shown = line.length > 120 ? `${line.slice(0, 120)}…` : line;
  const scheme = address.exec(line)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') {
    return {
      cause: `Not added: ${shown} cannot be fetched from the web yet.`,
      fix: 'Download the file, then drop it here.',
    };
  }
  if (scheme !== undefined) {
    return { cause: `Not added: ${scheme}: addresses are not supported.`, fix: 'Use a file on a disk of the farm.' };
  }
  return { cause: `Not added: “${shown}” is no absolute path.`, fix: 'Paste whole paths, one a line.' };
}
