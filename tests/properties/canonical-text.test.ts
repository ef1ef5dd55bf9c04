import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type CanonicalValue,
  canonicalJson,
  parseCanonical,
} from "../../shared/journal/canonical-json.ts";
import { effort, patience } from "../harness/effort.ts";

const keys = fc.oneof(
  fc.constantFrom("", "a", "b", "B", "9", "10", "__proto__", "toJSON", "é", "\ud800", "\ufffd"),
  fc.string({ unit: "binary", maxLength: 4 }),
);
const numbers = fc.oneof(
  fc.integer(),
  fc.constantFrom(-0, 1.5, 2 ** 53, -(2 ** 53), Number.MAX_SAFE_INTEGER, 1e21),
);
const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.constantFrom("\ud800", "\udc00", "\\ud800", "\\", "\u2028", "\u0000", "💳"),
);
const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    texts,
    numbers,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(keys, tie("value")), { maxLength: 4 }).map(objectOf),
  ),
}));

/** With own keys only, `__proto__` among them, as `JSON.parse` makes them. */
function objectOf(entries: [string, unknown][]): object {
  const object = {};
  for (const [key, value] of entries)
    Object.defineProperty(object, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  return object;
}

/** What may be written at all, as we write it. */
function canonicalOf(value: unknown): string | undefined {
  try {
    return canonicalJson(value as CanonicalValue);
  } catch {
    return undefined;
  }
}

const spellings: readonly ((value: unknown) => string)[] = [
  (value) => canonicalOf(value) ?? JSON.stringify(value),
  (value) => JSON.stringify(value),
  (value) => JSON.stringify(value, undefined, 1),
  (value) => JSON.stringify(value).replace('"a', '"\\u0061'),
];

test("a text is read exactly when writing what it says gives that text again [J2]", {
  timeout: patience(60_000),
}, () => {
  const found = { ours: 0, foreign: 0 };
  void fc.assert(
    fc.property(values, fc.constantFrom(...spellings), (value, spelling) => {
      const text = spelling(value);
      const isOurs = canonicalOf(JSON.parse(text)) === text;
      found[isOurs ? "ours" : "foreign"]++;
      expect(parseCanonical(text) !== undefined).toBe(isOurs);
    }),
    { numRuns: effort(20_000, 1_000_000) },
  );
  expect(Math.min(found.ours, found.foreign)).toBeGreaterThan(1000);
});

test.each([
  ["deeper than may be signed", nested(14), nested(13)],
  [
    "longer than may be signed",
    JSON.stringify(Array(4097).fill(0)),
    JSON.stringify(Array(4096).fill(0)),
  ],
  ["wider than may be signed", wide(4097), wide(4096)],
])("what is %s is not read, what just fits is", (_what, tooMuch, enough) => {
  expect(parseCanonical(tooMuch)).toBeUndefined();
  expect(parseCanonical(enough)).toBeDefined();
});

function wide(keys: number): string {
  const names = Array.from({ length: keys }, (_, nth) => `k${String(nth).padStart(5, "0")}`);
  return `{${names.map((name) => `"${name}":0`).join(",")}}`;
}

function nested(lists: number): string {
  return "[".repeat(lists) + "]".repeat(lists);
}
