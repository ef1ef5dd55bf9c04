import { expect, test } from "vitest";
import * as Y from "yjs";
import { createSnapshot } from "../../server/snapshots/create-snapshot.ts";
import {
  listSnapshots,
  readSnapshot,
  type SnapshotListing,
} from "../../server/snapshots/list-snapshots.ts";
import { verifySnapshot } from "../../server/snapshots/verify-snapshot.ts";
import { pageBytesMax, writeDocument } from "../../server/snapshots/write-document.ts";
import { authorityDocument, journalDocument } from "../../shared/documents/document-name.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { jsSignatures, month, startMs } from "../harness/organisation.ts";
import { lastMonth, pagesOf, ServerDisk } from "../harness/server-disk.ts";
import { addMember } from "../harness/shop.ts";

const october = journalDocument(1, "s1", lastMonth);
const november = journalDocument(1, "s1", month);
const checks = { signatures: jsSignatures, nowMs: startMs };

test("a document of a snapshot opens with plain Yjs, page after page", async () => {
  const disk = await ServerDisk.open();
  const { manifest } = await disk.snapshot();
  const { authority, documents } = disk.organisation;
  for (const [name, elements] of [[authorityDocument, authority] as const, ...documents]) {
    const doc = new Y.Doc();
    for (const page of pagesOf(manifest, name))
      Y.applyUpdate(doc, disk.files.content(disk.blobPath(page)));
    expect(doc.getArray("0").toArray()).toEqual(elements);
  }
});

test("a long document is cut into pages that hold every element once", async () => {
  const disk = await ServerDisk.open();
  await disk.folder.prepare();
  const elements = Array.from({ length: 4321 }, (_, at) => `${at} ${"x".repeat((at * 7) % 900)}`);
  const read = async (_: string, from: number, most: number) => elements.slice(from, from + most);
  const writePage = async (bytes: Uint8Array) => {
    const { isNew, ...blob } = await disk.folder.writeBlob(bytes);
    return blob;
  };
  const write = (length: number, memory = new Map()) =>
    writeDocument({ name: november, length }, { read }, writePage, memory, new Set());
  const { document } = await write(elements.length);
  const doc = new Y.Doc();
  for (const page of document.pages) {
    const bytes = disk.files.content(disk.blobPath(page));
    expect(bytes.length).toBeLessThan(pageBytesMax + 100);
    Y.applyUpdate(doc, bytes);
  }
  expect(doc.getArray("0").toArray()).toEqual(elements);
  expect(document.pages.length).toBeGreaterThan(5);

  const earlier = await write(4000);
  const kept = earlier.document.pages.slice(0, -1);
  expect(document.pages.slice(0, kept.length)).toEqual(kept);
  const memory = new Map();
  await write(4000, memory);
  expect((await write(elements.length, memory)).document).toEqual(document);
});

test("a snapshot says what it holds, and everything is rebuilt from it alone", async () => {
  const disk = await ServerDisk.open();
  const { manifest } = await disk.snapshot({ reason: "before the inventory" });
  const report = await verifySnapshot(disk.folder, manifest.id, checks);
  expect(report.damage).toEqual([]);
  expect(report.ok).toBe(true);
  expect(report.state).toEqual(summarise(disk.organisation.serverLedger));
  expect(manifest).toMatchObject({
    reason: "before the inventory",
    organisation: { id: "testorg", name: "云水间" },
    term: 1,
    server: "srv1",
    state: { counts: { members: 12, operations: 36 } },
    keyring: { count: 12, missing: { count: 0 } },
  });
  expect(report.keys).toEqual([...disk.organisation.keys]);
  expect(report.checked.seals).toBe(36);
});

test("months that did not change cost nothing", async () => {
  const disk = await ServerDisk.open();
  const before = (await disk.snapshot()).manifest;
  const blobs = new Set(disk.blobs());
  await disk.trade(3);
  disk.memory.clear();
  const after = (await disk.snapshot()).manifest;
  expect(pagesOf(after, october)).toEqual(pagesOf(before, october));
  const fresh = disk.blobs().filter((path) => !blobs.has(path));
  const running = [...pagesOf(after, november), ...after.keyring.pages].map(disk.blobPath);
  expect(fresh.sort()).toEqual(running.sort());
});

test("an automatic snapshot is not written again while nothing has changed", async () => {
  const disk = await ServerDisk.open();
  const first = await disk.snapshot();
  const again = await disk.snapshot({ unlessSame: true });
  expect(again).toEqual({ isNew: false, manifest: first.manifest });
  expect((await disk.snapshot({ reason: "by hand" })).isNew).toBe(true);
  await disk.trade(1);
  expect((await disk.snapshot({ unlessSame: true })).isNew).toBe(true);
});

test("a lost blob is written again by the next snapshot, a damaged one put right", async () => {
  const disk = await ServerDisk.open();
  const { manifest } = await disk.snapshot();
  const [first, second] = [pagesOf(manifest, october)[0], pagesOf(manifest, authorityDocument)[0]];
  if (!first || !second) throw new Error("two documents");
  disk.files.change(disk.blobPath(first), undefined);
  disk.files.change(disk.blobPath(second), new Uint8Array(second.bytes));
  await disk.snapshot({ unlessSame: true });
  expect((await verifySnapshot(disk.folder, manifest.id, checks)).damage).toEqual([]);
});

test("a snapshot taken while the shop goes on is of one instant", async () => {
  const disk = await ServerDisk.open();
  const store = disk.live();
  const { till, organisation } = disk;
  const source = await disk.source(store);
  const cut = summarise(organisation.serverLedger);
  let reads = 0;
  const { manifest } = await disk.snapshot({
    source: {
      ...source,
      async read(name, from, most) {
        // A sale between any two reads, and a member whose key is durable before the operation.
        const member = await addMember(
          till.replica,
          "新会员",
          `139${String(reads++).padStart(8, "0")}`,
        );
        const grown = store.content.documents.get(november) ?? [];
        const [run] = await till.replica.runsFrom(
          till.replica.chain,
          Number(member.split(":")[1]),
          1,
        );
        if (run) grown.push(...run.operations, run.seal);
        return store.read(name, from, most);
      },
      keys: () => [...till.replica.keys()],
    },
  });
  expect(reads).toBeGreaterThan(2);
  expect(manifest.keyring.count).toBe(12 + reads);
  const report = await verifySnapshot(disk.folder, manifest.id, checks);
  expect(report.damage).toEqual([]);
  expect(report.state).toEqual(cut);
});

test("keys that come while the keyring is written leave the version whole", async () => {
  const disk = await ServerDisk.open();
  const source = await disk.source();
  const keys = [...source.keys()];
  const growing = () => {
    queueMicrotask(() => keys.push(["till1@s1:99", "A".repeat(43)]));
    return keys;
  };
  const { manifest } = await disk.snapshot({ source: { ...source, keys: growing } });
  expect((await verifySnapshot(disk.folder, manifest.id, checks)).damage).toEqual([]);
});

test("a member whose key the server does not have is named as missing", async () => {
  const disk = await ServerDisk.open();
  const [lost = ""] = disk.members;
  disk.organisation.keys.delete(lost);
  const { manifest } = await disk.snapshot();
  expect(manifest.keyring.missing).toEqual({ count: 1, members: [lost] });
  const report = await verifySnapshot(disk.folder, manifest.id, checks);
  expect(report).toMatchObject({ ok: true, missingKeys: 1 });
});

test("documents that are not what was folded never become a version", async () => {
  const disk = await ServerDisk.open();
  const store = disk.live();
  const elements = store.content.documents.get(october) ?? [];
  const at = elements.findIndex((text) => text.includes('"principal":10000'));
  elements[at] = (elements[at] ?? "").replace('"principal":10000', '"principal":90000');
  const { organisation, memory } = disk;
  const created = await createSnapshot(
    {
      folder: disk.folder,
      source: await disk.source(store),
      clock: organisation.clock,
      random: organisation.random,
      memory,
    },
    { reason: "by hand", unlessSame: false },
  );
  expect(created).toEqual({ ok: false, refusal: "damaged" });
  expect(await listSnapshots(disk.folder)).toEqual({ snapshots: [], unreadable: [] });
});

test.each(["killed", "without power"])(
  "a server that is %s at any step leaves whole snapshots and lists no half one",
  async (how) => {
    const disk = await ServerDisk.open();
    const { manifest } = await disk.snapshot();
    await disk.trade(2);
    const source = await disk.source();
    const before = disk.files;
    let steps = 0;
    for (let isDone = false; !isDone; steps++) {
      disk.files = before.copy();
      disk.memory.clear();
      disk.files.dieAfter(steps);
      isDone = await disk.snapshot({ source }).then(
        () => true,
        (fault: Error) => fault.message.startsWith("EKILLED") && false,
      );
      if (how === "killed") disk.files.restart();
      else disk.files.loseUnsynced();
      const { snapshots, unreadable } = await listSnapshots(disk.folder);
      expect(unreadable).toEqual([]);
      expect(snapshots[0]?.id).toBe(manifest.id);
      if (isDone) expect(snapshots.length).toBe(2);
      for (const { id } of snapshots)
        expect((await verifySnapshot(disk.folder, id, checks)).damage).toEqual([]);
      await disk.snapshot({ source });
      expect(disk.files.paths().filter((path) => path.endsWith(".new"))).toEqual([]);
    }
    expect(steps).toBeGreaterThan(15);
  },
);

test("on a full disk it says so, and leaves nothing behind", async () => {
  const disk = await ServerDisk.open();
  await disk.snapshot();
  await disk.trade(2);
  const paths = disk.files.paths();
  for (const room of [0, 1000, 20_000]) {
    disk.files.fillUpAfter(room);
    const fault = await disk.snapshot().catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(StoreFault);
    expect(fault).toMatchObject({ reason: "full" });
    disk.files.restart();
    expect(disk.files.paths()).toEqual(paths);
  }
  expect((await disk.snapshot()).isNew).toBe(true);
});

test("the newest is last, though the clock went back to 1970", async () => {
  const disk = await ServerDisk.open();
  const first = (await disk.snapshot()).manifest;
  const source = await disk.source();
  disk.organisation.clock.now = 1000;
  const second = (await disk.snapshot({ source })).manifest;
  expect(second.time).toBe("1970-01-01T00:00:01.000Z");
  expect((await disk.folder.ids()).at(-1)).toBe(second.id);
  expect(second.id > first.id).toBe(true);
});

test("the catalogue spares reading manifests, and is rebuilt from them when it is wrong", async () => {
  const disk = await ServerDisk.open();
  const { manifest } = await disk.snapshot();
  let kept: SnapshotListing[] = [];
  let keeps = 0;
  const catalogue = {
    snapshots: () => kept,
    async keep(snapshots: SnapshotListing[]) {
      kept = snapshots;
      keeps++;
    },
  };
  const listing = {
    id: manifest.id,
    atMs: startMs,
    reason: "by hand",
    term: 1,
    members: 12,
    operations: 36,
    bytes: expect.any(Number),
  };
  const expected = { snapshots: [listing], unreadable: [] };
  expect(await listSnapshots(disk.folder, catalogue)).toEqual(expected);
  expect(await listSnapshots(disk.folder, catalogue)).toEqual(expected);
  expect(keeps).toBe(1);
  kept = [{ ...listing, id: "gone", bytes: 0 }];
  expect(await listSnapshots(disk.folder, catalogue)).toEqual(expected);
  expect(kept).toEqual([listing]);
  const failing = { snapshots: () => [], keep: () => Promise.reject(new Error("disk full")) };
  expect(await listSnapshots(disk.folder, failing)).toEqual(expected);
});

test("a manifest that cannot be read is listed as such", async () => {
  const disk = await ServerDisk.open();
  const { id } = (await disk.snapshot()).manifest;
  disk.files.change(`/snapshots/manifests/${id}.json`, new TextEncoder().encode('{"format":'));
  expect(await listSnapshots(disk.folder)).toEqual({ snapshots: [], unreadable: [id] });
  expect(await readSnapshot(disk.folder, id)).toBeUndefined();
  expect(await readSnapshot(disk.folder, "../../etc/passwd")).toBeUndefined();
});
