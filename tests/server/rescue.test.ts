import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { HeadlessReplica } from "../../server/headless/headless-replica.ts";
import { recoverFromSources } from "../../server/recovery/recover-from-sources.ts";
import { rescueSource, textOf } from "../../server/recovery/rescue-source.ts";
import { rescueSourceOfRelay, saveRescue } from "../../server/recovery/save-rescue.ts";
import { takeRescueAtServer } from "../../server/recovery/take-rescue-at-server.ts";
import { newRecoveryKey } from "../../shared/access/recovery-key.ts";
import { linesOf, readRescue, rescueSourceOf } from "../../shared/replica/rescue-file.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { takeRescue } from "../../shared/replica/take-rescue.ts";
import { addMember, charge, topUp } from "../harness/shop.ts";
import { inviteByRecovery } from "./raw-device.ts";
import {
  eventually,
  type FoundedServer,
  joinDevice,
  scratchFolder,
  startFoundedServer,
  startTestServer,
} from "./server-harness.ts";

interface Shop {
  server: FoundedServer;
  till: HeadlessReplica & { folder: string };
  office: HeadlessReplica & { folder: string };
  member: string;
  hash: string;
}

/** A till and an office PC that hold the same; the till was offline for its last sale. */
async function openShop(): Promise<Shop> {
  const server = await startFoundedServer(await scratchFolder());
  const till = await joinDevice(server.platform, server.url, server.ownerCode, "前台");
  const session = till.connect();
  const code = await inviteByRecovery(server, { till: false });
  const office = await joinDevice(server.platform, server.url, code, "办公室");
  const other = office.connect();
  const member = await addMember(till.replica, "孟文", "13800000001");
  await topUp(till.replica, member, 100_00);
  for (let times = 0; times < 30; times++) await charge(till.replica, member, 1_00);
  await eventually(
    () =>
      till.replica.unsent() === 0 && office.replica.summary().hash === till.replica.summary().hash,
    "both hold everything",
  );
  session.close();
  other.close();
  return { server, till, office, member, hash: till.replica.summary().hash };
}

async function rescueOf({ replica }: HeadlessReplica, { server }: Shop): Promise<string> {
  const path = join(await scratchFolder(), "rescue.youbei");
  await saveRescue(rescueSourceOf(replica, Date.now()), path, server.platform.files);
  return path;
}

async function recover(shop: Shop, rescue: string[], recovery = shop.server.recovery) {
  const dir = await scratchFolder();
  const { platform } = shop.server;
  return {
    dir,
    answer: await recoverFromSources(
      {
        dir,
        sources: rescue.map((path) => rescueSource(path, { files: platform.files, recovery })),
        recovery,
        moveAside: false,
      },
      platform,
    ),
  };
}

test("a rescue file of any device makes a new server: the same books, members readable, the old one closed [LO2]", async () => {
  const shop = await openShop();
  const file = await rescueOf(shop.office, shop);
  const text = await readFile(file, "utf8");
  expect(text).not.toContain("13800000001");
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(1024 * 1024);
  await shop.server.stop();
  const { dir, answer } = await recover(shop, [file]);
  expect(answer).toMatchObject({
    ok: true,
    value: { term: 2, missing: [], missingKeys: 0, sources: [{ refused: 0, damage: [] }] },
  });
  if (!answer.ok) return;
  expect(answer.value.state.hash).toBe(shop.hash);
  const again = await startTestServer(dir, { port: shop.server.server.port });
  expect(again.data.relay.keyring.holds(shop.member)).toBe(true);
  const session = shop.till.connect();
  await charge(shop.till.replica, shop.member, 1_00);
  await eventually(() => session.isSettled(), "the till goes on with the new server");
  expect(summarise(again.data.relay.ledger).hash).toBe(shop.till.replica.summary().hash);
});

test("scratched and cut files: what is damaged in one comes from the other, what is in neither is named [LO2]", async () => {
  const shop = await openShop();
  await charge(shop.till.replica, shop.member, 5_00);
  const whole = await rescueOf(shop.till, shop);
  const lines = (await readFile(whole, "utf8")).split("\n");
  const at = lines.findIndex((line) => line.includes('"runs"'));
  const scratched = lines.with(at, lines[at]?.replace("孟", "梦").replace(/\d{4}/, "0000") ?? "");
  const damaged = join(await scratchFolder(), "scratched");
  await writeFile(damaged, scratched.slice(0, -2).join("\n"));
  const alone = await recover(shop, [damaged]);
  expect(alone.answer).toMatchObject({
    ok: true,
    value: { sources: [{ damage: [{ line: at + 1 }] }] },
  });
  if (!alone.answer.ok) return;
  const { missing } = alone.answer.value;
  expect(missing).toContainEqual(
    expect.objectContaining({ chain: shop.till.replica.chain, from: 0 }),
  );

  const other = await rescueOf(shop.office, shop);
  const both = await recover(shop, [damaged, other]);
  expect(both.answer).toMatchObject({ ok: true });
  if (!both.answer.ok) return;
  expect(both.answer.value.state.hash).toBe(shop.hash);
  expect(both.answer.value.missing).toEqual([{ chain: shop.till.replica.chain, from: 32, to: 32 }]);
});

test("a file of another shop, another card or garbage changes nothing and says so [LO2]", async () => {
  const shop = await openShop();
  const file = await rescueOf(shop.office, shop);
  const { platform } = shop.server;
  const wrong = await recover(shop, [file], newRecoveryKey(platform.random));
  expect(wrong.answer).toMatchObject({ ok: false, refusal: { code: "wrong-recovery-key" } });
  const garbage = join(await scratchFolder(), "garbage");
  await writeFile(garbage, Buffer.alloc(3_000_000, 7));
  expect((await recover(shop, [garbage])).answer).toMatchObject({
    refusal: { code: "nothing-readable" },
  });
  const stranger = await startFoundedServer(await scratchFolder());
  const pieces = () => readRescue(linesOf(textOf(file, platform.files)));
  const foreign = await joinDevice(stranger.platform, stranger.url, stranger.ownerCode, "别家");
  expect(await takeRescue(foreign.replica, pieces())).toEqual({
    ok: false,
    refusal: "other-organisation",
  });
  expect(await takeRescueAtServer(stranger.data.relay, textOf(file, platform.files))).toEqual({
    ok: false,
    refusal: "other-organisation",
  });
});

test("a device and a running server take from a file what they lack, once, and pass it on [J1]", async () => {
  const shop = await openShop();
  const { server, till, office } = shop;
  await charge(till.replica, shop.member, 5_00);
  await charge(till.replica, shop.member, 6_00);
  const file = await rescueOf(till, shop);
  const pieces = () => readRescue(linesOf(textOf(file, server.platform.files)));
  const taken = await takeRescue(office.replica, pieces());
  expect(taken).toMatchObject({ ok: true, value: { taken: 2, refused: 0, missing: [] } });
  expect(await takeRescue(office.replica, pieces())).toMatchObject({ value: { taken: 0 } });
  expect(office.replica.summary().hash).toBe(till.replica.summary().hash);
  const session = office.connect();
  await eventually(() => session.isSettled(), "the office has passed it on");
  const { relay } = server.data;
  await eventually(
    () => summarise(relay.ledger).hash === till.replica.summary().hash,
    "the server has it",
  );
  const back = till.connect();
  await eventually(() => back.isSettled(), "the till meets its own sales at the server");
  expect(till.replica.trouble()).toBe(undefined);
  const again = await takeRescueAtServer(relay, textOf(file, server.platform.files));
  expect(again).toMatchObject({ ok: true, value: { taken: 0, refused: 0 } });
  const whole = join(await scratchFolder(), "server.youbei");
  const source = rescueSourceOfRelay(relay, Date.now());
  const saved = await saveRescue(source, whole, server.platform.files);
  expect(saved.operations).toBe(till.replica.summary().counts.operations);
});
