const encoder = new TextEncoder();

/** Writes numbers and texts as lib0 does, into one growing array: each text is encoded where it stays. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** @param room bytes that will probably be enough */
  constructor(room: number) {
    this.#bytes = new Uint8Array(room);
  }

  byte(value: number): void {
    this.#makeRoom(1);
    this.#bytes[this.#length++] = value;
  }

  /** A number from 0 to 2^53 − 1: seven bits a byte, the lowest first. */
  count(value: number): void {
    this.#makeRoom(countBytesMost);
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80))
      this.#bytes[this.#length++] = 0x80 | (rest & 0x7f);
    this.#bytes[this.#length++] = rest;
  }

  /** UTF-8 behind its length in bytes. */
  text(value: string): void {
    this.#makeRoom(value.length * 3 + countBytesMost);
    // Nearly all text is ASCII, whose length is known before it is encoded.
    const guess = this.#length + bytesOfCount(value.length);
    const { written } = encoder.encodeInto(value, this.#bytes.subarray(guess));
    const start = this.#length + bytesOfCount(written);
    if (start !== guess) this.#bytes.copyWithin(start, guess, guess + written);
    this.count(written);
    this.#length += written;
  }

  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #makeRoom(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(this.#bytes.length * 2 + more);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

const countBytesMost = 8;

function bytesOfCount(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}
