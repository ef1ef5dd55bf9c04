import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createNodePlatform } from "../../../server/adapters/node-platform.ts";
import { authorityDocument } from "../../../shared/documents/document-name.ts";
import type { BenchShop } from "./bench-shop.ts";
import { silentLog } from "./silent-log.ts";

/** The folder of a headless replica that is enrolled as the shop's last till and holds nothing yet. */
export async function enrolHeadless(
  folder: string,
  shop: BenchShop,
  server: string,
): Promise<void> {
  const { id, seed } = shop.devices.at(-1) ?? { id: "", seed: "" };
  const store = await createNodePlatform(silentLog).openStore(folder);
  await store.load();
  const identity = { org: shop.org, device: id, store: shop.store, server };
  await store.commit({
    append: [{ name: authorityDocument, from: 0, elements: shop.authority }],
    settings: { identity: JSON.stringify(identity) },
  });
  await store.close();
  writeFileSync(join(folder, "device.key"), `${seed}\n`, { mode: 0o600 });
}
