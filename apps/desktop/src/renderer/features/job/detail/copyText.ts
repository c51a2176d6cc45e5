import { notify, notifyFailure } from '../../../store/notices.ts';

/** Puts a text on the clipboard and says so. */
export function copyText(what: string, text: string): void {
  navigator.clipboard.writeText(text).then(() => notify('info', `${what} copied`), notifyFailure);
}

/** One command for a shell of Linux or macOS: words that a shell would read are quoted. */
export const shellCommand = (program: string, args: readonly string[]): string =>
  [program, ...args]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
