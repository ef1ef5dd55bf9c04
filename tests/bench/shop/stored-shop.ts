import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { createFolderStore } from "../../../server/adapters/folder-store.ts";
import { createNodeFiles } from "../../../server/adapters/node-files.ts";
import { liveFolder } from "../../../server/data/open-data.ts";
import { journalDocument } from "../../../shared/documents/document-name.ts";
import { elementsOf } from "../../../shared/journal/run.ts";
import { businessDateOf } from "../../../shared/time/business-date.ts";
import { type BenchShop, clock, foundShop } from "./bench-shop.ts";
import { SalesAuthor } from "./sales-author.ts";

export interface StoredShop {
  dir: string;
  shop: BenchShop;
  document: string;
  operations: number;
  /** every run as one line of JSON text, for the peers: the same bytes as one element */
  linesFile: string;
}

/** one more is enrolled, for sales that come later */
const tills = 20;

/**
 * A server's folder as it is after so many sales came one by one: a record each, from tills in turn.
 * Only the waiting for the disk is left out.
 */
export async function storeShop(scratch: string, operations: number): Promise<StoredShop> {
  const dir = join(scratch, `ours-${operations}`);
  const shop = await foundShop(dir, tills + 1);
  const store = createFolderStore(liveFolder(dir), { files: unsyncedFiles() });
  await store.load();
  const opening = Array.from({ length: tills }, (_, nth) => SalesAuthor.open(shop, nth));
  const authors = await Promise.all(opening);
  const month = businessDateOf(clock.nowMs(), "Asia/Shanghai").slice(0, 7);
  const document = journalDocument(1, shop.store, month);
  const linesFile = join(scratch, `elements-${operations}.jsonl`);
  const lines = createWriteStream(linesFile);
  let from = 0;
  for (let nth = 0; nth < operations; nth++) {
    const run = await (authors[nth % tills] as SalesAuthor).sell();
    const elements = elementsOf(run);
    await store.commit({ append: [{ name: document, from, elements }] });
    from += elements.length;
    if (!lines.write(`${JSON.stringify(elements.join(""))}\n`)) await once(lines, "drain");
  }
  await store.close();
  lines.end();
  await once(lines, "finish");
  return { dir, shop, document, operations, linesFile };
}

/** Only the waiting for the disk is left out. */
export function unsyncedFiles() {
  const files = createNodeFiles();
  return {
    ...files,
    syncFolder: async () => {},
    open: async (path: string) => ({ ...(await files.open(path)), sync: async () => {} }),
  };
}
