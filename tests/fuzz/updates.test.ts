import { afterEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { writerOf } from "../../shared/documents/document-name.ts";
import { readStateVector, writeStateVector } from "../../shared/documents/state-vector.ts";
import { readUpdate } from "../../shared/documents/update-reader.ts";
import { rootElementsMax, rootOf, writeUpdate } from "../../shared/documents/update-writer.ts";
import { effort, patience } from "../harness/effort.ts";
import { runCampaign } from "./campaign.ts";
import type { Dice } from "./dice.ts";
import { mutateBytes, nastyCounts, varUint } from "./mutate-bytes.ts";
import { modelOf, mutateUpdate, writeModel } from "./mutate-update.ts";

const name = "journal/1/s1/2026-11";
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const words = [
  "alpha",
  "贝塔",
  "{}",
  "",
  "\u{1f600}",
  '{"chain":"x@y"}',
  "\u0000",
  "x".repeat(300),
];

function honest(dice: Dice): { from: number; elements: string[] } {
  const from = dice.of([0, 1, 7, 29_998, 30_000, 60_000, 2 ** 31, dice.below(100_000)]);
  return { from, elements: Array.from({ length: 1 + dice.below(5) }, () => dice.of(words)) };
}

/**
 * What Yjs itself finds in an update that our reader took: the same strings in the same places,
 * pushed by the document's writer, and nothing else.
 */
function expectSameForYjs(bytes: Uint8Array, from: number, elements: readonly string[]): void {
  const { structs, ds } = Y.decodeUpdate(bytes);
  expect(ds.clients.size, "deletes").toBe(0);
  const found: string[] = [];
  for (const struct of structs) {
    if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentAny))
      throw new Error("something else than pushed strings");
    const { client, clock } = struct.id;
    const start = from + found.length;
    expect([client, clock]).toEqual([writerOf(name), start]);
    const isFirst = start % rootElementsMax === 0;
    expect(struct.parent).toBe(isFirst ? rootOf(start) : null);
    expect(struct.origin).toEqual(isFirst ? null : { client, clock: start - 1 });
    expect([struct.rightOrigin, struct.parentSub]).toEqual([null, null]);
    found.push(...struct.content.arr);
  }
  expect(found).toEqual(elements);
}

let accepted = 0;

/** Whatever is accepted is what the writer writes, and Yjs reads it as we do. */
function look(bytes: Uint8Array): void {
  const read = readUpdate(name, bytes);
  if (!read.ok) return;
  const { from, elements } = read.value;
  accepted++;
  expect(hex(writeUpdate(name, from, elements))).toBe(hex(bytes));
  expectSameForYjs(bytes, from, elements);
}

afterEach(() => {
  accepted = 0;
});

describe("bytes that a server could send as a document", () => {
  it("broken anywhere: the guarded reader takes only what our writer writes, and what it takes Yjs reads alike [DO4] [DO6]", {
    timeout: patience(60_000),
  }, async () => {
    const base = (dice: Dice) => {
      const { from, elements } = honest(dice);
      return writeUpdate(name, from, elements);
    };
    await runCampaign({
      name: "update-bytes",
      count: effort(45_000, 5 * 45_000),
      make: (dice) => mutateBytes(base(dice), dice, base(dice)),
      attack: look,
      show: hex,
    });
  });

  it("rewritten by somebody who knows Yjs: clients, clocks, deletes, skips, parents, nested types [DO5] [DO6]", {
    timeout: patience(60_000),
  }, async () => {
    const base = (dice: Dice) => {
      const { from, elements } = honest(dice);
      return modelOf(name, from, elements);
    };
    await runCampaign({
      name: "update-structure",
      count: effort(60_000, 5 * 70_000),
      make: (dice) => mutateUpdate(base(dice), dice, base(dice)),
      attack: look,
      show: hex,
    });
    // Some edits change nothing that matters: the reader is not simply refusing everything.
    expect(accepted).toBeGreaterThan(100);
  });

  it("what our own writer writes is always taken [DO4]", async () => {
    await runCampaign({
      name: "update-honest",
      count: effort(3000, 15_000),
      make: honest,
      attack({ from, elements }) {
        const bytes = writeUpdate(name, from, elements);
        expect(hex(writeModel(modelOf(name, from, elements)))).toBe(hex(bytes));
        expect(readUpdate(name, bytes)).toEqual({ ok: true, value: { from, elements } });
        expectSameForYjs(bytes, from, elements);
      },
      show: (made) => JSON.stringify(made),
    });
  });

  it("a clock at the end of what a number can count is refused, not followed for ever [DO6]", () => {
    for (const clock of [2 ** 53 - 1, 2 ** 53 - 2, 2 ** 53 - 30_000]) {
      const model = modelOf(name, 1, ["a", "b", "c"]);
      const [section] = model.sections;
      const [struct] = section?.structs ?? [];
      if (!section || !struct) throw new Error("unreachable");
      section.clock = clock;
      struct.origin = [section.client, clock - 1];
      expect(readUpdate(name, writeModel(model)).ok).toBe(false);
    }
  });
});

describe("bytes that a client could send as a state vector", () => {
  it("broken anywhere: a length or nothing, in no time [DO6]", {
    timeout: patience(60_000),
  }, async () => {
    const base = (dice: Dice): Uint8Array => {
      if (dice.oneIn(2)) return writeStateVector(name, dice.of(nastyCounts));
      const entries = Array.from({ length: dice.below(5) }, () => [
        ...varUint(dice.of([writerOf(name), 1, ...nastyCounts])),
        ...varUint(dice.of(nastyCounts)),
      ]);
      return Uint8Array.from([...varUint(entries.length), ...entries.flat()]);
    };
    await runCampaign({
      name: "state-vectors",
      count: effort(30_000, 5 * 30_000),
      make: (dice) => mutateBytes(base(dice), dice, base(dice)),
      attack(bytes) {
        const length = readStateVector(name, bytes);
        if (length !== undefined) expect(length).toBeGreaterThanOrEqual(0);
      },
      show: hex,
    });
  });
});
