import { Dexie } from "dexie";
import type { DocumentName } from "../../shared/documents/document-name.ts";
import { utf8 } from "../../shared/journal/bytes.ts";
import type { Run } from "../../shared/journal/run.ts";
import type { Damage, ReplicaStore, StoreChange, StoredState } from "../../shared/replica/ports.ts";
import { checksum } from "./checksum.ts";
import type { PageRow, RunRow, TextRow, YoubeiDatabase } from "./database.ts";
import { elementsOfPage, isWhole, joinPages, pagesOf } from "./document-pages.ts";
import { toStoreFault } from "./store-fault.ts";

/** Small pages of one document before they are joined. */
const smallPagesMax = 128;
const pagesPerRead = 16;

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
  const smallPages = new Map<DocumentName, number>();
  const joinWhenMany = (name: DocumentName) => {
    const count = (smallPages.get(name) ?? 0) + 1;
    smallPages.set(name, count % smallPagesMax);
    if (count >= smallPagesMax) void inOrder(() => joinDocument(db, name)).catch(() => undefined);
  };
  return {
    load: () =>
      inOrder(async () => {
        const damaged: Damage[] = [];
        const documents = await loadDocuments(db, damaged);
        for (const { name, pages } of documents) smallPages.set(name, pages % smallPagesMax);
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
    read: (name, from, most) => inOrder(() => readElements(db, name, from, most)),
    commit(change) {
      for (const { name } of change.append ?? []) joinWhenMany(name);
      return inOrder(() => writeChange(db, change));
    },
    async close() {
      await last;
      db.close();
    },
  };
}

async function writeChange(db: YoubeiDatabase, change: StoreChange): Promise<void> {
  // Everything is encoded before the transaction: what awaits anything else inside it commits early.
  const pages = (change.append ?? []).flatMap(({ name, from, elements }) =>
    pagesOf(name, from, elements),
  );
  const runs = (change.outboxAdd ?? []).map((run) => ({
    seal: run.seal,
    ...checkedText(JSON.stringify({ operations: run.operations, seal: run.seal })),
  }));
  const keys = change.keysAdd ?? [];
  const settings = Object.entries(change.settings ?? {});
  const kept = settings.flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }]));
  const removed = settings.flatMap(([key, value]) => (value === undefined ? [key] : []));
  await db.transaction("rw", [db.pages, db.outbox, db.keyring, db.settings], async () => {
    if (pages.length > 0) await db.pages.bulkAdd(pages);
    if (runs.length > 0) await db.outbox.bulkAdd(runs);
    if (change.outboxRemove?.length)
      await db.outbox.where("seal").anyOf(change.outboxRemove).delete();
    if (keys.length > 0) await db.keyring.add(checkedText(JSON.stringify(keys)));
    if (kept.length > 0) await db.settings.bulkPut(kept);
    if (removed.length > 0) await db.settings.bulkDelete(removed);
  });
}

async function readElements(
  db: YoubeiDatabase,
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
  elements.push(...elementsOfPage(first).slice(from - first.from));
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
      for (const element of elementsOfPage(page)) elements.push(element);
      next = page.from + page.length;
    }
  }
  return elements.length > most ? elements.slice(0, most) : elements;
}

/** Checks every page. A document ends before its first damaged page; the rest is put aside. */
async function loadDocuments(
  db: YoubeiDatabase,
  damaged: Damage[],
): Promise<{ name: DocumentName; length: number; pages: number }[]> {
  const keys = (await db.pages.orderBy("[name+from+length]").keys()) as unknown as [
    string,
    number,
    number,
  ][];
  const found = new Map<DocumentName, { length: number; pages: number; broken: boolean }>();
  const behind: [string, number][] = [];
  for (let at = 0; at < keys.length; at += pagesPerRead) {
    const some = keys.slice(at, at + pagesPerRead);
    const pages = await readPages(db, some);
    some.forEach(([name, from, length], index) => {
      const document = found.get(name) ?? { length: 0, pages: 0, broken: false };
      found.set(name, document);
      const page = pages[index];
      const fits = from === document.length && page !== undefined && isWhole(page);
      if (fits && !document.broken) {
        document.length += length;
        document.pages += 1;
        return;
      }
      if (!document.broken) damaged.push({ where: name, what: `element ${from} and what follows` });
      document.broken = true;
      behind.push([name, from]);
    });
  }
  await putAside(db, behind);
  return [...found].map(([name, { length, pages }]) => ({ name, length, pages }));
}

/** One row that cannot be read must not hide its neighbours. */
async function readPages(
  db: YoubeiDatabase,
  keys: readonly (readonly [string, number, number])[],
): Promise<(PageRow | undefined)[]> {
  const wanted = keys.map(([name, from]): [string, number] => [name, from]);
  try {
    return await db.pages.bulkGet(wanted);
  } catch {
    const pages: (PageRow | undefined)[] = [];
    for (const key of wanted) pages.push(await db.pages.get(key).catch(() => undefined));
    return pages;
  }
}

async function putAside(db: YoubeiDatabase, keys: readonly [string, number][]): Promise<void> {
  for (const key of keys) {
    const row = await db.pages.get(key).catch(() => undefined);
    await db.transaction("rw", [db.pages, db.aside], async () => {
      if (row) await db.aside.add({ where: `${key[0]} ${key[1]}`, row });
      await db.pages.delete(key);
    });
  }
}

async function loadTexts<Row extends TextRow>(
  db: YoubeiDatabase,
  table: "outbox" | "keyring",
  damaged: Damage[],
): Promise<Row[]> {
  const rows = (await db.table(table).orderBy("at").toArray()) as Row[];
  const whole = rows.filter((row) => checksum(utf8(row.text)) === row.sum);
  for (const row of rows) {
    if (whole.includes(row)) continue;
    damaged.push({ where: table, what: `row ${row.at}` });
    await db.transaction("rw", [db.table(table), db.aside], async () => {
      await db.aside.add({ where: table, row });
      if (row.at !== undefined) await db.table(table).delete(row.at);
    });
  }
  return whole;
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

const checkedText = (text: string): TextRow => ({ text, sum: checksum(utf8(text)) });
