import { Dexie } from "dexie";
import type { DocumentName } from "../../shared/documents/document-name.ts";
import { utf8 } from "../../shared/journal/bytes.ts";
import type { Run } from "../../shared/journal/run.ts";
import {
  type Damage,
  type ReplicaStore,
  type StoreChange,
  type StoredState,
  StoreFault,
} from "../../shared/replica/ports.ts";
import { checksum } from "./checksum.ts";
import type { RunRow, TextRow, YoubeiDatabase } from "./database.ts";
import { joinPages, PageCache, pagesOf } from "./document-pages.ts";
import { createIndexedDbPages } from "./indexeddb-pages.ts";
import { loadDocuments, loadTexts } from "./load-database.ts";
import { toStoreFault } from "./store-fault.ts";

/** Small pages of one document before they are joined. */
const smallPagesMax = 128;
const pagesPerRead = 16;
const cachedBytesMax = 12 * 1024 * 1024;

/**
 * A replica's store in IndexedDB: documents as pages of Yjs updates, outbox, keyring and settings.
 * Every change is one transaction with strict durability; changes are stored in call order.
 */
export function createIndexedDbStore(db: YoubeiDatabase): ReplicaStore {
  let last: Promise<unknown> = Promise.resolve();
  const inOrder = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const result = last.then(work).catch((error: unknown) => {
      throw toStoreFault(error);
    });
    last = result.catch(() => undefined);
    return result;
  };
  const lengths = new Map<DocumentName, number>();
  const cache = new PageCache(cachedBytesMax);
  const smallPages = new Map<DocumentName, number>();
  const joinWhenMany = (name: DocumentName) => {
    const count = (smallPages.get(name) ?? 0) + 1;
    smallPages.set(name, count % smallPagesMax);
    if (count >= smallPagesMax) void inOrder(() => joinDocument(db, name)).catch(() => undefined);
  };
  return {
    pages: createIndexedDbPages(db),
    load: () =>
      inOrder(async () => {
        const damaged: Damage[] = [];
        const documents = await loadDocuments(db, damaged);
        for (const { name, length, pages } of documents) {
          lengths.set(name, length);
          smallPages.set(name, pages % smallPagesMax);
        }
        return {
          documents: documents.map(({ name, length }) => ({ name, length })),
          outbox: (await loadTexts<RunRow>(db, "outbox", damaged)).map(
            ({ text }) => JSON.parse(text) as Run,
          ),
          keys: (await loadTexts<TextRow>(db, "keyring", damaged)).flatMap(
            ({ text }) => JSON.parse(text) as StoredState["keys"],
          ),
          settings: Object.fromEntries(
            (await db.settings.toArray()).map(({ key, value }) => [key, value]),
          ),
          damaged,
        };
      }),
    read: (name, from, most) => inOrder(() => readElements(db, cache, name, from, most)),
    commit(change) {
      for (const { name } of change.append ?? []) joinWhenMany(name);
      return inOrder(() => writeChange(db, lengths, change));
    },
    async close() {
      await last;
      db.close();
    },
  };
}

async function writeChange(
  db: YoubeiDatabase,
  lengths: Map<DocumentName, number>,
  change: StoreChange,
): Promise<void> {
  const after = new Map<DocumentName, number>();
  for (const { name, from, elements } of change.append ?? []) {
    const before = after.get(name) ?? lengths.get(name) ?? (await lengthOf(db, name));
    if (before !== from)
      throw new StoreFault("broken", `${name} has ${before} elements, not ${from}`);
    after.set(name, from + elements.length);
  }
  const replaced = change.replace ?? [];
  for (const { name, elements } of replaced) after.set(name, elements.length);
  // Everything is encoded before the transaction: what awaits anything else inside it commits early.
  const pages = (change.append ?? []).flatMap(({ name, from, elements }) =>
    pagesOf(name, from, elements),
  );
  for (const { name, elements } of replaced) pages.push(...pagesOf(name, 0, elements));
  const runs = (change.outboxAdd ?? []).map((run) => ({
    seal: run.seal,
    ...checkedText(JSON.stringify({ operations: run.operations, seal: run.seal })),
  }));
  const keys = change.keysAdd ?? [];
  const settings = Object.entries(change.settings ?? {});
  const kept = settings.flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }]));
  const removed = settings.flatMap(([key, value]) => (value === undefined ? [key] : []));
  await db.transaction("rw", [db.pages, db.outbox, db.keyring, db.settings], async () => {
    for (const { name } of replaced)
      await db.pages
        .where("[name+from]")
        .between([name, Dexie.minKey], [name, Dexie.maxKey])
        .delete();
    if (pages.length > 0) await db.pages.bulkAdd(pages);
    if (runs.length > 0) await db.outbox.bulkAdd(runs);
    if (change.outboxRemove?.length)
      await db.outbox.where("seal").anyOf(change.outboxRemove).delete();
    if (keys.length > 0) await db.keyring.add(checkedText(JSON.stringify(keys)));
    if (kept.length > 0) await db.settings.bulkPut(kept);
    if (removed.length > 0) await db.settings.bulkDelete(removed);
  });
  for (const [name, length] of after) lengths.set(name, length);
}

async function readElements(
  db: YoubeiDatabase,
  cache: PageCache,
  name: DocumentName,
  from: number,
  most: number,
): Promise<string[]> {
  const elements: string[] = [];
  const first = await db.pages
    .where("[name+from]")
    .between([name, 0], [name, from], true, true)
    .last();
  if (!first || first.from + first.length <= from) return elements;
  elements.push(...cache.elementsOf(first).slice(from - first.from));
  let next = first.from + first.length;
  while (elements.length < most) {
    const pages = await db.pages
      .where("[name+from]")
      .between([name, next], [name, Dexie.maxKey])
      .limit(pagesPerRead)
      .toArray();
    if (pages.length === 0) break;
    for (const page of pages) {
      if (elements.length >= most) break;
      for (const element of cache.elementsOf(page)) elements.push(element);
      next = page.from + page.length;
    }
  }
  return elements.length > most ? elements.slice(0, most) : elements;
}

async function joinDocument(db: YoubeiDatabase, name: DocumentName): Promise<void> {
  const before = await db.pages
    .where("[name+from]")
    .between([name, 0], [name, Dexie.maxKey])
    .toArray();
  const after = joinPages(before);
  if (after.length === before.length) return;
  const kept = new Set(after.filter((page) => before.includes(page)));
  await db.transaction("rw", db.pages, async () => {
    await db.pages.bulkDelete(
      before
        .filter((page) => !kept.has(page))
        .map(({ name, from }): [string, number] => [name, from]),
    );
    await db.pages.bulkPut(after.filter((page) => !kept.has(page)));
  });
}

/** Elements of a document, told from the keys of its pages alone. */
async function lengthOf(db: YoubeiDatabase, name: DocumentName): Promise<number> {
  const last = (await db.pages
    .where("[name+from+length]")
    .between([name, 0, 0], [name, Dexie.maxKey])
    .reverse()
    .limit(1)
    .keys()) as unknown as [string, number, number][];
  const [key] = last;
  return key ? key[1] + key[2] : 0;
}

const checkedText = (text: string): TextRow => ({ text, sum: checksum(utf8(text)) });
