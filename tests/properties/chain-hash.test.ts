import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RunningHash } from "../../shared/journal/chain.ts";

const sha256 = (...parts: (string | Uint8Array)[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const units = ["a", "会", "💳", "\ud800", "\u0000"];
const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.tuple(fc.nat(3000), fc.constantFrom(...units)).map(([length, unit]) => unit.repeat(length)),
);

test("a chain's hash is SHA-256 over the hash before and the operation's UTF-8 [J2]", () => {
  void fc.assert(
    fc.property(fc.array(texts, { maxLength: 8 }), (operations) => {
      const chain = RunningHash.start("org", "till1@s1");
      let expected = sha256("youbei-chain-v1\norg\ntill1@s1");
      const before = chain.copy();
      for (const text of operations) {
        chain.add(text);
        expected = sha256(expected, text);
        expect(chain.toString()).toBe(expected.toString("base64url"));
      }
      // What was copied before stays what it was.
      expect(before.toString()).toBe(RunningHash.start("org", "till1@s1").toString());
    }),
    { numRuns: 500 },
  );
});
