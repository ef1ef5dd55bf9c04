import * as encoding from "lib0/encoding";
import { writerOf } from "../../shared/documents/document-name.ts";
import { rootElementsMax, rootOf } from "../../shared/documents/update-writer.ts";
import type { Dice } from "./dice.ts";
import { mutateBytes, nastyCounts, varUint } from "./mutate-bytes.ts";

type Id = [client: number, clock: number];

/** One struct of a Yjs update, v1, every part of it open to change. */
interface Struct {
  /** content: 0 GC, 1 deleted, 2 JSON, 3 binary, 4 string, 5 embed, 6 format, 7 type, 8 any, 9 doc, 10 skip */
  ref: number;
  origin: Id | undefined;
  rightOrigin: Id | undefined;
  /** name of a root, or the item that holds the type */
  parent: string | Id | undefined;
  parentSub: string | undefined;
  /** what it says that it has */
  length: number;
  items: unknown[];
}

interface Section {
  client: number;
  clock: number;
  structs: Struct[];
  /** what it says that it has */
  count: number;
}

/** A Yjs update that need not make sense. */
export interface UpdateModel {
  sections: Section[];
  /** what it says that it has */
  count: number;
  deletes: { client: number; ranges: [clock: number, length: number][] }[];
  needless: number;
  tail: number[];
}

/** What the server writes for these elements. */
export function modelOf(name: string, from: number, elements: readonly string[]): UpdateModel {
  const client = writerOf(name);
  const structs: Struct[] = [];
  for (let start = from; start < from + elements.length; ) {
    const isFirst = start % rootElementsMax === 0;
    const room = rootElementsMax - (start % rootElementsMax);
    const items = elements.slice(start - from, start - from + room);
    structs.push({
      ref: 8,
      origin: isFirst ? undefined : [client, start - 1],
      rightOrigin: undefined,
      parent: isFirst ? rootOf(start) : undefined,
      parentSub: undefined,
      length: items.length,
      items,
    });
    start += items.length;
  }
  const section = { client, clock: from, structs, count: structs.length };
  return { sections: [section], count: 1, deletes: [], needless: 0, tail: [] };
}

const clients = (own: number): number[] => [own, 0, 1, own ^ 1, 2 ** 31, 2 ** 32 - 1, 2 ** 53 - 1];

type ModelEdit = (model: UpdateModel, dice: Dice, other: UpdateModel) => void;

const someSection = ({ sections }: UpdateModel, dice: Dice): Section | undefined =>
  sections.length === 0 ? undefined : dice.of(sections);

const someStruct = (model: UpdateModel, dice: Dice): Struct | undefined => {
  const structs = someSection(model, dice)?.structs ?? [];
  return structs.length === 0 ? undefined : dice.of(structs);
};

const edits: readonly ModelEdit[] = [
  function otherClient(model, dice) {
    const section = someSection(model, dice);
    if (section) section.client = dice.of(clients(section.client));
  },
  function otherClock(model, dice) {
    const section = someSection(model, dice);
    if (section)
      section.clock = dice.of([section.clock + 1, section.clock - 1, ...nastyCounts].map(Math.abs));
  },
  /** as if it stood at the end of what a number can count */
  function farAway(model, dice) {
    const section = someSection(model, dice);
    const struct = section?.structs[0];
    if (!section || !struct) return;
    section.clock = dice.of(nastyCounts) + dice.below(3);
    struct.origin = [section.client, Math.max(0, section.clock - 1)];
    struct.parent = undefined;
  },
  function addDeletes(model, dice) {
    const client = model.sections[0]?.client ?? 1;
    const range = (): [number, number] => [dice.of(nastyCounts), dice.of(nastyCounts)];
    model.deletes.push({
      client: dice.of(clients(client)),
      ranges: Array.from({ length: dice.below(3) }, range),
    });
  },
  function repeatSection(model, dice) {
    const section = someSection(model, dice);
    if (!section) return;
    model.sections.push(structuredClone(section));
    if (dice.oneIn(2)) model.count++;
  },
  function spliceSection(model, dice, other) {
    model.sections.splice(dice.below(2), 0, ...structuredClone(other.sections));
    if (dice.oneIn(2)) model.count = model.sections.length;
  },
  function wrongCount(model, dice) {
    const section = someSection(model, dice);
    if (section && dice.oneIn(2)) section.count = dice.of(nastyCounts);
    else model.count = dice.of(nastyCounts);
  },
  function wrongLength(model, dice) {
    const struct = someStruct(model, dice);
    if (struct) struct.length = dice.of(nastyCounts);
  },
  function otherContent(model, dice) {
    const struct = someStruct(model, dice);
    if (struct) struct.ref = dice.below(16);
  },
  function swallow(model, dice) {
    const section = someSection(model, dice);
    if (!section) return;
    const blank = { origin: undefined, rightOrigin: undefined, parent: undefined, items: [] };
    const struct = { ...blank, ref: dice.of([0, 10, 1]), length: dice.of(nastyCounts) };
    section.structs.splice(dice.below(2), 0, { ...struct, parentSub: undefined });
    section.count++;
  },
  function otherOrigin(model, dice) {
    const struct = someStruct(model, dice);
    const section = model.sections[0];
    if (!struct || !section) return;
    const id: Id = [dice.of(clients(section.client)), dice.of([section.clock, ...nastyCounts])];
    if (dice.oneIn(2)) struct.origin = dice.oneIn(3) ? undefined : id;
    else struct.rightOrigin = id;
  },
  function otherParent(model, dice) {
    const struct = someStruct(model, dice);
    if (!struct) return;
    struct.parent = dice.of([undefined, "", "1", "__proto__", "0\u0000", [1, 0] as Id, "x"]);
    if (dice.oneIn(2)) struct.origin = undefined;
  },
  function intoMap(model, dice) {
    const struct = someStruct(model, dice);
    if (struct) struct.parentSub = dice.of(["a", "__proto__", ""]);
  },
  function otherItems(model, dice) {
    const struct = someStruct(model, dice);
    if (!struct || struct.items.length === 0) return;
    struct.items[dice.below(struct.items.length)] = dice.of<unknown>([
      0,
      -1,
      1.5,
      null,
      undefined,
      true,
      ["x"],
      { a: "x" },
      new Uint8Array(3),
      2n ** 60n,
      "",
      "\u{1f600}",
      "x".repeat(200),
    ]);
  },
  function splitStruct(model, dice) {
    const section = someSection(model, dice);
    const struct = section?.structs[0];
    if (!section || !struct || struct.items.length < 2) return;
    const at = 1 + dice.below(struct.items.length - 1);
    const rest = { ...struct, items: struct.items.slice(at), length: struct.items.length - at };
    rest.origin = [section.client, section.clock + at - 1];
    rest.parent = undefined;
    struct.items = struct.items.slice(0, at);
    struct.length = at;
    section.structs.splice(1, 0, rest);
    section.count++;
  },
  (model, dice) => {
    model.needless = 1 + dice.below(3);
  },
  (model, dice) => {
    model.tail = [...dice.bytes(1 + dice.below(4))];
  },
];

/** One to three edits of what an update says; sometimes bytes are broken besides. */
export function mutateUpdate(model: UpdateModel, dice: Dice, other: UpdateModel): Uint8Array {
  const changed = structuredClone(model);
  for (let left = dice.few(3); left > 0; left--) dice.of(edits)(changed, dice, other);
  const bytes = writeModel(changed);
  return dice.oneIn(6) ? mutateBytes(bytes, dice, writeModel(other)) : bytes;
}

export function writeModel(model: UpdateModel): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [...varUint(model.count, model.needless)];
  for (const section of model.sections) {
    bytes.push(...varUint(section.count), ...varUint(section.client), ...varUint(section.clock));
    for (const struct of section.structs) bytes.push(...structBytes(struct));
  }
  bytes.push(...varUint(model.deletes.length));
  for (const { client, ranges } of model.deletes) {
    bytes.push(...varUint(client), ...varUint(ranges.length));
    for (const [clock, length] of ranges) bytes.push(...varUint(clock), ...varUint(length));
  }
  return Uint8Array.from([...bytes, ...model.tail]);
}

function structBytes(struct: Struct): number[] {
  const { ref, origin, rightOrigin, parent, parentSub, length, items } = struct;
  const encoder = encoding.createEncoder();
  const flags = (origin ? 0x80 : 0) | (rightOrigin ? 0x40 : 0) | (parentSub === undefined ? 0 : 32);
  encoding.writeUint8(encoder, flags | ref);
  const isItem = ref !== 0 && ref !== 10;
  if (isItem) {
    for (const id of [origin, rightOrigin])
      if (id) for (const part of id) encoding.writeVarUint(encoder, part);
    if (!origin && !rightOrigin) {
      encoding.writeVarUint(encoder, typeof parent === "object" ? 0 : 1);
      if (typeof parent === "object")
        for (const part of parent) encoding.writeVarUint(encoder, part);
      else encoding.writeVarString(encoder, parent ?? "");
      if (parentSub !== undefined) encoding.writeVarString(encoder, parentSub);
    }
  }
  if (ref === 3) encoding.writeVarUint8Array(encoder, new Uint8Array(5));
  else if (ref === 4) encoding.writeVarString(encoder, items.map(String).join(""));
  else if (ref === 5) encoding.writeVarString(encoder, "{}");
  else if (ref === 6) for (const text of ["b", "true"]) encoding.writeVarString(encoder, text);
  else if (ref === 7) encoding.writeVarUint(encoder, length % 8);
  else {
    encoding.writeVarUint(encoder, length);
    for (const item of items)
      if (ref === 2) encoding.writeVarString(encoder, String(item));
      else if (ref === 8) encoding.writeAny(encoder, item as string);
  }
  return [...encoding.toUint8Array(encoder)];
}
