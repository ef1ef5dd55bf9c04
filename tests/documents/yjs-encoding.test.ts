import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { writerOf } from "../../shared/documents/document-name.ts";
import { readStateVector, writeStateVector } from "../../shared/documents/state-vector.ts";
import { readUpdate } from "../../shared/documents/update-reader.ts";
import { rootElementsMax, rootOf, writeUpdate } from "../../shared/documents/update-writer.ts";

const name = "journal/1/s1/2026-11";

describe("documents", () => {
  it("our bytes are the bytes that Yjs writes for the same pushes [DO1]", () => {
    void fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 20 }),
        (elements) => {
          const doc = new Y.Doc();
          doc.clientID = writerOf(name);
          doc.transact(() => doc.getArray("0").push(elements));
          expect(Buffer.from(writeUpdate(name, 0, elements))).toEqual(
            Buffer.from(Y.encodeStateAsUpdate(doc)),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it("updates written apart merge into one item whose state vector is one number [DO2]", () => {
    const elements = Array.from({ length: 500 }, (_, index) => `element ${index}`);
    const doc = new Y.Doc();
    for (let at = 0; at < elements.length; at += 7)
      Y.applyUpdate(doc, writeUpdate(name, at, elements.slice(at, at + 7)));
    expect(doc.getArray("0").toArray()).toEqual(elements);
    expect(Buffer.from(Y.encodeStateAsUpdate(doc))).toEqual(
      Buffer.from(writeUpdate(name, 0, elements)),
    );
    expect(Buffer.from(Y.encodeStateVector(doc))).toEqual(Buffer.from(writeStateVector(name, 500)));
    expect(readStateVector(name, Y.encodeStateVector(doc))).toBe(500);
    expect(doc.store.clients.get(writerOf(name))).toHaveLength(1);
  });

  it("a new root array begins every 30,000 elements, and Yjs reads on [DO3]", () => {
    const elements = Array.from({ length: rootElementsMax * 2 + 3 }, (_, index) => `${index}`);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, writeUpdate(name, 0, elements));
    expect(doc.getArray(rootOf(0)).length).toBe(rootElementsMax);
    expect(doc.getArray("2").toArray()).toEqual(["60000", "60001", "60002"]);
    const read = readUpdate(name, writeUpdate(name, 29_990, elements.slice(29_990, 30_010)));
    expect(read).toEqual({
      ok: true,
      value: { from: 29_990, elements: elements.slice(29_990, 30_010) },
    });
  });

  it("the reader accepts exactly what the writer writes: every flipped bit is refused or reads as other text [DO4]", () => {
    const bytes = writeUpdate(name, 3, ["alpha", "贝塔"]);
    for (let at = 0; at < bytes.length * 8; at++) {
      const broken = bytes.slice();
      broken[at >> 3] = (broken[at >> 3] ?? 0) ^ (1 << (at & 7));
      const read = readUpdate(name, broken);
      if (read.ok)
        expect(Buffer.from(writeUpdate(name, read.value.from, read.value.elements))).toEqual(
          Buffer.from(broken),
        );
    }
  });

  it.each<[string, (doc: Y.Doc) => void]>([
    ["another writer", (doc) => doc.getArray("0").push(["x"])],
    ["a map", (doc) => void as(doc).getMap("0").set("a", "x")],
    ["another root", (doc) => as(doc).getArray("1").push(["x"])],
    ["a number", (doc) => as(doc).getArray("0").push([1])],
    ["a nested type", (doc) => as(doc).getArray("0").push([new Y.Array()])],
    [
      "an insertion before the end",
      (doc) => {
        as(doc).getArray("0").push(["b"]);
        doc.getArray("0").insert(0, ["a"]);
      },
    ],
    [
      "a deletion",
      (doc) => {
        as(doc).getArray("0").push(["a", "b"]);
        doc.getArray("0").delete(0, 1);
      },
    ],
  ])("%s is not ours and is refused [DO5]", (_, write) => {
    const doc = new Y.Doc();
    write(doc);
    expect(readUpdate(name, Y.encodeStateAsUpdate(doc)).ok).toBe(false);
  });

  it("nothing is said in two bytes only, not in more [DO4]", () => {
    expect(readUpdate(name, Uint8Array.of(0, 0)).ok).toBe(true);
    for (const bytes of [
      [0x80, 0, 0],
      [0, 0x80, 0],
      [0x80, 0, 0x80, 0],
      [0, 0, 0],
    ])
      expect(readUpdate(name, Uint8Array.from(bytes)).ok).toBe(false);
  });

  it("no bytes make the reader throw, and it allocates no more than it was given [DO6]", () => {
    void fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        readUpdate(name, bytes);
        readStateVector(name, bytes);
      }),
      { numRuns: 2000 },
    );
    const huge = new Uint8Array([
      1,
      1,
      ...varUint(writerOf(name)),
      0,
      8,
      1,
      1,
      48,
      255,
      255,
      255,
      127,
    ]);
    expect(readUpdate(name, huge).ok).toBe(false);
  });
});

function as(doc: Y.Doc): Y.Doc {
  doc.clientID = writerOf(name);
  return doc;
}

function varUint(value: number): number[] {
  const bytes = [];
  let left = value;
  while (left > 127) {
    bytes.push((left % 128) | 128);
    left = Math.floor(left / 128);
  }
  return [...bytes, left];
}
