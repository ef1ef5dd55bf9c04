import { expect, test } from "vitest";
import { createFolderStore } from "../../server/adapters/folder-store.ts";
import type { Manifest } from "../../server/snapshots/manifest.ts";
import { verifyLive } from "../../server/snapshots/verify-live.ts";
import { fileOfDocument } from "../../server/storage/elements-file.ts";
import { decodeRecord, encodeRecord } from "../../server/storage/record-log.ts";
import { authorityDocument, journalDocument } from "../../shared/documents/document-name.ts";
import { readUpdate } from "../../shared/documents/update-reader.ts";
import { writeUpdate } from "../../shared/documents/update-writer.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { jsSignatures, month, startMs } from "../harness/organisation.ts";
import { lastMonth, ServerDisk } from "../harness/server-disk.ts";

const live = "/live";
const october = journalDocument(1, "s1", lastMonth);
const november = journalDocument(1, "s1", month);
const fileOf = (name: string): string => `${live}/${fileOfDocument(name)}`;

/** The shop's live store on the disk, written as the server writes it: run by run. */
async function writeLive(disk: ServerDisk, atOnce = 6): Promise<void> {
  const store = createFolderStore(live, { files: disk.files });
  const { authority, documents, keys } = disk.organisation;
  await store.commit({ append: [{ name: authorityDocument, from: 0, elements: authority }] });
  await store.commit({ keysAdd: [...keys] });
  for (const [name, elements] of documents)
    for (let from = 0; from < elements.length; from += atOnce)
      await store.commit({
        append: [{ name, from, elements: elements.slice(from, from + atOnce) }],
      });
  await store.close();
}

async function verify(disk: ServerDisk, newest?: Manifest) {
  const store = createFolderStore(live, { files: disk.files });
  try {
    return await verifyStore(disk, store, newest);
  } finally {
    await store.close();
  }
}

const verifyStore = (
  disk: ServerDisk,
  store: ReturnType<typeof createFolderStore>,
  newest?: Manifest,
) =>
  verifyLive({
    store,
    files: disk.files,
    live,
    signatures: jsSignatures,
    nowMs: startMs,
    newest,
  });

function flip(disk: ServerDisk, path: string, at: number): void {
  const bytes = disk.files.content(path).slice();
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  disk.files.change(path, bytes);
}

/** Rewrites a file's records, checksums and all, as somebody with an editor for them would. */
function rewrite(disk: ServerDisk, name: string, change: (text: string) => string): void {
  const path = fileOf(name);
  const bytes = disk.files.content(path);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const record = decodeRecord(bytes, at);
    if (typeof record === "string") throw new Error(record);
    const read = readUpdate(name, record.payload);
    if (!read.ok) throw new Error(read.refusal);
    const elements = read.value.elements.map(change);
    parts.push(encodeRecord(record.head, writeUpdate(name, read.value.from, elements)));
    at += 24 + record.payload.length;
  }
  disk.files.change(path, new Uint8Array(Buffer.concat(parts)));
}

test("a live store that is well verifies, and is rebuilt to the state that was folded", async () => {
  const disk = await ServerDisk.open();
  await writeLive(disk);
  const { manifest } = await disk.snapshot();
  const report = await verify(disk, manifest);
  expect(report).toMatchObject({ ok: true, damage: [], notes: [], missingKeys: [] });
  expect(report.state).toEqual(summarise(disk.organisation.serverLedger));
  expect(report.checked).toEqual({
    documents: 3,
    elements: 3 + 72,
    authorityEntries: 3,
    seals: 36,
    keys: 12,
  });
});

test("a flipped byte is found at start, with the document and the operations that it cost", async () => {
  const disk = await ServerDisk.open();
  await writeLive(disk);
  flip(disk, fileOf(october), Math.floor(disk.files.content(fileOf(october)).length / 2));
  const { damage } = await verify(disk);
  expect(damage[0]).toMatchObject({ document: october, where: fileOfDocument(october) });
  expect(damage[0]?.what).toMatch(
    /^\d+ bytes at \d+ are damaged; it can be read up to element 18$/,
  );
  expect(damage[1]).toEqual({
    where: "till1@s1",
    what: "operations 9 to 17 are missing; later ones are there",
    chain: "till1@s1",
    operations: { first: 9, last: 17 },
  });
});

test("a byte that flips while the server runs is found, and its elements are named", async () => {
  const disk = await ServerDisk.open();
  await writeLive(disk);
  const store = createFolderStore(live, { files: disk.files });
  await store.load();
  flip(disk, fileOf(october), Math.floor(disk.files.content(fileOf(october)).length / 2));
  const { damage } = await verifyStore(disk, store);
  expect(damage).toEqual([
    expect.objectContaining({ where: fileOfDocument(october), document: october }),
    expect.objectContaining({ document: october, elements: { first: 18, last: 23 } }),
    expect.objectContaining({ chain: "till1@s1", operations: { first: 9, last: 11 } }),
  ]);
});

test("a run that lost its beginning to a hole is named once", async () => {
  const disk = await ServerDisk.open();
  await writeLive(disk, 7);
  const store = createFolderStore(live, { files: disk.files });
  await store.load();
  flip(disk, fileOf(october), Math.floor(disk.files.content(fileOf(october)).length / 2));
  const { damage } = await verifyStore(disk, store);
  expect(damage.slice(1)).toEqual([
    expect.objectContaining({ document: october, elements: { first: 14, last: 20 } }),
    expect.objectContaining({ chain: "till1@s1", operations: { first: 7, last: 10 } }),
  ]);
});

test("an amount that was rewritten with a right checksum does not match its seal", async () => {
  const disk = await ServerDisk.open();
  await writeLive(disk);
  const [at = -1] = (disk.organisation.documents.get(november) ?? []).flatMap((text, index) =>
    text.includes('"principal":10000') ? [index] : [],
  );
  let isDone = false;
  rewrite(disk, november, (text) => {
    if (isDone || !text.includes('"principal":10000')) return text;
    isDone = true;
    return text.replace('"principal":10000', '"principal":20000');
  });
  const { damage } = await verify(disk);
  expect(damage).toMatchObject([
    { document: november, elements: { first: at, last: at + 1 }, chain: "till1@s1" },
  ]);
  expect(damage[0]?.what).toMatch(/does not match its seal$/);
});

test("an authority entry that was rewritten is refused, by number", async () => {
  const disk = await ServerDisk.open();
  await writeLive(disk);
  rewrite(disk, authorityDocument, (text) => text.replace('"role":"cashier"', '"role":"owner"'));
  const { damage } = await verify(disk);
  expect(damage[0]).toMatchObject({
    document: authorityDocument,
    elements: { first: 1, last: 1 },
    what: "entry 1 is refused (bad-signature); it and what follows cannot be believed",
  });
});

test("a key that is not the one that a member was given is damage, one that never came is not", async () => {
  const disk = await ServerDisk.open();
  const [first = "", second = "", third = ""] = disk.members;
  const { keys } = disk.organisation;
  keys.set(first, keys.get(second) ?? "");
  keys.delete(third);
  await writeLive(disk);
  const report = await verify(disk);
  expect(report.damage).toEqual([
    { where: "keyring", what: `the key of ${first} is not the one it was given` },
  ]);
  expect(report.missingKeys).toEqual([third]);
});

test("damage in the keyring's file is found, at start and in the running server", async () => {
  const disk = await ServerDisk.open();
  await writeLive(disk);
  const store = createFolderStore(live, { files: disk.files });
  await store.load();
  // A second record behind the damage, so that it is no torn tail.
  await store.commit({ keysAdd: [["till1@s1:9999", "A".repeat(43)]] });
  flip(disk, `${live}/keyring.records`, 100);
  expect((await verifyStore(disk, store)).damage).toMatchObject([{ where: "keyring.records" }]);
  await store.close();
  expect((await verify(disk)).damage).toMatchObject([{ where: "keyring.records" }]);
});

test("a write that a crash tore is a note, not damage", async () => {
  const disk = await ServerDisk.open();
  await writeLive(disk);
  const { manifest } = await disk.snapshot();
  const whole = disk.files.content(fileOf(november));
  const torn = new Uint8Array(whole.length + 20);
  torn.set(whole);
  disk.files.change(fileOf(november), torn);
  const report = await verify(disk, manifest);
  expect(report).toMatchObject({ ok: true, notes: [{ where: fileOfDocument(november) }] });
});

test("a live store that was cut back to before the newest snapshot is found against it", async () => {
  const disk = await ServerDisk.open();
  await writeLive(disk);
  const earlier = disk.files.content(fileOf(november));
  await disk.trade(1);
  const { manifest } = await disk.snapshot();
  expect(earlier.length).toBeGreaterThan(0);
  const report = await verify(disk, manifest);
  expect(report.damage).toEqual([
    {
      where: november,
      what: `has 36 elements; snapshot ${manifest.id} holds 42`,
      document: november,
      elements: { first: 36, last: 41 },
    },
    {
      where: "till1@s1",
      what: `operations 36 to 38 cannot be read here; snapshot ${manifest.id} holds them`,
      chain: "till1@s1",
      operations: { first: 36, last: 38 },
    },
  ]);
  expect((await verify(disk)).ok).toBe(true);
});
