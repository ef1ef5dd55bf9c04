/** Choices that are the same for the same seed: every mutant can be made again from its name. */
export class Dice {
  #state: number;

  /** @param seed text, as `frames:1:4711` */
  constructor(seed: string) {
    let hash = 0x811c9dc5;
    for (let at = 0; at < seed.length; at++)
      hash = Math.imul(hash ^ seed.charCodeAt(at), 0x01000193) >>> 0;
    this.#state = hash;
  }

  /** 32 random bits (mulberry32). */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** 0 … below - 1 */
  below(below: number): number {
    return below <= 1 ? 0 : this.#next() % below;
  }

  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.#next() & 255);
  }

  /** Mostly few: 1 half of the time, 2 a quarter … */
  few(most: number): number {
    let count = 1;
    while (count < most && this.oneIn(2)) count++;
    return count;
  }
}
