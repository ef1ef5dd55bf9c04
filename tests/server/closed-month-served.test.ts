import { expect, test } from "vitest";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { liveFolder, openData } from "../../server/data/open-data.ts";
import { journalDocument } from "../../shared/documents/document-name.ts";
import { act } from "../harness/shop.ts";
import {
  atEnd,
  eventually,
  joinDevice,
  memoryLog,
  scratchFolder,
  startFoundedServer,
} from "./server-harness.ts";

const inOctober = Date.UTC(2026, 9, 20, 4);
const inNovember = Date.UTC(2026, 10, 10, 4);
const items = [{ name: "洗剪吹", quantity: 1, list: 3800, discount: 0 }];
const tenders = [{ tender: "cash" as const, amount: 3800 }];

test("late sales go to the running month, and a closed month with an element more stops the server [VE7]", async () => {
  const dir = await scratchFolder();
  let now = inOctober;
  const server = await startFoundedServer(dir, { platform: { clock: { nowMs: () => now } } });
  // The till's clock stays in October.
  const behind = { ...server.platform, clock: { nowMs: () => inOctober } };
  const till = await joinDevice(behind, server.url, server.ownerCode, "前台");
  const owner = [...till.replica.authority.staff.keys()][0] ?? "";
  const sell = async () => {
    await act(till.replica, { command: "RecordSale", items, tenders }, owner);
    await eventually(() => till.replica.unsent() === 0, "the sale is at the server");
  };
  till.connect();
  await sell();
  const { relay, snapshots, store, snapshotFolder } = server.data;
  const [october = ""] = relay.documents().flatMap(({ name }) => (/10$/.test(name) ? name : []));
  now = inNovember;
  await sell();
  await snapshots.take({ reason: "test", unlessSame: true });
  expect(await snapshotFolder.closedMonths()).toHaveLength(1);
  const length = relay.documentLength(october);
  const november = journalDocument(1, october.split("/")[2] ?? "", "2026-11");
  const before = relay.documentLength(november);
  await sell();
  expect(relay.documentLength(october)).toBe(length);
  expect(relay.documentLength(november)).toBeGreaterThan(before);

  const elements = await store.read(october, 0, length);
  await server.stop();
  const log = memoryLog();
  const platform = createNodePlatform(log);
  const damaged = platform.folderStore(liveFolder(dir));
  await damaged.load();
  await damaged.commit({ append: [{ name: october, from: length, elements: elements.slice(-2) }] });
  await damaged.close();
  const again = await openData({ dir }, platform);
  atEnd(() => again.close());
  expect(again.relay.trouble()).toBeUndefined();
  const taken = await again.snapshots.take({ reason: "test", unlessSame: true });
  expect(taken.ok).toBe(true);
  expect(again.relay.trouble()).toBe("store-broken");
  const told = log.lines.some((line) => JSON.stringify(line).includes("a closed month was closed"));
  expect(told).toBe(true);
});
