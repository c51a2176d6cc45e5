import { StringDecoder } from 'node:string_decoder';

const longestLineCharacters = 64 * 1024;

/** Cuts a byte stream into lines at `\n` or `\r` (FFmpeg's own progress uses the latter); overlong lines are clipped. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(bytes: Buffer): void {
    const pieces = (this.#rest + this.#decoder.write(bytes)).split(/\r\n|\n|\r/);
    this.#rest = (pieces.pop() ?? '').slice(0, longestLineCharacters);
    for (const piece of pieces) if (piece !== '') this.#onLine(piece);
  }

  end(): void {
    const last = this.#rest + this.#decoder.end();
    this.#rest = '';
    if (last !== '') this.#onLine(last);
  }
}

/** Keeps the beginning and the end of a log of any length. */
export class BoundedLog {
  readonly #limit: number;
  #head = '';
  #tail = '';
  #dropped = false;

  constructor(limitCharacters: number) {
    this.#limit = limitCharacters;
  }

  add(line: string): void {
    if (!this.#dropped && this.#head.length + line.length < this.#limit / 4) {
      this.#head += `${line}\n`;
      return;
    }
    this.#dropped = true;
    this.#tail = `${this.#tail}${line}\n`;
    if (this.#tail.length > this.#limit * 1.5) this.#tail = this.#tail.slice(-Math.floor(this.#limit * 0.75));
  }

  text(): string {
    return this.#tail === '' ? this.#head : `${this.#head}${this.#tail}`;
  }
}
