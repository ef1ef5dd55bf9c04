import * as encoding from "lib0/encoding";
import type { Dice } from "./dice.ts";

/** Numbers at which readers of variable-length integers break. */
export const nastyCounts: readonly number[] = [
  0,
  1,
  2,
  127,
  128,
  29_999,
  30_000,
  30_001,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53 - 30_000,
  2 ** 53 - 3,
  2 ** 53 - 1,
];

/** As lib0 writes it; any number of needless continuation bytes makes it longer than it has to be. */
export function varUint(value: number, needless = 0): number[] {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, value);
  const bytes = [...encoding.toUint8Array(encoder)];
  for (let added = 0; added < needless; added++) {
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) | 128;
    bytes.push(0);
  }
  return bytes;
}

/** Beyond what a number holds exactly. */
const hugeVarUints: readonly (readonly number[])[] = [
  [255, 255, 255, 255, 255, 255, 255, 127],
  [255, 255, 255, 255, 255, 255, 255, 255, 127],
  [128, 128, 128, 128, 128, 128, 128, 128, 128, 1],
];

type ByteEdit = (bytes: Uint8Array, dice: Dice, other: Uint8Array) => Uint8Array;

const cut = (bytes: Uint8Array, from: number, to: number, between: ArrayLike<number>): Uint8Array =>
  Uint8Array.from([...bytes.subarray(0, from), ...Array.from(between), ...bytes.subarray(to)]);

/** Part of a message long enough to matter, short enough to keep mutants small. */
function range(bytes: Uint8Array, dice: Dice): [from: number, to: number] {
  const from = dice.below(bytes.length + 1);
  return [from, Math.min(bytes.length, from + dice.below(40))];
}

const edits: readonly ByteEdit[] = [
  function flipBit(bytes, dice) {
    const flipped = bytes.slice();
    const at = dice.below(bytes.length);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << dice.below(8));
    return flipped;
  },
  function setByte(bytes, dice) {
    const changed = bytes.slice();
    changed[dice.below(bytes.length)] = dice.of([0, 1, 127, 128, 254, 255, dice.below(256)]);
    return changed;
  },
  (bytes, dice) => bytes.slice(0, dice.below(bytes.length)),
  (bytes, dice) => bytes.slice(dice.below(bytes.length)),
  (bytes, dice) => cut(bytes, ...range(bytes, dice), []),
  (bytes, dice) => cut(bytes, ...range(bytes, dice), dice.bytes(dice.below(12))),
  function repeatRange(bytes, dice) {
    const [from, to] = range(bytes, dice);
    return cut(bytes, to, to, bytes.subarray(from, to));
  },
  function putNumber(bytes, dice) {
    const at = dice.below(bytes.length + 1);
    const number = dice.oneIn(4)
      ? dice.of(hugeVarUints)
      : varUint(dice.of(nastyCounts), dice.oneIn(3) ? dice.below(5) : 0);
    return cut(bytes, at, at + dice.below(2), number);
  },
  function splice(bytes, dice, other) {
    const head = bytes.subarray(0, dice.below(bytes.length + 1));
    return Uint8Array.from([...head, ...other.subarray(dice.below(other.length + 1))]);
  },
  (bytes, dice) => Uint8Array.from([...bytes, ...dice.bytes(dice.below(8))]),
];

/** One to three edits that know nothing of what the bytes mean. */
export function mutateBytes(bytes: Uint8Array, dice: Dice, other: Uint8Array): Uint8Array {
  let mutant = bytes;
  for (let left = dice.few(3); left > 0; left--)
    mutant = dice.of(edits)(mutant.length === 0 ? other : mutant, dice, other);
  return mutant;
}
