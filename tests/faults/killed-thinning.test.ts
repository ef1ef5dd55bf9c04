import { cp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { unixControlSocket } from "../../server/adapters/unix-control-socket.ts";
import { openData } from "../../server/data/open-data.ts";
import { verifySnapshot } from "../../server/snapshots/verify-snapshot.ts";
import { patience } from "../harness/effort.ts";
import { addMember } from "../harness/shop.ts";
import {
  atEnd,
  eventually,
  joinDevice,
  memoryLog,
  scratchFolder,
  startFoundedServer,
} from "../server/server-harness.ts";
import { type Bundle, bundleKilledServer, startLethalServer } from "./lethal-server.ts";
import type { Strike } from "./write-points.ts";

const dayMs = 24 * 3_600_000;

const strikes: readonly Strike[] = [
  { name: "between two manifests", role: "manifest", step: "remove", when: "after", nth: 1 },
  {
    name: "manifests gone, not synced",
    role: "manifests-folder",
    step: "sync-folder",
    when: "before",
    nth: 1,
  },
  {
    name: "manifests gone, synced",
    role: "manifests-folder",
    step: "sync-folder",
    when: "after",
    nth: 1,
  },
  { name: "between two blobs", role: "blob", step: "remove", when: "after", nth: 1 },
  {
    name: "blobs gone, not synced",
    role: "blobs-folder",
    step: "sync-folder",
    when: "before",
    nth: 1,
  },
  { name: "the catalogue, torn", role: "catalogue", step: "write", when: "torn", nth: 1 },
];

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundleKilledServer();
});
afterAll(() => bundle.remove());

/** A stopped server's folder, with four versions of one day a while ago, each with a member more. */
async function oldVersions(): Promise<{ dir: string; ids: string[] }> {
  const dir = await scratchFolder();
  const clock = { nowMs: () => Date.now() - 10 * dayMs };
  const server = await startFoundedServer(dir, { platform: { clock } });
  const device = await joinDevice(server.platform, server.url, server.ownerCode);
  const session = device.connect();
  for (let nth = 0; nth < 4; nth++) {
    await addMember(device.replica, `会员${nth}`, `1380000000${nth}`);
    await eventually(() => session.isSettled() && device.replica.unsent() === 0, "all is sent");
    await server.data.snapshots.take({ reason: "hourly", unlessSame: false });
  }
  const ids = await server.data.snapshotFolder.ids();
  await device.close();
  await server.stop();
  return { dir, ids };
}

test(
  "a server that is killed while it thins leaves every listed version whole, and goes on [VE6]",
  async () => {
    const old = await oldVersions();
    const scratch = await scratchFolder();
    for (const [nth, strike] of strikes.entries()) {
      const dir = join(scratch, `data-${nth}`);
      await cp(old.dir, dir, { recursive: true });
      const hitsFolder = join(scratch, `hits-${nth}`);
      const server = await startLethalServer({ bundle, dir, hitsFolder });
      atEnd(() => server.kill());
      if (!(await server.ready)) throw new Error((await server.ended).stderr);
      await server.arm(strike);
      const asked = unixControlSocket.ask(dir, "snapshot thin", {}).catch(() => undefined);
      const { hit, stderr } = await server.ended;
      await asked;
      expect({ hit, stderr: hit === undefined ? stderr : "" }).toEqual({
        hit: strike.name,
        stderr: "",
      });
      await expectWhole(dir, old.ids.at(-1) ?? "");
    }
  },
  patience(60_000),
);

async function expectWhole(dir: string, newest: string): Promise<void> {
  const platform = createNodePlatform(memoryLog());
  const { signatures, clock } = platform;
  const data = await openData({ dir }, platform);
  try {
    const { snapshots, unreadable } = await data.snapshots.list();
    const ids = snapshots.map(({ id }) => id);
    expect(unreadable).toEqual([]);
    expect(ids).toContain(newest);
    const { authority } = data.relay;
    if (!authority) throw new Error("the shop was founded");
    const checks = { signatures, nowMs: clock.nowMs() };
    const expectSound = async () => {
      for (const id of await data.snapshotFolder.ids())
        expect((await verifySnapshot(data.snapshotFolder, id, checks)).damage).toEqual([]);
    };
    await expectSound();
    await data.snapshots.thin({ authority, ...checks, held: [] });
    expect(await data.snapshotFolder.ids()).toEqual([newest]);
    const named = await data.snapshots.relist();
    expect(named.snapshots.length).toBe(1);
    await expectSound();
  } finally {
    await data.close();
  }
}
