import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { doCommand } from "../../server/headless/do-command.ts";
import type { HeadlessReplica } from "../../server/headless/headless-replica.ts";
import { createRecoveryDesk } from "../../server/recovery/create-recovery-desk.ts";
import { recoverFromSnapshot } from "../../server/recovery/recover-from-snapshot.ts";
import { newRecoveryKey } from "../../shared/access/recovery-key.ts";
import type { DeviceSession } from "../../shared/replica/device-session.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { act, chargeCommand } from "../harness/shop.ts";
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
  dir: string;
  tills: HeadlessReplica[];
  sessions: DeviceSession[];
  owner: string;
  members: string[];
}

/** Two tills, value at the server, three members with money. */
async function openShop(): Promise<Shop> {
  const dir = await scratchFolder();
  const server = await startFoundedServer(dir);
  const first = await joinDevice(server.platform, server.url, server.ownerCode, "前台");
  const session = first.connect();
  await eventually(() => session.isSettled(), "the first till is online");
  const invited = await doCommand(
    server.platform,
    first,
    { command: "InviteDevice", till: true },
    { session },
  );
  const { code = "" } = invited.ok ? (invited.value as { code: string }) : {};
  const second = await joinDevice(server.platform, server.url, code, "平板");
  const other = second.connect();
  await eventually(() => other.isSettled(), "the second till is online");
  const owner = [...first.replica.authority.staff.keys()][0] ?? "";
  const members: string[] = [];
  for (let nth = 0; nth < 3; nth++) members.push(await serve(first, owner, nth));
  await eventually(() => session.isSettled() && first.replica.unsent() === 0, "all is sent");
  const { relay } = server.data;
  await eventually(
    () => first.replica.summary().hash === summarise(relay.ledger).hash && other.isSettled(),
    "value is at home",
  );
  return { server, dir, tills: [first, second], sessions: [session, other], owner, members };
}

async function serve({ replica }: HeadlessReplica, owner: string, nth: number): Promise<string> {
  const fields = { name: `会员${nth}`, phone: `1380000000${nth}` };
  const member = await act(replica, { command: "AddMember", fields }, owner);
  const tenders = [{ tender: "cash" as const, amount: 10_000 }];
  await act(replica, { command: "TopUp", member, principal: 10_000, bonus: 0, tenders }, owner);
  return member;
}

const hashes = ({ tills }: Shop) => new Set(tills.map(({ replica }) => replica.summary().hash));

/** The same server again at the same address, as its devices know it. */
async function restart(shop: Shop, change: Parameters<typeof startTestServer>[1] = {}) {
  return startTestServer(shop.dir, { ...change, port: shop.server.server.port });
}

test("live data deleted: recovered from the newest snapshot, and devices bring what is newer", async () => {
  const shop = await openShop();
  const { server, dir, tills, sessions, owner, members } = shop;
  const [first, second] = tills as [HeadlessReplica, HeadlessReplica];
  const taken = await server.data.snapshots.take({ reason: "test", unlessSame: false });
  expect(taken.ok).toBe(true);
  // Newer than the snapshot, and known to the server: a charge that it gave value for.
  const [member = ""] = members;
  await eventually(
    async () => (await sessions[1]?.requestValue(member, 4000))?.ok === true,
    "value went home, and the server gives of it",
  );
  await act(second.replica, chargeCommand(member, 4000), owner);
  await eventually(() => second.replica.unsent() === 0 && hashes(shop).size === 1, "sold");
  await server.stop();
  await rm(join(dir, "live"), { recursive: true });
  // And newer than anything that the server ever saw.
  const late = await serve(first, owner, 7);
  const owed = () => {
    const { principal, bonus } = first.replica.summary().liabilities;
    return principal + bonus;
  };
  const before = owed();
  expect(before).toBe(3 * 10_000 - 4000 + 10_000);

  const wrong = await recoverFromSnapshot(
    {
      dir,
      which: "newest",
      recovery: newRecoveryKey(server.platform.random),
      moveAside: false,
    },
    server.platform,
  );
  expect(wrong).toMatchObject({ ok: false, refusal: { code: "wrong-recovery-key" } });
  const recovered = await recoverFromSnapshot(
    { dir, which: "newest", recovery: server.recovery, moveAside: false },
    server.platform,
  );
  expect(recovered).toMatchObject({ ok: true, value: { term: 2, missingKeys: 0 } });
  const again = await restart(shop);
  for (const session of sessions) session.retryNow();
  const agree = () =>
    sessions.every((session) => session.isSettled()) &&
    hashes(shop).size === 1 &&
    hashes(shop).has(summarise(again.data.relay.ledger).hash);
  await eventually(agree, "everybody has everything", 20_000);
  const state = summarise(again.data.relay.ledger);
  expect(state.liabilities.principal + state.liabilities.bonus).toBe(before);
  expect(state.counts.members).toBe(4);
  expect(Object.values(state.trialBalance).reduce((sum, fen) => sum + fen, 0)).toBe(0);
  expect(state.disputed).toBe(0);
  expect(state.counts.quarantined + state.counts.refused + state.counts.waiting).toBe(0);
  for (const id of [...members, late]) expect(again.data.relay.keyring.holds(id)).toBe(true);
  // And the shop goes on: every active till has said what it holds, so old value may be given.
  await eventually(
    async () => (await sessions[0]?.requestValue(members[1] ?? "", 3000))?.ok === true,
    "the new server gives what the old one held",
  );
  await act(first.replica, chargeCommand(members[1] ?? "", 3000), owner);
  await eventually(agree, "everybody has everything again");
});

test("from nothing but one device: the authority log, every run and every key come back", async () => {
  const shop = await openShop();
  const { server, tills, sessions, owner, members } = shop;
  const [first] = tills as [HeadlessReplica, HeadlessReplica];
  await tills[1]?.close();
  sessions.splice(1);
  tills.splice(1);
  await server.stop();
  await rm(shop.dir, { recursive: true });
  const late = await serve(first, owner, 7);
  const before = first.replica.summary();

  const started = await startTestServer(shop.dir, {
    port: server.server.port,
    recovery: (data, platform) =>
      createRecoveryDesk({
        recovery: server.recovery,
        server: { device: data.identity.device, key: data.identity.signer.publicKey },
        found: (entries) => data.relay.found(entries),
        clock: platform.clock,
        timers: platform.timers,
        signatures: platform.signatures,
      }),
  });
  const { relay } = started.data;
  for (const session of sessions) session.retryNow();
  await eventually(
    () => relay.authority?.term === 2 && sessions.every((session) => session.isSettled()),
    "the device has brought everything",
    20_000,
  );
  await eventually(
    () => first.replica.summary().hash === summarise(relay.ledger).hash,
    "the device and the new server agree",
  );
  const state = summarise(relay.ledger);
  expect(state.liabilities).toEqual(before.liabilities);
  expect(state.counts).toMatchObject({ members: 4, refused: 0, quarantined: 0, waiting: 0 });
  for (const id of [...members, late]) expect(relay.keyring.holds(id)).toBe(true);
  expect((await (await fetch(`${started.url}/readyz`)).json()) as object).toMatchObject({
    ready: true,
  });
});

test("a server with another recovery key is given nothing", async () => {
  const shop = await openShop();
  const { server, sessions } = shop;
  await server.stop();
  await rm(shop.dir, { recursive: true });
  const thief = newRecoveryKey(server.platform.random);
  const started = await startTestServer(shop.dir, {
    port: server.server.port,
    recovery: (data, platform) =>
      createRecoveryDesk({
        recovery: thief,
        server: { device: data.identity.device, key: data.identity.signer.publicKey },
        found: (entries) => data.relay.found(entries),
        clock: platform.clock,
        timers: platform.timers,
        signatures: platform.signatures,
      }),
  });
  for (const session of sessions) session.retryNow();
  await eventually(
    () => sessions.every((session) => session.status().reason === "not-the-owners-server"),
    "the devices saw through it",
  );
  expect(started.data.relay.authority).toBeUndefined();
});
