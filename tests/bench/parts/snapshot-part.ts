import { join } from "node:path";
import { createFolderStore } from "../../../server/adapters/folder-store.ts";
import { createNodePlatform } from "../../../server/adapters/node-platform.ts";
import { nodeSignatures } from "../../../server/adapters/node-signatures.ts";
import { liveFolder, type OpenData, openData } from "../../../server/data/open-data.ts";
import { diffVersions } from "../../../server/snapshots/diff-versions.ts";
import { readSnapshot } from "../../../server/snapshots/list-snapshots.ts";
import { loadVersion } from "../../../server/snapshots/load-version.ts";
import { verifySnapshot } from "../../../server/snapshots/verify-snapshot.ts";
import { journalDocument } from "../../../shared/documents/document-name.ts";
import { elementsOf } from "../../../shared/journal/run.ts";
import { businessDateOf } from "../../../shared/time/business-date.ts";
import { clock, foundShop } from "../shop/bench-shop.ts";
import { silentLog } from "../shop/silent-log.ts";
import { unsyncedFiles } from "../shop/stored-shop.ts";
import { TradingTill } from "../shop/trading-till.ts";

/** Versions of a shop on its own server. */
export interface SnapshotRow {
  what: string;
  members: number;
  operations: number;
  seconds: number;
  /** written to the disk */
  bytes: number;
}

const moreSales = 1000;
const checks = () => ({ signatures: nodeSignatures, nowMs: clock.nowMs() });

/** A shop of this size is written, opened, and its versions are taken, read back, compared and thinned. */
export async function measureSnapshots(
  scratch: string,
  { members, operations }: { members: number; operations: number },
): Promise<SnapshotRow[]> {
  const dir = join(scratch, `versions-${operations}`);
  const till = await storeTrade(dir, { members, operations });
  const data = await openData({ dir }, createNodePlatform(silentLog));
  const rows: SnapshotRow[] = [];
  const measure = async (what: string, act: () => Promise<unknown>) => {
    const before = await diskBytes(data);
    const began = performance.now();
    await act();
    const seconds = (performance.now() - began) / 1000;
    rows.push({ what, members, operations, seconds, bytes: (await diskBytes(data)) - before });
  };
  const take = (unlessSame: boolean) => data.snapshots.take({ reason: "bench", unlessSame });
  try {
    await measure("first", () => take(true));
    await measure("unchanged, automatic", () => take(true));
    await measure("unchanged, before an act", () => take(false));
    for (let nth = 0; nth < moreSales; nth++) {
      const answer = await data.relay.submit((await till.sell()).run);
      if (!answer.ok) throw new Error(answer.code);
    }
    await measure(`after ${moreSales} sales`, () => take(true));
    const ids = await data.snapshotFolder.ids();
    const [first = "", , last = ""] = ids;
    await measure("verify", async () => {
      const { ok } = await verifySnapshot(data.snapshotFolder, last, checks());
      if (!ok) throw new Error("what was taken is damaged");
    });
    await measure("diff with live", () => diff(data, first));
    await measure("diff of two", () => diff(data, first, last));
    await measure("thin", async () => {
      const { authority } = data.relay;
      if (!authority) throw new Error("the shop was founded");
      const late = clock.nowMs() + 3 * 24 * 3_600_000;
      await data.snapshots.thin({ authority, ...checks(), nowMs: late, held: [] });
    });
  } finally {
    await data.close();
  }
  return rows;
}

async function storeTrade(
  dir: string,
  { members, operations }: { members: number; operations: number },
): Promise<TradingTill> {
  const shop = await foundShop(dir, 1);
  const store = createFolderStore(liveFolder(dir), { files: unsyncedFiles() });
  await store.load();
  const till = await TradingTill.open(shop);
  const month = businessDateOf(clock.nowMs(), "Asia/Shanghai").slice(0, 7);
  const name = journalDocument(1, shop.store, month);
  let from = 0;
  for (let written = 0; written < operations; ) {
    const runs = till.members.length < members ? await till.join() : [await till.sell()];
    for (const { run, keys } of runs) {
      const elements = elementsOf(run);
      await store.commit({ append: [{ name, from, elements }], keysAdd: keys });
      from += elements.length;
      written += run.operations.length;
    }
  }
  await store.close();
  return till;
}

async function diff(data: OpenData, first: string, second?: string): Promise<void> {
  const load = async (id: string) => {
    const manifest = await readSnapshot(data.snapshotFolder, id);
    if (!manifest) throw new Error(`no snapshot ${id}`);
    return loadVersion(data.snapshotFolder, manifest, checks());
  };
  const live = {
    ledger: data.relay.ledger,
    keys: data.relay.keyring.entries(),
    documents: data.relay.documents(),
    read: (name: string, from: number, most: number) => data.store.read(name, from, most),
  };
  const { since } = await diffVersions(
    await load(first),
    second === undefined ? live : await load(second),
  );
  if (since.length === 0) throw new Error("they differ");
}

async function diskBytes({ snapshotFolder }: OpenData): Promise<number> {
  let bytes = 0;
  for (const size of (await snapshotFolder.blobs()).values()) bytes += size;
  for (const id of await snapshotFolder.ids())
    bytes += Buffer.byteLength((await snapshotFolder.manifestText(id)) ?? "");
  return bytes;
}
