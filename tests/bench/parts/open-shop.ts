import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createNodePlatform } from "../../../server/adapters/node-platform.ts";
import { openData } from "../../../server/data/open-data.ts";
import { foundShop } from "../shop/bench-shop.ts";
import { SalesAuthor } from "../shop/sales-author.ts";
import { silentLog } from "../shop/silent-log.ts";

/**
 * A new organisation in a data folder, with one sale more than its clients will make: the running month
 * has to be there to be followed.
 * @returns the file that tells other processes of it
 */
export async function openShop(folder: string, clients: number): Promise<string> {
  const shop = await foundShop(folder, clients + 1);
  const data = await openData({ dir: folder }, createNodePlatform(silentLog));
  const first = await SalesAuthor.open(shop, clients);
  const answer = await data.relay.submit(await first.sell());
  if (!answer.ok) throw new Error(answer.code);
  const document = data.relay.documents().find(({ name }) => name !== "authority")?.name;
  await data.close();
  const file = join(folder, "shop.json");
  writeFileSync(file, JSON.stringify({ ...shop, document }));
  return file;
}
