import * as encoding from "lib0/encoding";
import { writeStateVector } from "../../shared/documents/state-vector.ts";
import { writeUpdate } from "../../shared/documents/update-writer.ts";
import { sessionMessageType } from "../../shared/sync/messages.ts";
import type { Corpus } from "./corpus.ts";
import type { Dice } from "./dice.ts";
import { mutateBytes, nastyCounts } from "./mutate-bytes.ts";
import { mutateTree, roughen, type Tree, writeTree } from "./mutate-json.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A y-websocket frame: message type, then its parts. */
export function frameOf(type: number, ...parts: readonly (number | Uint8Array)[]): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, type);
  for (const part of parts)
    if (typeof part === "number") encoding.writeVarUint(encoder, part);
    else encoding.writeVarUint8Array(encoder, part);
  return encoding.toUint8Array(encoder);
}

/** Our own message, of any text. */
const sessionFrame = (text: string): Uint8Array => frameOf(sessionMessageType, utf8(text));

/** Sync steps, awareness and what is neither, as a stock client or somebody worse would send it. */
export function syncFrames(name: string, dice: Dice): Uint8Array {
  const awareness = (state: string) =>
    Uint8Array.from([1, dice.below(128), 1, utf8(state).length % 128, ...utf8(state)]);
  return dice.of([
    () => frameOf(0, 0, writeStateVector(name, dice.of([0, 1, 5, 60, ...nastyCounts]))),
    () => frameOf(0, 1, Uint8Array.of(0, 0)),
    () => frameOf(0, dice.of([1, 2]), writeUpdate(name, dice.below(80), ["x"])),
    () => frameOf(0, 2, Uint8Array.of(0, 1, 1, 1, 0, 100)),
    () => frameOf(0, dice.of(nastyCounts), dice.bytes(5)),
    () => frameOf(1, awareness(dice.of(["{}", "null", '{"name":"x"}', "["]))),
    () => frameOf(3),
    () => frameOf(2, 0, utf8("denied")),
    () => frameOf(dice.of([4, 77, 101, ...nastyCounts]), dice.bytes(dice.below(20))),
  ])();
}

/** One of these messages, its text or its bytes broken on the way. */
export function messageFrame(messages: readonly Tree[], dice: Dice): Uint8Array {
  const message = dice.of(messages);
  const tree = dice.oneIn(10) ? message : mutateTree(message, dice, dice.of(messages));
  const text = writeTree(tree);
  const frame = sessionFrame(dice.oneIn(8) ? roughen(text, dice) : text);
  return dice.oneIn(8) ? mutateBytes(frame, dice, sessionFrame("{}")) : frame;
}

const many = <Item>(count: number, item: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => item(index));

const hash = "A".repeat(43);

/** What a device may say, all of it well-formed; some of it as much as fits. */
export function deviceMessages({ runs, known, members, keys }: Corpus): Tree[] {
  const submits = runs.slice(0, known).map((run, id) => ({
    type: "submit",
    id,
    run: { operations: [...run.operations], seal: run.seal },
  }));
  return [
    ...submits,
    ...members.map((member) => ({ type: "value-request", id: 9, member, amount: 100_000_000_00 })),
    { type: "heads", heads: [["till1@s1", 3, hash]], complete: true, persisted: true },
    {
      type: "heads",
      heads: many(
        4096,
        (index) =>
          ["crook@s", "srv1@s"].map((start) => [`${start}${index}`, 7, hash])[index % 2] as Tree,
      ),
      complete: false,
      persisted: false,
    },
    { type: "keys-put", id: 3, keys: keys.map((entry) => [...entry]) },
    { type: "keys-put", id: 4, keys: many(40, (index) => [`crook@s1:${900 + index}`, hash]) },
    { type: "keys-put", id: 6, keys: members.map((member) => [member, hash]) },
    { type: "keys-put", id: 5, keys: [[`crook@${"店".repeat(90)}:1`, hash]] },
    { type: "want", chain: "till1@s1", from: 0 },
    { type: "want", chain: "crook@zz", from: 2 ** 53 - 1 },
    { type: "want-branch", head: hash },
    { type: "keys-get", generation: 1, from: 0 },
    { type: "keys-get", generation: 2 ** 53 - 1, from: 2 ** 53 - 1 },
  ];
}

/** What a server may say, all of it well-formed. */
export function serverMessages({ keys, runs }: Corpus): Tree[] {
  const heads = [["till1@s1", 13, hash] as Tree, ["crook@s1", 2 ** 53 - 1, hash] as Tree];
  return [
    {
      type: "documents",
      term: 1,
      documents: [
        { name: "authority", length: 6, running: false },
        { name: "journal/1/s1/2026-11", length: 30, running: true },
        { name: "journal/1/s1/2026-10", length: 2 ** 53 - 1, running: false },
        { name: "journal/9/zz/1999-12", length: 5, running: false },
        { name: "../../etc", length: 1, running: false },
      ],
    },
    { type: "heads", heads, branches: [hash] },
    { type: "accepted", id: 1, chain: "pc1@s1", next: 1 },
    { type: "accepted", id: 2 ** 53 - 1, chain: "pc1@s1", next: 2 ** 53 - 1 },
    { type: "refused", id: 1, code: "gap", next: 0 },
    { type: "refused", id: 2, code: "store-full" },
    { type: "refused", id: 2, code: "fork", next: 1 },
    { type: "want", chain: "pc1@s1", from: 0 },
    { type: "want", chain: "till1@s1", from: 2 ** 53 - 1 },
    { type: "keys-accepted", id: 1 },
    { type: "keys", generation: 1, from: 0, total: 6, keys: keys.map((entry) => [...entry]) },
    { type: "keys", generation: 7, from: 2 ** 53 - 1, total: 2 ** 53 - 1, keys: [] },
    { type: "keys", generation: 1, from: 0, total: 9, keys: [["till1@s1:0", hash]] },
    {
      type: "holders",
      holders: [
        { device: "srv1", complete: true, online: true, heads },
        { device: "pc1", complete: true, online: true, heads: [] },
      ],
    },
    { type: "value-answer", id: 1, refusal: "not-enough", available: 5 },
    { type: "value-answer", id: 2 },
    {
      type: "runs",
      runs: runs.slice(0, 2).map(({ operations, seal }) => ({ operations: [...operations], seal })),
    },
  ];
}
