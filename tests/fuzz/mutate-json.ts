import type { Dice } from "./dice.ts";

/** JSON that may hold what JSON.stringify would never write. */
export type Tree = string | number | boolean | null | Raw | Tree[] | { [key: string]: Tree };

/** Text that is written as it is: numbers too large, the same key twice, half a surrogate. */
export class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const nested = (depth: number): Raw => new Raw(`${"[".repeat(depth)}${"]".repeat(depth)}`);
const wide = (width: number): Raw => new Raw(`[${"0,".repeat(width)}0]`);

const nastyLeaves: readonly (() => Tree)[] = [
  () => null,
  () => true,
  () => "",
  () => 0,
  () => -1,
  () => 1,
  () => 2 ** 31,
  () => Number.MAX_SAFE_INTEGER,
  () => Number.MIN_SAFE_INTEGER,
  () => 0.5,
  () => new Raw("9007199254740992"),
  () => new Raw("9007199254740993"),
  () => new Raw("-0"),
  () => new Raw("1e400"),
  () => new Raw("1e3"),
  () => new Raw("1.0"),
  () => new Raw("NaN"),
  () => new Raw("1n"),
  () => new Raw('"\\ud800"'),
  () => new Raw('"\\udc00\\ud800"'),
  () => new Raw('"\\u0000"'),
  () => new Raw("undefined"),
  () => new Raw(""),
  () => nested(13),
  () => nested(3000),
  () => wide(5000),
  () => "__proto__",
  () => "constructor",
  () => "toString",
  () => "\u202e\ufeff",
  () => "x".repeat(101),
  () => "店".repeat(5000),
  () => [],
  () => ({}),
];

const nastyKeys = ["__proto__", "constructor", "toString", "hasOwnProperty", "", "zz", "v", "type"];

interface Place {
  holder: Tree[] | { [key: string]: Tree };
  key: string;
}

const isHolder = (value: Tree): value is Tree[] | { [key: string]: Tree } =>
  typeof value === "object" && value !== null && !(value instanceof Raw);

function placesIn(value: Tree, found: Place[] = []): Place[] {
  if (!isHolder(value)) return found;
  for (const key of Object.keys(value)) {
    found.push({ holder: value, key });
    placesIn(get({ holder: value, key }), found);
  }
  return found;
}

function get({ holder, key }: Place): Tree {
  return (holder as { [key: string]: Tree })[key] as Tree;
}

function set({ holder, key }: Place, value: Tree): void {
  Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function remove({ holder, key }: Place): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

/** A value near the old one: what a careful attacker would write. */
function near(value: Tree, dice: Dice): Tree {
  if (typeof value === "number")
    return dice.of([value + 1, value - 1, -value, value * 10, value + 0.5, 0, 2 ** 53 - 1]);
  if (typeof value === "boolean") return !value;
  if (typeof value !== "string") return dice.of(nastyLeaves)();
  const at = dice.below(value.length + 1);
  return dice.of([
    () => value.slice(0, at) + value.slice(at + 1),
    () => `${value.slice(0, at)}${dice.of("09azAZ_-@:#~ \u0000店".split(""))}${value.slice(at)}`,
    () => value + value,
    () => value.toUpperCase(),
    () => value.replace(/\d+/, (digits) => String(Number(digits) + dice.below(3) - 1)),
  ])();
}

type TreeEdit = (root: Tree, places: readonly Place[], dice: Dice, other: Tree) => void;

const edits: readonly TreeEdit[] = [
  (_root, places, dice) => set(dice.of(places), dice.of(nastyLeaves)()),
  (_root, places, dice) => {
    const place = dice.of(places);
    set(place, near(get(place), dice));
  },
  (_root, places, dice) => {
    const place = dice.of(places);
    set(place, near(get(place), dice));
  },
  (_root, places, dice) => remove(dice.of(places)),
  function addKey(_root, places, dice) {
    const { holder } = dice.of(places);
    if (Array.isArray(holder)) holder.splice(dice.below(holder.length + 1), 0, near(0, dice));
    else set({ holder, key: dice.of(nastyKeys) }, dice.of(nastyLeaves)());
  },
  function swapWithin(_root, places, dice) {
    const [one, two] = [dice.of(places), dice.of(places)];
    const [first, second] = [copy(get(one)), copy(get(two))];
    set(one, second);
    set(two, first);
  },
  function takeFromOther(_root, places, dice, other) {
    const theirs = placesIn(other);
    const place = dice.of(places);
    const alike = theirs.filter(({ key }) => key === place.key);
    if (theirs.length > 0) set(place, copy(get(dice.of(alike.length > 0 ? alike : theirs))));
  },
  function repeatItem(_root, places, dice) {
    const { holder, key } = dice.of(places);
    if (Array.isArray(holder)) holder.splice(Number(key), 0, copy(get({ holder, key })));
    else set({ holder, key: `${key}2` }, copy(get({ holder, key })));
  },
  function reorder(_root, places, dice) {
    const { holder } = dice.of(places);
    if (Array.isArray(holder)) holder.reverse();
    else
      for (const key of Object.keys(holder).reverse()) {
        const value = get({ holder, key });
        delete holder[key];
        set({ holder, key }, value);
      }
  },
];

const copy = (value: Tree): Tree => {
  if (!isHolder(value)) return value;
  if (Array.isArray(value)) return value.map(copy);
  const made: { [key: string]: Tree } = {};
  for (const key of Object.keys(value))
    set({ holder: made, key }, copy(get({ holder: value, key })));
  return made;
};

/** One to three edits that keep most of the structure; the original is not touched. */
export function mutateTree(value: Tree, dice: Dice, other: Tree): Tree {
  const root = [copy(value)];
  for (let left = dice.few(3); left > 0; left--) {
    if (root.length === 0) root.push(null);
    const inside = placesIn(root[0] as Tree);
    dice.of(edits)(root, inside.length > 0 ? inside : placesIn(root), dice, other);
  }
  return root[0] ?? null;
}

/** As JSON, keys in the order of `sorted`; `Raw` parts as they are. */
export function writeTree(value: Tree, sorted = false): string {
  const parts: string[] = [];
  // By hand, not by recursion: what is read back can be nested thousands deep.
  const open: Tree[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next instanceof Raw) parts.push(next.text);
    else if (isHolder(next)) open.push(...piecesOf(next, sorted).reverse());
    else parts.push(JSON.stringify(next));
  }
  return parts.join("");
}

function piecesOf(holder: Exclude<Tree, Raw | string | number | boolean | null>, sorted: boolean) {
  const isArray = Array.isArray(holder);
  const keys = Object.keys(holder);
  if (sorted && !isArray) keys.sort();
  const pieces: Tree[] = [new Raw(isArray ? "[" : "{")];
  for (const [index, key] of keys.entries()) {
    const name = isArray ? "" : `${JSON.stringify(key)}:`;
    pieces.push(new Raw(`${index === 0 ? "" : ","}${name}`), get({ holder, key }) ?? null);
  }
  pieces.push(new Raw(isArray ? "]" : "}"));
  return pieces;
}

/** Text for where only text can stand, as in an address. */
export const nastyText = (dice: Dice): string =>
  dice.of(["%", "%00", "%E0%A4%A", "?", "&code=", "/../", "店", "__proto__", "x".repeat(3000)]);

/** The same meaning, or nearly, in text that nobody may sign. */
export function roughen(text: string, dice: Dice): string {
  return dice.of<(text: string) => string>([
    (json) => `${json} `,
    (json) => ` ${json}`,
    (json) => json.replace(/([,:])/, "$1 "),
    (json) => json.replace(/:(\d+)/, ":0$1"),
    (json) => json.replace(/:(\d+)/, ":$1.0"),
    (json) => json.replace(/:(\d+)/, ":$1e0"),
    (json) => json.replace(/"([a-z])/, (_all, letter: string) => `"\\u00${hex(letter)}`),
    (json) => json.replace(/^\{("[^"]+":("[^"]*"|\d+))/, "{$1,$1"),
    (json) => json.slice(0, dice.below(json.length)),
    (json) => `${json}${json}`,
    (json) => `\ufeff${json}`,
    (json) => json.replace(/\{/, '{"__proto__":{"polluted":1},'),
  ])(text);
}

const hex = (letter: string): string => letter.charCodeAt(0).toString(16).padStart(2, "0");
