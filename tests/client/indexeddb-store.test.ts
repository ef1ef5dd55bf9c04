import "fake-indexeddb/auto";
import { afterEach, describe, expect, test } from "vitest";
import type { YoubeiDatabase } from "../../client/adapters/database.ts";
import { createIndexedDbPages } from "../../client/adapters/indexeddb-pages.ts";
import { createIndexedDbStore } from "../../client/adapters/indexeddb-store.ts";
import { openDatabase } from "../../client/adapters/open-database.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import { replicaStoreContract } from "../contracts/replica-store-contract.ts";
import { statePagesContract } from "../contracts/state-pages-contract.ts";

const ignore = { onBlocked: () => undefined, onGivenUp: () => undefined };
const november = "journal/1/shop/2026-11";
let names = 0;

replicaStoreContract("IndexedDB", () => {
  const name = `contract-${names++}`;
  return {
    open: async () => createIndexedDbStore(await openDatabase(name, ignore)),
    dispose: () => undefined,
  };
});

statePagesContract("IndexedDB", () => {
  const name = `pages-${names++}`;
  return {
    open: async () => createIndexedDbPages(await openDatabase(name, ignore)),
    dispose: () => undefined,
  };
});

describe("IndexedDB", () => {
  const opened: YoubeiDatabase[] = [];
  const openNew = async (name = `store-${names++}`) => {
    const db = await openDatabase(name, ignore);
    opened.push(db);
    return { db, name, store: createIndexedDbStore(db) };
  };
  afterEach(() => {
    for (const db of opened.splice(0)) db.close();
  });

  test("a damaged page ends its document there, is kept aside and can be fetched again", async () => {
    const { db, name, store } = await openNew();
    await store.commit({ append: [{ name: november, from: 0, elements: ["a", "b"] }] });
    await store.commit({ append: [{ name: november, from: 2, elements: ["c"] }] });
    await store.commit({ append: [{ name: november, from: 3, elements: ["d"] }] });
    const page = await db.pages.get([november, 2]);
    if (page) await db.pages.put({ ...page, bytes: page.bytes.map((byte) => byte ^ 1) });
    await store.close();

    const again = await openNew(name);
    const state = await again.store.load();
    expect(state.documents).toEqual([{ name: november, length: 2 }]);
    expect(state.damaged).toHaveLength(1);
    expect(await again.db.aside.count()).toBe(2);
    await again.store.commit({ append: [{ name: november, from: 2, elements: ["c", "d", "e"] }] });
    expect(await again.store.read(november, 0, 10)).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("a damaged outbox row is reported and hides no other", async () => {
    const { db, name, store } = await openNew();
    const runs = ["x", "y"].map((seal) => ({ operations: [seal], seal }));
    await store.commit({ outboxAdd: runs });
    const row = await db.outbox.where("seal").equals("x").first();
    if (row) await db.outbox.put({ ...row, text: row.text.replace("x", "z") });
    await store.close();

    const { outbox, damaged } = await (await openNew(name)).store.load();
    expect(outbox.map(({ seal }) => seal)).toEqual(["y"]);
    expect(damaged).toEqual([{ where: "outbox", what: "row 1" }]);
  });

  test("many small pages become few, and read the same", async () => {
    const { db, store } = await openNew();
    await store.load();
    const elements = Array.from({ length: 400 }, (_, at) => `{"n":${at}}`);
    for (const [at, element] of elements.entries())
      await store.commit({ append: [{ name: november, from: at, elements: [element] }] });
    expect(await store.read(november, 0, 1000)).toEqual(elements);
    expect(await db.pages.count()).toBeLessThan(200);
  });

  test("elements beyond a page's size are cut into pages of at most 1 MiB", async () => {
    const { db, store } = await openNew();
    const elements = Array.from({ length: 60 }, (_, at) => `${at}`.padEnd(60_000, "x"));
    await store.commit({ append: [{ name: november, from: 0, elements }] });
    const sizes = (await db.pages.toArray()).map(({ bytes }) => bytes.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
    expect(await store.read(november, 50, 10)).toEqual(elements.slice(50));
  });

  test("a full disk is told as such, and nothing of the change is there", async () => {
    const { db, store } = await openNew();
    const full = new DOMException("no room", "QuotaExceededError");
    db.settings.hook("creating", () => {
      throw full;
    });
    const change = {
      append: [{ name: november, from: 0, elements: ["a"] }],
      settings: { a: "1" },
    };
    await expect(store.commit(change)).rejects.toMatchObject({
      name: "StoreFault",
      reason: "full",
    });
    expect(await db.pages.count()).toBe(0);
  });

  test("a browser that refuses storage is told as such", async () => {
    const real = globalThis.indexedDB;
    const refusing = { ...real, open: () => refuse() };
    const refuse = (): never => {
      throw new DOMException("denied", "SecurityError");
    };
    Object.defineProperty(globalThis, "indexedDB", { value: undefined, configurable: true });
    try {
      await expect(openDatabase("refused", ignore)).rejects.toBeInstanceOf(StoreFault);
      expect(() => refusing.open()).toThrow();
    } finally {
      Object.defineProperty(globalThis, "indexedDB", { value: real, configurable: true });
    }
  });
});
