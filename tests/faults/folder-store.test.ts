import { describe, expect, test } from "vitest";
import { createFolderStore } from "../../server/adapters/folder-store.ts";
import type { Files } from "../../server/storage/files.ts";
import { type ReplicaStore, type StoreChange, StoreFault } from "../../shared/replica/ports.ts";
import { ForgetfulFiles } from "../harness/forgetful-files.ts";

const november = "journal/1/shop/2026-11";
const december = "journal/1/shop/2026-12";

/** What a server and a device store, in every combination of files. */
const changes: StoreChange[] = [
  { append: [{ name: "authority", from: 0, elements: ["entry 0", "entry 1"] }] },
  { append: [{ name: november, from: 0, elements: ["a", "b", "c"] }] },
  { keysAdd: [["d@shop:1", "key 1"]] },
  {
    outboxAdd: [{ operations: ["o1", "o2"], seal: "seal 1" }],
    keysAdd: [["d@shop:2", "key 2"]],
    settings: { staff: "wang" },
  },
  {
    append: [
      { name: november, from: 3, elements: ["d"] },
      { name: december, from: 0, elements: ["e", "f"] },
    ],
    outboxRemove: ["seal 1"],
  },
  { append: [{ name: december, from: 2, elements: ["g"] }] },
  { settings: { staff: undefined, month: "2026-12" } },
  {
    append: [{ name: december, from: 3, elements: ["h"] }],
    outboxAdd: [{ operations: ["o3"], seal: "seal 2" }],
  },
];

const open = (files: Files): ReplicaStore => createFolderStore("/data", { files });

/** Everything that can be read, in one value to compare. */
async function contentOf(store: ReplicaStore) {
  const { documents, outbox, keys, settings } = await store.load();
  const elements: Record<string, string[]> = {};
  for (const { name, length } of documents)
    if (length > 0) elements[name] = await store.read(name, 0, 100);
  return { elements, outbox, keys, settings };
}

/** What should be there after the first n changes. */
async function expected(count: number) {
  const store = open(new ForgetfulFiles());
  for (const change of changes.slice(0, count)) await store.commit(change);
  return contentOf(store);
}

/** @returns how many changes were acknowledged before the process died */
async function commitUntilDeath(files: Files): Promise<number> {
  const store = open(files);
  let acknowledged = 0;
  try {
    for (const change of changes) {
      await store.commit(change);
      acknowledged++;
    }
  } catch {
    return acknowledged;
  }
  return acknowledged;
}

async function stepsOfAll(): Promise<number> {
  const files = new ForgetfulFiles();
  await commitUntilDeath(files);
  return files.steps;
}

const deaths: [string, (files: ForgetfulFiles, step: number) => void][] = [
  ["power is cut: what was not synced is gone", (files) => files.loseUnsynced()],
  ["the process is killed: what was written is there", (files) => files.restart()],
  [
    "power is cut and writes are torn",
    (files, step) => files.tearUnsynced((bytes) => (step * 7919) % (bytes + 1)),
  ],
];

const goesOn: [string, (store: ReplicaStore, files: ForgetfulFiles) => ReplicaStore][] = [
  ["the disk fails for a while", (store) => store],
  ["the process is killed", (_store, files) => open(files)],
];

describe.each(goesOn)("%s, and later the power is cut", (_what, goOn) => {
  test("at every step: what was acknowledged after the first trouble is there [J8]", async () => {
    const steps = await stepsOfAll();
    const whole = await expected(changes.length);
    for (let step = 0; step <= steps; step++) {
      const files = new ForgetfulFiles();
      let store = open(files);
      files.dieAfter(step);
      for (const change of changes) {
        const isDone = await store.commit(change).then(
          () => true,
          () => false,
        );
        if (isDone) continue;
        files.restart();
        store = goOn(store, files);
        const before = JSON.stringify(await contentOf(store));
        // What was being written when it was killed may be there already.
        const isThere = before === JSON.stringify(await expected(changes.indexOf(change) + 1));
        if (!isThere) await store.commit(change);
      }
      files.loseUnsynced();
      expect({ step, content: await contentOf(open(files)) }).toEqual({ step, content: whole });
    }
  });
});

describe.each(deaths)("%s", (_death, die) => {
  test("at every step: what was acknowledged is there, the rest wholly or not at all", async () => {
    const steps = await stepsOfAll();
    expect(steps).toBeGreaterThan(40);
    const states = await Promise.all([...changes, {}].map((_, count) => expected(count)));
    for (let step = 0; step <= steps; step++) {
      const files = new ForgetfulFiles();
      files.dieAfter(step);
      const acknowledged = await commitUntilDeath(files);
      die(files, step);
      const store = open(files);
      const content = await contentOf(store);
      const found = states.findIndex((state) => JSON.stringify(state) === JSON.stringify(content));
      expect([step, found >= acknowledged && found <= acknowledged + 1]).toEqual([step, true]);
      for (const change of changes.slice(found)) await store.commit(change);
      const all = { step, content: await contentOf(store) };
      expect(all).toEqual({ step, content: states.at(-1) });
      expect({ step, content: await contentOf(open(files)) }).toEqual(all);
    }
  });
});

test("a store that does not sync is found out by the same trial", async () => {
  const files = new ForgetfulFiles();
  const lazy: Files = {
    stat: (path) => files.stat(path),
    list: (folder) => files.list(folder),
    makeFolder: (path) => files.makeFolder(path),
    rename: (from, to) => files.rename(from, to),
    remove: (path) => files.remove(path),
    syncFolder: (path) => files.syncFolder(path),
    open: async (path) => ({ ...(await files.open(path)), sync: async () => undefined }),
  };
  expect(await commitUntilDeath(lazy)).toBe(changes.length);
  files.loseUnsynced();
  const content = await contentOf(open(files)).catch(() => undefined);
  expect(content).not.toEqual(await expected(changes.length));
});

test("a full disk: nothing is half-written, and with space all goes on", async () => {
  for (let room = 0; room < 2000; room += 13) {
    const files = new ForgetfulFiles();
    const store = open(files);
    await store.load();
    files.fillUpAfter(room);
    let done = 0;
    let fault: unknown;
    try {
      for (const change of changes) {
        await store.commit(change);
        done++;
      }
    } catch (error) {
      fault = error;
    }
    if (done === changes.length) return;
    expect(fault).toBeInstanceOf(StoreFault);
    expect((fault as StoreFault).reason).toBe("full");
    expect(await contentOf(store)).toEqual(await expected(done));
    files.restart();
    for (const change of changes.slice(done)) await store.commit(change);
    expect(await contentOf(store)).toEqual(await expected(changes.length));
    expect(await contentOf(open(files))).toEqual(await expected(changes.length));
  }
  throw new Error("the disk never had room enough");
});

test("what a failed write left behind is gone before the next, smaller one", async () => {
  const files = new ForgetfulFiles();
  const store = open(files);
  await store.commit({ append: [{ name: november, from: 0, elements: ["a"] }] });
  files.fillUpAfter(500);
  const large = { append: [{ name: november, from: 1, elements: ["x".repeat(5000)] }] };
  await expect(store.commit(large)).rejects.toMatchObject({ reason: "full" });
  files.restart();
  await store.commit({ append: [{ name: november, from: 1, elements: ["b"] }] });
  const again = open(files);
  expect((await again.load()).damaged).toEqual([]);
  expect(await again.read(november, 0, 9)).toEqual(["a", "b"]);
});

describe("damage on disk", () => {
  async function filled() {
    const files = new ForgetfulFiles();
    const store = open(files);
    for (const change of changes) await store.commit(change);
    await store.close();
    const path = files.paths().find((one) => one.endsWith("2026-11.records")) ?? "";
    return { files, path };
  }

  test("any flipped bit is reported, kept aside, and the elements before it are served", async () => {
    const { files, path } = await filled();
    const content = files.content(path);
    for (let at = 0; at < content.length; at++) {
      const damaged = files.copy();
      const bytes = content.slice();
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      damaged.change(path, bytes);
      const store = open(damaged);
      const { damaged: found, documents } = await store.load();
      expect([at, found.length > 0]).toEqual([at, true]);
      const length = documents.find(({ name }) => name === november)?.length ?? 0;
      expect(await store.read(november, 0, 10)).toEqual(["a", "b", "c", "d"].slice(0, length));
      expect(await store.read(december, 0, 10)).toEqual(["e", "f", "g", "h"]);
      expect(damaged.paths().some((one) => one.startsWith("/data/damaged/"))).toBe(true);
    }
  });

  test("a hole is filled by what is fetched again, and what lies behind it comes back", async () => {
    const { files, path } = await filled();
    const bytes = files.content(path).slice();
    bytes[30] = (bytes[30] ?? 0) ^ 1;
    files.change(path, bytes);
    const store = open(files);
    expect((await store.load()).documents.find(({ name }) => name === november)?.length).toBe(0);
    await store.commit({ append: [{ name: november, from: 0, elements: ["a", "b", "c"] }] });
    expect(await store.read(november, 0, 10)).toEqual(["a", "b", "c", "d"]);
    const again = open(files);
    await again.load();
    expect(await again.read(november, 0, 10)).toEqual(["a", "b", "c", "d"]);
  });

  test("a torn tail is cut off and told; the store goes on", async () => {
    const { files, path } = await filled();
    const whole = files.content(path);
    const torn = new Uint8Array([...whole, ...whole.slice(0, 20)]);
    files.change(path, torn);
    const store = open(files);
    const { damaged, documents } = await store.load();
    expect(damaged.map(({ what }) => what)).toEqual([expect.stringContaining("torn tail")]);
    expect(documents.find(({ name }) => name === november)?.length).toBe(4);
    await store.commit({ append: [{ name: november, from: 4, elements: ["i"] }] });
    const again = open(files);
    expect((await again.load()).damaged).toEqual([]);
    expect(await again.read(november, 4, 1)).toEqual(["i"]);
  });
});

test("storage that is not allowed, or broken, says which", async () => {
  for (const [code, reason] of [
    ["EACCES", "refused"],
    ["EROFS", "refused"],
    ["EDQUOT", "full"],
    ["EIO", "broken"],
  ]) {
    const files = new ForgetfulFiles();
    const broken: Files = Object.assign(Object.create(files), {
      open: async () => {
        throw Object.assign(new Error(code), { code });
      },
      makeFolder: (path: string) => files.makeFolder(path),
      syncFolder: (path: string) => files.syncFolder(path),
      stat: (path: string) => files.stat(path),
      list: (path: string) => files.list(path),
    });
    const store = open(broken);
    await expect(store.commit({ settings: { a: "b" } })).rejects.toMatchObject({ reason });
  }
});
