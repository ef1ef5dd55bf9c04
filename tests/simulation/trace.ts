import { createHash } from "node:crypto";

/** Everything that happened, in order: hashed to the last byte and, where asked, kept in words. */
export class Trace {
  readonly #hash = createHash("sha256");
  readonly #lines: (() => string)[] = [];
  readonly #nowMs: () => number;
  readonly #isKept: boolean;

  constructor(nowMs: () => number, isKept: boolean) {
    this.#nowMs = nowMs;
    this.#isKept = isKept;
  }

  say(what: string): void {
    const atMs = this.#nowMs();
    this.#hash.update(`${atMs} ${what}\n`);
    if (this.#isKept) this.#lines.push(() => `${(atMs / 1000).toFixed(3).padStart(9)}s  ${what}`);
  }

  /** Bytes on a wire: hashed whole, told by their length. */
  carry(way: string, bytes: Uint8Array): void {
    const atMs = this.#nowMs();
    this.#hash.update(`${atMs} ${way} ${bytes.length}\n`).update(bytes);
    if (!this.#isKept) return;
    this.#lines.push(() => `${(atMs / 1000).toFixed(3).padStart(9)}s    ${way} ${inWords(bytes)}`);
  }

  hash(): string {
    return this.#hash.copy().digest("base64url");
  }

  lines(): string[] {
    return this.#lines.map((line) => line());
  }
}

/** A frame of our own messages is JSON behind a few bytes; others are told by their length. */
function inWords(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("latin1");
  const at = text.indexOf("{");
  const words = at >= 0 && at < 6 ? ` ${text.slice(at, at + 200)}` : "";
  return `${bytes.length} bytes${words}`;
}
