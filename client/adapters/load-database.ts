import type { DocumentName } from "../../shared/documents/document-name.ts";
import { utf8 } from "../../shared/journal/bytes.ts";
import type { Damage } from "../../shared/replica/ports.ts";
import { checksum } from "./checksum.ts";
import type { PageRow, TextRow, YoubeiDatabase } from "./database.ts";
import { isWhole } from "./document-pages.ts";

const pagesPerRead = 16;

/** Checks every page. A document ends before its first damaged page; the rest is put aside. */
export async function loadDocuments(
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

export async function loadTexts<Row extends TextRow>(
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
