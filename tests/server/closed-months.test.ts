import { expect, test } from "vitest";
import {
  isClosedBy,
  readClosedMonth,
  signClosedMonth,
  writeClosedMonth,
} from "../../server/snapshots/closed-month.ts";
import type { MonthFault } from "../../server/snapshots/closed-months.ts";
import { createSnapshot, type SnapshotSource } from "../../server/snapshots/create-snapshot.ts";
import type { Manifest } from "../../server/snapshots/manifest.ts";
import { verifySnapshot } from "../../server/snapshots/verify-snapshot.ts";
import { journalDocument } from "../../shared/documents/document-name.ts";
import { jsSignatures, signerOf, startMs } from "../harness/organisation.ts";
import { lastMonth, pagesOf, ServerDisk } from "../harness/server-disk.ts";

const october = journalDocument(1, "s1", lastMonth);
const record = `/snapshots/closed/1-s1-${lastMonth}.json`;
const checks = { signatures: jsSignatures, nowMs: startMs };

/** A snapshot by a process that remembers nothing; what it read of the store, and what it was told. */
async function snapshotAfresh(disk: ServerDisk, store = disk.live(), folded?: SnapshotSource) {
  const source = folded ?? (await disk.source(store));
  const reads: string[] = [];
  const faults: MonthFault[] = [];
  const { clock, random } = disk.organisation;
  const created = await createSnapshot(
    {
      folder: disk.folder,
      source: {
        ...source,
        read(name, from, most) {
          reads.push(name);
          return source.read(name, from, most);
        },
      },
      clock,
      random,
      memory: new Map(),
      onMonthFault: (fault) => faults.push(fault),
    },
    { reason: "by hand", unlessSame: false },
  );
  return { created, reads, faults };
}

const manifestOf = ({ created }: Awaited<ReturnType<typeof snapshotAfresh>>): Manifest => {
  if (!created.ok) throw new Error(created.refusal);
  return created.value.manifest;
};

const recordPaths = (disk: ServerDisk) =>
  disk.files.paths().filter((path) => path.startsWith("/snapshots/closed/"));

test("a month that is over is closed, the running one is not; its segments are taken unread [VE7]", async () => {
  const disk = await ServerDisk.open();
  const first = await snapshotAfresh(disk);
  expect(first.reads).toContain(october);
  expect(recordPaths(disk)).toEqual([record]);
  const closed = disk.files.content(record).slice();
  const second = await snapshotAfresh(disk);
  expect(second.faults).toEqual([]);
  expect(second.reads).not.toContain(october);
  expect(manifestOf(second).documents).toEqual(manifestOf(first).documents);
  expect(manifestOf(second).keyring.missing).toEqual({ count: 0, members: [] });
  expect((await verifySnapshot(disk.folder, manifestOf(second).id, checks)).damage).toEqual([]);
  expect(disk.files.content(record)).toEqual(closed);
});

test("members of a closed month still count when keys are looked for", async () => {
  const disk = await ServerDisk.open();
  await snapshotAfresh(disk);
  const [lost = ""] = disk.members;
  disk.organisation.keys.delete(lost);
  const later = await snapshotAfresh(disk);
  expect(later.reads).not.toContain(october);
  expect(manifestOf(later).keyring.missing).toEqual({ count: 1, members: [lost] });
});

test("a bit that flips in a segment is found, named, and put right from the document", async () => {
  const disk = await ServerDisk.open();
  const manifest = manifestOf(await snapshotAfresh(disk));
  const [page] = pagesOf(manifest, october);
  if (!page) throw new Error("a month has segments");
  const flipped = disk.files.content(disk.blobPath(page)).slice();
  flipped[20] = (flipped[20] ?? 0) ^ 1;
  disk.files.change(disk.blobPath(page), flipped);
  const { damage } = await verifySnapshot(disk.folder, manifest.id, checks);
  expect(damage[0]).toMatchObject({ blob: page.sha256, document: october });
  const later = await snapshotAfresh(disk);
  expect(later.faults).toEqual([]);
  expect(later.reads).toContain(october);
  expect((await verifySnapshot(disk.folder, manifest.id, checks)).damage).toEqual([]);
});

test("a closed month with an element more is told, kept whole in versions, and never closed again [VE7]", async () => {
  const disk = await ServerDisk.open();
  await snapshotAfresh(disk);
  const closed = disk.files.content(record).slice();
  const store = disk.live();
  const grown = store.content.documents.get(october) ?? [];
  grown.push(grown.at(-1) ?? "");
  const later = await snapshotAfresh(disk, store);
  expect(later.faults).toMatchObject([{ kind: "month-changed", document: october }]);
  const entry = manifestOf(later).documents.find(({ name }) => name === october);
  expect(entry?.elements).toBe(grown.length);
  expect(disk.files.content(record)).toEqual(closed);
});

test("a lost segment that the document no longer comes to is told, and the record stays", async () => {
  const disk = await ServerDisk.open();
  const [page] = pagesOf(manifestOf(await snapshotAfresh(disk)), october);
  const closed = disk.files.content(record).slice();
  if (!page) throw new Error("a month has segments");
  disk.files.change(disk.blobPath(page), undefined);
  const store = disk.live();
  const source = await disk.source(store);
  const elements = store.content.documents.get(october) ?? [];
  elements[0] = `${elements[0]} `;
  const { faults } = await snapshotAfresh(disk, store, source);
  expect(faults).toMatchObject([{ kind: "month-changed", document: october }]);
  expect(disk.files.content(record)).toEqual(closed);
});

test("a closed month that is shorter is told as such, so that devices may refill it", async () => {
  const disk = await ServerDisk.open();
  await snapshotAfresh(disk);
  const store = disk.live();
  store.content.documents.get(october)?.splice(-2);
  const { faults } = await snapshotAfresh(disk, store);
  expect(faults).toMatchObject([{ kind: "month-shorter", document: october }]);
});

test("a record that was changed anywhere is not believed, and the month is read", async () => {
  const disk = await ServerDisk.open();
  await snapshotAfresh(disk);
  const text = new TextDecoder().decode(disk.files.content(record));
  const last = /"next": (\d+)/.exec(text)?.[0] ?? "";
  disk.files.change(record, new TextEncoder().encode(text.replace(last, '"next": 1')));
  const { reads, faults, created } = await snapshotAfresh(disk);
  expect(faults).toEqual([{ kind: "record-damaged", file: `1-s1-${lastMonth}` }]);
  expect(reads).toContain(october);
  expect(created.ok).toBe(true);
});

test("a month in which ten thousand members were added is closed, and its record is believed", async () => {
  const signer = signerOf("srv1");
  const members = Array.from({ length: 10_000 }, (_, nth): [string, string] => [
    `till1@s1:${nth}`,
    "A".repeat(43),
  ]);
  const document = { name: october, elements: 0, pages: [], heads: {} };
  const month = await signClosedMonth(
    {
      format: "youbei-closed-month",
      version: 1,
      organisation: "testorg",
      term: 1,
      server: "srv1",
      document,
      members,
    },
    signer,
  );
  expect(readClosedMonth(writeClosedMonth(month))).toEqual(month);
  expect(await isClosedBy(month, signer)).toBe(true);
  const [first, ...others] = members;
  if (!first) throw new Error("members");
  const changed = { ...month, members: [[first[0], "B".repeat(43)], ...others] as typeof members };
  expect(await isClosedBy(changed, signer)).toBe(false);
});

test("whatever goes wrong in closing, the version that was written stays whole", async () => {
  const disk = await ServerDisk.open();
  const source = await disk.source();
  let signed = 0;
  const signer = {
    ...source.signer,
    sign(bytes: Uint8Array<ArrayBuffer>) {
      if (signed++ > 0) throw new TypeError("our mistake");
      return source.signer.sign(bytes);
    },
  };
  await expect(disk.snapshot({ source: { ...source, signer } })).rejects.toThrow("our mistake");
  const [id = ""] = await disk.folder.ids();
  expect((await verifySnapshot(disk.folder, id, checks)).damage).toEqual([]);
  await snapshotAfresh(disk);
  expect(recordPaths(disk)).toEqual([record]);
});

test.each(["killed", "without power"])(
  "a server that is %s at any step of closing has a whole record or none [VE7]",
  async (how) => {
    const disk = await ServerDisk.open();
    // Segments are there by now, so that the steps are those of the manifest and of closing.
    await snapshotAfresh(disk);
    disk.files.change(record, undefined);
    const before = disk.files;
    let closedAt = 0;
    for (let steps = 0, isDone = false; !isDone; steps++) {
      disk.files = before.copy();
      disk.files.dieAfter(steps);
      await snapshotAfresh(disk).catch(() => undefined);
      isDone = recordPaths(disk).includes(record) && closedAt++ > 2;
      if (how === "killed") disk.files.restart();
      else disk.files.loseUnsynced();
      const { faults, created } = await snapshotAfresh(disk);
      expect(faults).toEqual([]);
      expect(created.ok).toBe(true);
      expect(recordPaths(disk)).toEqual([record]);
    }
    expect(closedAt).toBeGreaterThan(2);
  },
);
