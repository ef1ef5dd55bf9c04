import * as fc from "fast-check";
import * as encoding from "lib0/encoding";
import { expect, test } from "vitest";
import { ByteWriter } from "../../shared/documents/byte-writer.ts";

/** Lengths at which the number of bytes that a length itself takes changes: 1 to 2 to 3 to 4. */
const edges = [0, 1, 42, 43, 63, 64, 127, 128, 5461, 5462, 16_383, 16_384, 699_051, 2_097_152];
const units = ["a", "é", "会", "💳", "\ud800"];
const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .tuple(fc.constantFrom(...edges.filter((edge) => edge < 20_000)), fc.constantFrom(...units))
    .map(([length, unit]) => unit.repeat(length)),
);
const counts = fc.oneof(
  fc.nat(300),
  fc.maxSafeNat(),
  fc.constantFrom(127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER),
);

test("numbers and texts are the bytes that lib0 writes, whatever room there was [DO1]", () => {
  void fc.assert(
    fc.property(fc.array(fc.oneof(texts, counts)), fc.nat(40_000), (parts, room) => {
      const encoder = encoding.createEncoder();
      const bytes = new ByteWriter(room);
      for (const part of parts) {
        bytes.byte(119);
        encoding.writeUint8(encoder, 119);
        if (typeof part === "number") {
          bytes.count(part);
          encoding.writeVarUint(encoder, part);
        } else {
          bytes.text(part);
          encoding.writeVarString(encoder, part);
        }
      }
      expect(Buffer.compare(bytes.written(), encoding.toUint8Array(encoder))).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test.each(edges)(
  "a text of %i characters is framed like lib0's, in one, two, three bytes each",
  (length) => {
    for (const unit of units.filter((one) => one.length === 1)) {
      const encoder = encoding.createEncoder();
      encoding.writeVarString(encoder, unit.repeat(length));
      const bytes = new ByteWriter(0);
      bytes.text(unit.repeat(length));
      expect(Buffer.compare(bytes.written(), encoding.toUint8Array(encoder))).toBe(0);
    }
  },
);
