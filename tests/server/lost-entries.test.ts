import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { doCommand } from "../../server/headless/do-command.ts";
import type { HeadlessReplica } from "../../server/headless/headless-replica.ts";
import { recoverFromSnapshot } from "../../server/recovery/recover-from-snapshot.ts";
import { entriesToAnswer } from "../../shared/access/lost-path.ts";
import type { DeviceSession } from "../../shared/replica/device-session.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { addMember, charge, topUp } from "../harness/shop.ts";
import {
  eventually,
  type FoundedServer,
  joinDevice,
  scratchFolder,
  startFoundedServer,
  startTestServer,
  type TestServer,
} from "./server-harness.ts";

type Till = HeadlessReplica & { folder: string };

interface Shop {
  server: FoundedServer;
  dir: string;
  /** the snapshots as they were early on */
  old: string;
  one: Till;
  session: DeviceSession;
  member: string;
}

/** The owner's till, a member with 100.00, and a snapshot from then. */
async function openShop(): Promise<Shop> {
  const dir = await scratchFolder();
  const server = await startFoundedServer(dir);
  const one = await joinDevice(server.platform, server.url, server.ownerCode, "前台");
  const session = one.connect();
  await eventually(() => session.isSettled(), "the first is online");
  const member = await addMember(one.replica, "孟文", "13800000001");
  await topUp(one.replica, member, 100_00);
  await eventually(() => one.replica.unsent() === 0, "all is sent");
  const taken = await server.data.snapshots.take({ reason: "test", unlessSame: false });
  expect(taken.ok).toBe(true);
  const old = await scratchFolder();
  await cp(join(dir, "snapshots"), old, { recursive: true });
  return { server, dir, old, one, session, member };
}

async function enrolSecond({ server, one, session }: Shop): Promise<Till> {
  const command = { command: "InviteDevice", till: true };
  const invited = await doCommand(server.platform, one, command, { session });
  const { code = "" } = invited.ok ? (invited.value as { code: string }) : {};
  return joinDevice(server.platform, server.url, code, "平板");
}

/** The server's disk is gone with its newer snapshots; a new one is made of the old. */
async function recover({ server, dir, old }: Shop): Promise<TestServer> {
  await server.stop();
  await rm(join(dir, "live"), { recursive: true });
  await rm(join(dir, "snapshots"), { recursive: true });
  await cp(old, join(dir, "snapshots"), { recursive: true });
  const recovered = await recoverFromSnapshot(
    { dir, which: "newest", recovery: server.recovery, moveAside: false },
    server.platform,
  );
  expect(recovered).toMatchObject({ ok: true, value: { term: 2 } });
  return startTestServer(dir, { port: server.server.port });
}

const agree = ({ data }: TestServer, tills: readonly HeadlessReplica[]) => {
  const there = summarise(data.relay.ledger);
  return tills.every(({ replica }) => {
    const here = replica.summary();
    return here.hash === there.hash && JSON.stringify(here.label) === JSON.stringify(there.label);
  });
};

const reinstate = async ({ one, session }: Shop) => {
  const [[through = ""] = []] = entriesToAnswer(one.replica.authority).slice(-1);
  const { personalKey } = one;
  if (!personalKey) throw new Error("the owner's key is on the first till");
  return session.changeAuthority({ kind: "EntriesReinstated", body: { through } }, [personalKey]);
};

test("a server recovered from before: what was sold meanwhile counts at once, who was enrolled meanwhile once the owner says so [AC8] [AC10] [AC11]", async () => {
  const shop = await openShop();
  const { one, session, member } = shop;
  const two = await enrolSecond(shop);
  const other = two.connect();
  await eventually(() => other.isSettled() && session.isSettled(), "both are online");
  await topUp(one.replica, member, 7_00);
  await topUp(two.replica, member, 5_00);
  await eventually(() => [one, two].every(({ replica }) => replica.unsent() === 0), "all sent");
  await topUp(two.replica, member, 3_00);
  await eventually(() => agree(shop.server, [one, two]), "both have all");

  const back = await recover(shop);
  const { relay } = back.data;
  await eventually(() => session.status().state === "online", "the first goes on", 20_000);
  await eventually(() => one.replica.lostEntries().length === 0, "what it knew is kept");
  await eventually(
    () => relay.ledger.books.balances.get(member)?.principal === 107_00,
    "what the first sold counts",
  );
  expect(relay.authority?.devices.has(two.replica.device)).toBe(false);
  await eventually(() => other.status().reason === "awaiting-owner", "the second waits", 20_000);
  expect(entriesToAnswer(one.replica.authority).map(([, { entry }]) => entry.kind)).toEqual([
    "DeviceInvited",
    "DeviceEnrolled",
  ]);
  expect(await reinstate(shop)).toEqual({ ok: true, value: undefined });
  await eventually(() => other.isSettled() && session.isSettled(), "both are online", 20_000);
  await eventually(() => agree(back, [one, two]), "all agree", 20_000);
  expect(summarise(relay.ledger).counts).toMatchObject({ quarantined: 0, waiting: 0, refused: 0 });
  expect(one.replica.member(member)?.balance).toBe(115_00);
  expect(back.log.lines.map(({ alarm }) => alarm)).toContain("lost-entries");
  await topUp(two.replica, member, 1_00);
  await eventually(() => agree(back, [one, two]), "it goes on as ever");
}, 60_000);

test("a device that alone knows of its enrolment tells the server, though it is not let in [AC11]", async () => {
  const shop = await openShop();
  const { one, session, member } = shop;
  const command = { command: "InviteDevice", till: true };
  const invited = await doCommand(shop.server.platform, one, command, { session });
  await one.close();
  const { code = "" } = invited.ok ? (invited.value as { code: string }) : {};
  const two = await joinDevice(shop.server.platform, shop.server.url, code, "平板");
  const other = two.connect();
  await eventually(() => other.isSettled(), "the second is online");
  await topUp(two.replica, member, 5_00);
  const back = await recover(shop);
  await eventually(() => other.status().reason === "awaiting-owner", "the second waits", 20_000);
  expect(entriesToAnswer(back.data.relay.ledger.log)).toHaveLength(2);
  // It works on by what it knows, and nothing of it is lost.
  await topUp(two.replica, member, 2_00);
  const { openHeadless } = await import("../../server/headless/headless-replica.ts");
  const again = { ...(await openHeadless(shop.server.platform, one.folder)), folder: one.folder };
  const connected = again.connect();
  await eventually(() => connected.isSettled(), "the first is online", 20_000);
  expect(await reinstate({ ...shop, one: again, session: connected })).toMatchObject({ ok: true });
  await eventually(() => other.isSettled(), "the second is let in", 20_000);
  await eventually(() => agree(back, [again, two]), "all agree", 20_000);
  expect(again.replica.member(member)?.balance).toBe(107_00);
  await again.close();
}, 60_000);

test("a device that was stopped stays stopped, whoever was asked [AC7]", async () => {
  const shop = await openShop();
  const { one, session, member } = shop;
  const two = await enrolSecond(shop);
  const other = two.connect();
  await eventually(() => other.isSettled() && session.isSettled(), "both are online");
  const taken = await shop.server.data.snapshots.take({ reason: "test", unlessSame: false });
  expect(taken.ok).toBe(true);
  await rm(shop.old, { recursive: true });
  await cp(join(shop.dir, "snapshots"), shop.old, { recursive: true });
  other.close();
  const { personalKey } = one;
  if (!personalKey) throw new Error("the owner's key is on the first till");
  const { device } = two.replica;
  const own = [...shop.server.data.relay.heads()].filter(
    ([chain, { next }]) => chain.startsWith(`${device}@`) && next > 0,
  );
  const cut = Object.fromEntries(own);
  const frozen = await session.changeAuthority({ kind: "DeviceFrozen", body: { device, cut } }, [
    personalKey,
  ]);
  expect(frozen.ok).toBe(true);
  await charge(one.replica, member, 1_00).catch(() => undefined);
  const back = await recover(shop);
  await eventually(
    () => back.data.relay.authority?.devices.get(device)?.closed !== undefined,
    "it is stopped again",
    8_000,
  );
  expect(back.data.relay.authority?.devices.get(device)?.closed).toMatchObject({ cut });
  expect(entriesToAnswer(back.data.relay.ledger.log)).toEqual([]);
}, 60_000);

test("a server that was put back keeps nothing in its own name, and nobody fills its log [AC11] [WI2]", async () => {
  const shop = await openShop();
  const { one, session } = shop;
  const { personalKey } = one;
  if (!personalKey) throw new Error("the owner's key is on the first till");
  const body = { staff: "amy", name: "小王", role: "cashier" as const };
  const added = await session.changeAuthority({ kind: "StaffAdded", body }, [personalKey]);
  expect(added.ok).toBe(true);
  const { texts, heads } = structuredClone(one.replica.authority);
  await one.close();
  const { relay } = (await recover(shop)).data;
  const after = heads.at(-2) ?? "";
  const garbage = Array.from({ length: 2001 }, () => "x");
  expect(await relay.log.take(after, garbage)).toEqual({ ok: false, refusal: "too-many" });
  const long = Array.from({ length: 33 }, () => "x".repeat(32 * 1024));
  expect(await relay.log.take(after, long)).toEqual({ ok: false, refusal: "too-many" });
  relay.suspend({});
  const refused = { ok: false, refusal: "store-rolled-back" };
  expect(await relay.log.take(after, texts.slice(-1))).toEqual(refused);
  relay.resume();
  expect(await relay.log.take(after, texts.slice(-1))).toEqual({ ok: true, value: undefined });
  expect(await relay.log.take(after, texts.slice(-1))).toEqual({ ok: true, value: undefined });
  expect(entriesToAnswer(relay.ledger.log)).toHaveLength(1);
  expect(relay.log.compare(heads)).toEqual({
    known: heads.length,
    held: heads.length - 1,
    open: true,
  });
}, 60_000);
