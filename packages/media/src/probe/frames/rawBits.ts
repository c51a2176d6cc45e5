/** Read past the end: the caller decides what that means. */
export class BitsEnded extends Error {}

/** One for all: nobody looks at where it was made. */
const bitsEnded = new BitsEnded('the bits end too early');

/**
 * Bits of a NAL unit's payload, first bit first (ITU-T H.264, 7.2 and 9.1), without the bytes that keep start codes out
 * of it (7.4.1: the 3 of 0 0 3).
 */
export class RawBits {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #next: number;
  #zeros = 0;
  #byte = 0;
  #left = 0;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#next = start;
    this.#end = end;
  }

  bit(): number {
    if (this.#left === 0) this.#load();
    this.#left -= 1;
    return (this.#byte >> this.#left) & 1;
  }

  #load(): void {
    if (this.#zeros >= 2 && this.#bytes[this.#next] === 3) {
      this.#next += 1;
      this.#zeros = 0;
    }
    const byte = this.#bytes[this.#next];
    if (byte === undefined || this.#next >= this.#end) throw bitsEnded;
    this.#next += 1;
    this.#zeros = byte === 0 ? this.#zeros + 1 : 0;
    this.#byte = byte;
    this.#left = 8;
  }

  flag(): boolean {
    return this.bit() === 1;
  }

  /** u(n), n up to 32. */
  unsigned(bits: number): number {
    let value = 0;
    for (let at = 0; at < bits; at += 1) value = value * 2 + this.bit();
    return value;
  }

  /** ue(v); more than 32 bits end it like a missing byte: nothing that is read here needs them. */
  exponential(): number {
    let zeros = 0;
    while (this.bit() === 0) {
      zeros += 1;
      if (zeros > 31) throw bitsEnded;
    }
    return 2 ** zeros - 1 + this.unsigned(zeros);
  }

  /** se(v) */
  signedExponential(): number {
    const code = this.exponential();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}

/** All bytes of a payload without those that keep start codes out of it. */
export function unescaped(bytes: Uint8Array): Uint8Array {
  const plain = new Uint8Array(bytes.length);
  let [length, zeros] = [0, 0];
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    plain[length] = byte;
    length += 1;
  }
  return plain.subarray(0, length);
}
