import fc from "fast-check";
import { expect, test } from "vitest";
import { type CanonicalValue, canonicalJson } from "../../shared/journal/canonical-json.ts";
import { readSeal, type Seal, writeSeal } from "../../shared/journal/seal.ts";
import { effort, patience } from "../harness/effort.ts";

const base64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const base64Text = (length: number) =>
  fc.string({ unit: fc.constantFrom(...base64Url), minLength: length, maxLength: length });
const name = fc.string({ unit: fc.constantFrom(..."az09"), minLength: 1, maxLength: 32 });
const sequence = fc.oneof(fc.nat(20), fc.maxSafeNat(), fc.constant(Number.MAX_SAFE_INTEGER));

const seals: fc.Arbitrary<Seal> = fc
  .record({
    org: name,
    device: name,
    store: name,
    from: sequence,
    to: sequence,
    prev: base64Text(43),
    head: base64Text(43),
    sig: base64Text(86),
  })
  .map(({ device, store, from, to, ...rest }) => ({
    ...rest,
    v: 1,
    chain: `${device}@${store}`,
    first: Math.min(from, to),
    last: Math.max(from, to),
  }));

/** Texts that are nearly seals: a part left out, added or of another kind, a character changed. */
const strangers = fc.oneof(
  fc
    .tuple(
      seals,
      fc.constantFrom("v", "org", "chain", "first", "last", "prev", "head", "sig"),
      others(),
    )
    .map(([seal, part, other]) => JSON.stringify(sorted({ ...seal, [part]: other }))),
  fc
    .tuple(
      seals,
      fc.nat(400),
      fc.constantFrom("", "0", "1", "a", "A", '"', " ", ",", "\n", "é"),
      fc.nat(1),
    )
    .map(([seal, at, text, without]) => {
      const whole = writeSeal(seal);
      const place = at % (whole.length + 1);
      return whole.slice(0, place) + text + whole.slice(place + without);
    }),
);

function others() {
  const texts = [
    "",
    "a",
    "a@b",
    "A@b",
    "a@b@c",
    `${"a".repeat(33)}@b`,
    "A".repeat(43),
    "=".repeat(86),
  ];
  return fc.oneof(
    fc.constantFrom(undefined, null, true, [], {}, ...texts),
    fc.constantFrom(-1, 0, 1, 2, 1.5, 2 ** 53, 1e16, "1"),
  );
}

const sorted = (object: object): object =>
  Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

/** What a seal is, said part by part. */
function isSeal(text: string): boolean {
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    const { v, org, chain, first, last, prev, head, sig } = value;
    const isCount = (part: unknown) => Number.isSafeInteger(part) && Number(part) >= 0;
    const isText = (part: unknown, pattern: RegExp) =>
      typeof part === "string" && pattern.test(part);
    return (
      canonicalJson(value as CanonicalValue) === text &&
      Object.keys(value).length === 8 &&
      v === 1 &&
      isText(org, /^[a-z0-9]{1,32}$/) &&
      isText(chain, /^[a-z0-9]{1,32}@[a-z0-9]{1,32}$/) &&
      [first, last].every(isCount) &&
      Number(first) <= Number(last) &&
      [prev, head].every((hash) => isText(hash, /^[A-Za-z0-9_-]{43}$/)) &&
      isText(sig, /^[A-Za-z0-9_-]{86}$/)
    );
  } catch {
    return false;
  }
}

test("a seal reads back as it was written [J2]", () => {
  void fc.assert(
    fc.property(seals, (seal) => {
      expect(readSeal(writeSeal(seal))).toEqual(seal);
    }),
  );
});

test("what is nearly a seal is read exactly when it is one [J2]", {
  timeout: patience(60_000),
}, () => {
  const found = { seals: 0, strangers: 0 };
  void fc.assert(
    fc.property(strangers, (text) => {
      const isOne = isSeal(text);
      found[isOne ? "seals" : "strangers"]++;
      expect(readSeal(text) !== undefined).toBe(isOne);
    }),
    { numRuns: effort(20_000, 1_000_000) },
  );
  expect(Math.min(found.seals, found.strangers)).toBeGreaterThan(300);
});
