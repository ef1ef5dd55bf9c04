import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type HeadlessReplica, openHeadless } from "../../server/headless/headless-replica.ts";
import { createRecoveryDesk } from "../../server/recovery/create-recovery-desk.ts";
import { verifyLive } from "../../server/snapshots/verify-live.ts";
import { verifySnapshot } from "../../server/snapshots/verify-snapshot.ts";
import { recoverySigner } from "../../shared/access/recovery-key.ts";
import { signEntry } from "../../shared/access/sign-entry.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { deviceOfChain } from "../../shared/journal/operation.ts";
import { type ReplicaStore, StoreFault } from "../../shared/replica/ports.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { Unreachable } from "../../shared/sync/server-api.ts";
import { addMember, charge, chargeCommand, refusalOf, topUp } from "../harness/shop.ts";
import { inviteByRecovery } from "./raw-device.ts";
import {
  atEnd,
  eventually,
  type FoundedServer,
  joinDevice,
  scratchFolder,
  startFoundedServer,
  startTestServer,
} from "./server-harness.ts";

interface Opened {
  headless: HeadlessReplica;
  renewed: Promise<void>;
  session: ReturnType<HeadlessReplica["connect"]>;
}

async function open(
  { platform }: Pick<FoundedServer, "platform">,
  folder: string,
): Promise<Opened> {
  const headless = await openHeadless(platform, folder);
  atEnd(() => headless.close());
  let wasRenewed = () => {};
  const renewed = new Promise<void>((resolve) => {
    wasRenewed = resolve;
  });
  return { headless, renewed, session: headless.connect(wasRenewed) };
}

/** A till with one member who has 100.00, everything at the server. */
async function openTill(): Promise<{
  server: FoundedServer;
  folder: string;
  member: string;
}> {
  const server = await startFoundedServer(await scratchFolder());
  const joined = await joinDevice(server.platform, server.url, server.ownerCode, "前台");
  const { replica, folder } = joined;
  const member = await addMember(replica, "孟文", "13800000001");
  await topUp(replica, member, 100_00);
  const session = joined.connect();
  await eventually(() => session.isSettled(), "the till is online");
  await joined.close();
  return { server, folder, member };
}

async function copyOf(folder: string): Promise<string> {
  const copy = await scratchFolder();
  await cp(folder, copy, { recursive: true });
  return copy;
}

const settle = (server: FoundedServer, device: string) => async () => {
  const { relay } = server.data;
  const text = await signEntry(
    relay.ledger.log,
    { kind: "SuccessionSettled", body: { device } },
    [{ by: "recovery", signer: recoverySigner(server.recovery) }],
    Date.now(),
  );
  expect(await relay.sequence(text)).toMatchObject({ ok: true });
};

const serverHash = (server: FoundedServer) => summarise(server.data.relay.ledger).hash;

test("a copied profile: both histories are kept everywhere, one counts, the till goes on by itself [J6]", async () => {
  const { server, folder, member } = await openTill();
  const copy = await copyOf(folder);
  const one = await open(server, folder);
  await charge(one.headless.replica, member, 30_00);
  await eventually(() => one.session.isSettled(), "the first history is at the server");
  const chain = one.headless.replica.chain;
  const old = one.headless.replica.device;
  await one.headless.close();

  const offline = await openHeadless(server.platform, copy);
  await charge(offline.replica, member, 50_00);
  await charge(offline.replica, member, 7_00);
  await offline.close();
  const two = await open(server, copy);
  const troubles = new Set<string | undefined>();
  two.headless.replica.subscribe(() => troubles.add(two.headless.replica.trouble()));
  await two.renewed;
  expect([...troubles]).toContain("copied");
  expect(server.log.lines.some(({ alarm }) => alarm === "fork")).toBe(true);
  const closed = server.data.relay.authority?.devices.get(old)?.closed;
  expect(closed?.cut[chain]?.next).toBe(one.headless.replica.heads().get(chain)?.next);
  expect(closed?.settledSince).toBe(undefined);
  await two.headless.close();

  const heir = await open(server, copy);
  await eventually(
    () => heir.session.isSettled() && server.data.relay.branches().length === 2,
    "the successor is online and has brought the rest of the other history",
  );
  const { replica } = heir.headless;
  expect(replica.device).toBe(closed?.by);
  expect(replica.trouble()).toBe(undefined);
  expect(
    replica
      .branches()
      .map(({ first }) => first)
      .sort(),
  ).toEqual([2, 3]);
  expect(replica.member(member)?.balance).toBe(70_00);
  expect(replica.summary().hash).toBe(serverHash(server));
  // The purse of the doubtful identity waits; what does not touch it goes on.
  expect(replica.spendable(member)).toBe(0);
  expect(await refusalOf(replica, chargeCommand(member, 1_00))).toMatchObject({
    code: "value-elsewhere",
  });
  await topUp(replica, member, 5_00);
  await charge(replica, member, 5_00);

  await settle(server, old)();
  await eventually(() => replica.spendable(member) === 70_00, "the purse has passed on");
  await charge(replica, member, 70_00);
  await eventually(() => replica.unsent() === 0 && heir.session.isSettled(), "all is sent");
  expect(replica.summary().hash).toBe(serverHash(server));
  expect(replica.summary().liabilities).toEqual({ principal: 0, bonus: 0 });
  const taken = await server.data.snapshots.take({ reason: "test", unlessSame: false });
  const { snapshotFolder, store, dir } = server.data;
  const { platform } = server;
  const checks = { signatures: platform.signatures, nowMs: Date.now() };
  const id = taken.ok ? taken.value.manifest.id : "";
  expect(await verifySnapshot(snapshotFolder, id, checks)).toMatchObject({ ok: true, damage: [] });
  const live = join(dir, "live");
  expect(
    await verifyLive({ ...checks, store, files: platform.files, live, newest: undefined }),
  ).toMatchObject({ ok: true, damage: [] });
});

/** A copied till of which the first half has gone on, and the second is about to be its own successor. */
async function openCopied() {
  const { server, folder, member } = await openTill();
  const copy = await copyOf(folder);
  const one = await open(server, folder);
  await charge(one.headless.replica, member, 30_00);
  await eventually(() => one.session.isSettled(), "the first history is at the server");
  const { chain, device } = one.headless.replica;
  await one.headless.close();
  const offline = await openHeadless(server.platform, copy);
  await charge(offline.replica, member, 50_00);
  await offline.close();
  const heir = () => server.data.relay.authority?.devices.get(device)?.closed?.by;
  return { server, copy, chain, heir };
}

/** What a folder keeps of who it is, and of who is whom. */
async function keptIn({ platform }: FoundedServer, folder: string) {
  const store = await platform.openStore(folder);
  const { settings } = await store.load();
  const entries = await store.read(authorityDocument, 0, 1000);
  await store.close();
  const { device } = JSON.parse(settings["identity"] ?? "{}") as { device?: string };
  return { device, entries };
}

test("the entry of its succession is durable at a device before it is another one; cut off between, it goes on [ID1]", async () => {
  const { server, copy, chain, heir } = await openCopied();
  const { platform } = server;
  const refusing = (store: ReplicaStore): ReplicaStore => ({
    load: () => store.load(),
    read: (name, from, most) => store.read(name, from, most),
    commit: (change) =>
      change.settings?.["identity"] === undefined
        ? store.commit(change)
        : Promise.reject(new StoreFault("full", "as told")),
    close: () => store.close(),
  });
  const openStore = async (folder: string) => refusing(await platform.openStore(folder));
  const two = await open({ platform: { ...platform, openStore } }, copy);
  await eventually(
    () => heir() !== undefined && two.session.status().reason === "store-full",
    "the new identity was refused by the disk",
  );
  await two.headless.close();
  const kept = await keptIn(server, copy);
  expect(kept.device).toBe(deviceOfChain(chain));
  expect(kept.entries.some((text) => text.includes(`"device":"${heir()}"`))).toBe(true);

  const back = await open(server, copy);
  await back.renewed;
  await back.headless.close();
  const renewed = await open(server, copy);
  expect(renewed.headless.replica.device).toBe(heir());
  await eventually(() => renewed.session.isSettled(), "the successor is online");
});

test("a device that does not hear that its succession was taken finds itself in the log [ID1]", async () => {
  const { server, copy, heir } = await openCopied();
  const { platform } = server;
  let lost = 0;
  const httpApi = (address: string) => {
    const api = platform.httpApi(address);
    return {
      get: (path: string) => api.get(path),
      async post(path: string, body: unknown) {
        const answer = await api.post(path, body);
        if (path !== "/api/v1/authority/entries" || lost++ > 0) return answer;
        throw new Unreachable("as told");
      },
    };
  };
  const two = await open({ platform: { ...platform, httpApi } }, copy);
  await two.renewed;
  expect(lost).toBe(1);
  await two.headless.close();
  expect((await keptIn(server, copy)).device).toBe(heir());
});

test("the copy that comes too late is told so, and what it sold is kept, though it is let in no longer [ID3]", async () => {
  const { server, folder, member } = await openTill();
  const copy = await copyOf(folder);
  const one = await open(server, folder);
  await charge(one.headless.replica, member, 30_00);
  await eventually(() => one.session.isSettled(), "the first history is at the server");
  const { chain } = one.headless.replica;
  await one.headless.close();
  const offline = await openHeadless(server.platform, copy);
  await charge(offline.replica, member, 50_00);
  await offline.close();
  // The first sells on without a network while the copy goes on in its place.
  const away = await openHeadless(server.platform, folder);
  await charge(away.replica, member, 7_00);
  const added = await addMember(away.replica, "周全", "13900000009");
  await away.close();
  const two = await open(server, copy);
  await two.renewed;

  const late = await open(server, folder);
  const { relay } = server.data;
  await eventually(() => (relay.heads().get(chain)?.next ?? 0) === 5, "what it sold is kept");
  await eventually(() => late.session.status().reason === "not-admitted", "it is told");
  const beyond = [...relay.ledger.fold.exceptions()].filter(({ ref }) => ref.startsWith(chain));
  expect(beyond.map(({ standing, reason }) => [standing, reason])).toEqual([
    ["quarantined", "after-cut"],
    ["quarantined", "after-cut"],
  ]);
  expect(relay.keyring.entries().some(([known]) => known === added)).toBe(true);
  expect(summarise(relay.ledger).liabilities.principal).toBe(70_00);
});

test("an old profile copied back is recognised at first contact and starts no second history [ID1]", async () => {
  const { server, folder, member } = await openTill();
  const old = await copyOf(folder);
  const one = await open(server, folder);
  await charge(one.headless.replica, member, 30_00);
  await eventually(() => one.session.isSettled(), "the charge is at the server");
  await one.headless.close();
  await rm(folder, { recursive: true });
  await cp(old, folder, { recursive: true });

  const back = await open(server, folder);
  await back.renewed;
  expect(back.headless.replica.trouble()).toBe("put-back");
  await back.headless.close();
  const heir = await open(server, folder);
  await eventually(() => heir.session.isSettled(), "the successor is online");
  const { replica } = heir.headless;
  expect(replica.branches()).toEqual([]);
  expect(replica.member(member)?.balance).toBe(70_00);
  expect(replica.summary().hash).toBe(serverHash(server));
  expect(server.data.relay.branches()).toEqual([]);
});

test("what a copied device did offline is marked as unattested [ID1]", async () => {
  const { server, folder, member } = await openTill();
  const offline = await openHeadless(server.platform, folder);
  await charge(offline.replica, member, 1_00);
  const [run] = await offline.replica.runsFrom(offline.replica.chain, 2, 1);
  expect(run?.operations[0]).toContain('"att":false');
  await offline.close();
  const online = await open(server, folder);
  await eventually(() => online.session.isSettled(), "online");
  await charge(online.headless.replica, member, 1_00);
  const [later] = await online.headless.replica.runsFrom(offline.replica.chain, 3, 1);
  expect(later?.operations[0]).toContain('"att":true');
});

test("a server that lost everything gets both histories back from a third device, and agrees on which counts [J6]", async () => {
  const { server, folder, member } = await openTill();
  const code = await inviteByRecovery(server, { till: false });
  const third = await joinDevice(server.platform, server.url, code, "办公室");
  const watching = third.connect();
  const copy = await copyOf(folder);
  const one = await open(server, folder);
  await charge(one.headless.replica, member, 30_00);
  await eventually(() => one.session.isSettled(), "the first history is at the server");
  await one.headless.close();
  const offline = await openHeadless(server.platform, copy);
  await charge(offline.replica, member, 50_00);
  await offline.close();
  const two = await open(server, copy);
  await two.renewed;
  await eventually(
    () => watching.isSettled() && third.replica.branches().length === 1,
    "the third device holds both",
  );
  const branch = third.replica.branches()[0];
  expect(deviceOfChain(branch?.chain ?? "")).toBe(one.headless.replica.device);
  const before = third.replica.summary();
  expect(before.hash).toBe(serverHash(server));
  await two.headless.close();
  await server.stop();
  await rm(server.data.dir, { recursive: true });

  const started = await startTestServer(server.data.dir, {
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
  watching.retryNow();
  const { relay } = started.data;
  await eventually(
    () => relay.authority?.term === 2 && watching.isSettled() && relay.branches().length === 1,
    "the third device has brought both histories",
    20_000,
  );
  expect(relay.branches()).toMatchObject([{ head: branch?.head }]);
  expect(summarise(relay.ledger)).toMatchObject({ hash: before.hash, counts: before.counts });
});
