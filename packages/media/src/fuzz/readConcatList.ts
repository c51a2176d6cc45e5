// Used by tests only.

/**
 * The `file` entries of a concat list as FFmpeg reads them: one directive a line (a line ends at LF, CR or NUL), then
 * av_get_token of libavutil/avstring.c: `'` quotes up to the next one, `\` escapes outside of quotes.
 */
export function readConcatList(list: string): string[] {
  return list
    .split(/[\n\r\0]/)
    .filter((line) => line.startsWith('file '))
    .map((line) => token(line.slice('file '.length)));
}

function token(text: string): string {
  let result = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === "'") quoted = !quoted;
    else if (!quoted && character === '\\') {
      at += 1;
      result += text[at] ?? '';
    } else if (!quoted && /\s/.test(character)) break;
    else result += character;
  }
  return result;
}
