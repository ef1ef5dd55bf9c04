import { expect, test } from "vitest";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { act } from "../harness/shop.ts";
import {
  eventually,
  joinDevice,
  memoryLog,
  scratchFolder,
  startFoundedServer,
} from "./server-harness.ts";

/** More than a socket may send in one go. */
const visits = 1600;

test("what a device brings that is not here is limited by its bytes, not by its number", async () => {
  const { clock } = createNodePlatform(memoryLog());
  const atMs = clock.nowMs();
  // No second passes, so nobody is forgiven anything with time.
  const standingStill = { platform: { clock: { ...clock, nowMs: () => atMs } } };
  const server = await startFoundedServer(await scratchFolder(), standingStill);
  const platform = createNodePlatform(memoryLog());
  const device = await joinDevice(platform, server.url, server.ownerCode);
  const owner = [...device.replica.authority.staff.keys()][0] ?? "";
  const member = await act(
    device.replica,
    { command: "AddMember", fields: { name: "张三", phone: "13800000001" } },
    owner,
  );
  for (let nth = 0; nth < visits; nth++)
    await act(
      device.replica,
      {
        command: "RecordSale",
        member,
        items: [{ name: "剪发", quantity: 1, list: 3000, discount: 0 }],
        tenders: [{ tender: "cash", amount: 3000 }],
      },
      owner,
    );
  device.connect();
  await eventually(() => device.replica.unsent() === 0, "everything is on the server", 15_000);
  expect(summarise(server.data.relay.ledger).counts.operations).toBeGreaterThan(visits);
});
