import * as Y from "yjs";
import type { BenchShop } from "../shop/bench-shop.ts";
import { SalesAuthor } from "../shop/sales-author.ts";

/** Where the peers keep what we keep in a journal: one array, an element a sale. */
export const room = "journal";

/** The texts of a till's sales: operation and seal as one element, as long as ours. */
export async function salesOf(shop: BenchShop, till: number, count: number): Promise<string[]> {
  const author = await SalesAuthor.open(shop, till);
  const texts: string[] = [];
  for (let nth = 0; nth < count; nth++) {
    const { operations, seal } = await author.sell();
    texts.push(operations.join("") + seal);
  }
  return texts;
}

/** Updates as a provider would send them, one pushed element each. */
export function updatesOf(texts: readonly string[]): { clientId: number; updates: Uint8Array[] } {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  const array = doc.getArray<string>(room);
  for (const text of texts) array.push([text]);
  return { clientId: doc.clientID, updates };
}

/** The elements that an update brings, without applying it. */
export function elementsIn(update: Uint8Array): string[] {
  return Y.decodeUpdate(update).structs.flatMap((struct) =>
    struct instanceof Y.Item ? (struct.content.getContent() as string[]) : [],
  );
}
