import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { doCommand } from "../../server/headless/do-command.ts";
import { type HeadlessReplica, openHeadless } from "../../server/headless/headless-replica.ts";
import type { ServerPlatform } from "../../server/platform.ts";
import { createRecoveryDesk } from "../../server/recovery/create-recovery-desk.ts";
import { promoteStandby } from "../../server/standby/promote-standby.ts";
import { standbyFolder } from "../../server/standby/standby-folder.ts";
import type { RecoveryKey } from "../../shared/access/recovery-key.ts";
import type { Heads } from "../../shared/journal/chain.ts";
import { splitRef } from "../../shared/journal/operation.ts";
import type { Drafting } from "../../shared/replica/author.ts";
import type { DeviceSession } from "../../shared/replica/device-session.ts";
import { type StateSummary, summarise } from "../../shared/replica/state-hash.ts";
import { act } from "../harness/shop.ts";
import { enrolRaw, inviteByRecovery } from "./raw-device.ts";
import {
  atEnd,
  eventually,
  joinDevice,
  memoryLog,
  scratchFolder,
  startFoundedServer,
  startTestServer,
  type TestServer,
} from "./server-harness.ts";

const standbyName = "standby";
const devices = ["front till", "tablet", "phone", standbyName] as const;
type Device = (typeof devices)[number];
const holders = ["server", ...devices] as const;
type Holder = (typeof holders)[number];
const tills: readonly Device[] = ["front till", "tablet"];

/** A shop of five, each of which holds something that not all the others have. */
interface Shop {
  folder: string;
  port: number;
  recovery: RecoveryKey;
  /** what each held when everybody was switched off */
  heads: Map<Holder, Heads>;
  ids: Map<Device, string>;
  /** what an operation brings in cash, and what of it is owed to a member, fen */
  fen: Map<string, { cash: number; owed: number }>;
  /** a device that was gone long ago; what it said that it had, all have heard */
  gone: { chain: string; next: number };
}

const cases = Array.from({ length: 2 ** holders.length - 2 }, (_, index) => {
  const lost = holders.filter((_holder, bit) => ((index + 1) >> bit) & 1);
  return { lost, title: lost.join(", ") };
});

let shop: Shop;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "youbei-survivors-"));
  shop = await buildShop(folder);
}, 60_000);
afterAll(() => rm(shop.folder, { recursive: true, force: true }));

const cashSale =
  (amount: number): Drafting =>
  () => ({
    kind: "SaleRecorded",
    body: {
      items: [{ name: "洗发", quantity: 1, list: amount, discount: 0, payable: amount }],
      tenders: [{ tender: "cash", amount }],
      value: [],
    },
  });

async function buildShop(folder: string): Promise<Shop> {
  const server = await startFoundedServer(await scratchFolder());
  const { platform, url, data, recovery } = server;
  const fen: Shop["fen"] = new Map();
  const open = new Map<Device, HeadlessReplica & { folder: string }>();
  const sessions = new Map<Device, DeviceSession>();
  const first = await joinDevice(platform, url, server.ownerCode, "front till");
  open.set("front till", first);
  const owner = [...first.replica.authority.staff.keys()][0] ?? "";
  const session = first.connect();
  sessions.set("front till", session);
  await eventually(() => session.isSettled(), "the first till is online");
  const invite = async (till: boolean) => {
    const command = { command: "InviteDevice", till, ceiling: "owner" };
    const invited = await doCommand(platform, first, command, { session });
    return invited.ok && "code" in invited.value ? invited.value.code : "";
  };
  for (const name of devices.slice(1)) {
    const joined = await joinDevice(platform, url, await invite(tills.includes(name)), name);
    open.set(name, joined);
    sessions.set(name, joined.connect());
  }
  const gone = await enrolRaw(server, await invite(false));
  const at = (name: Device): HeadlessReplica & { folder: string } => {
    const device = open.get(name);
    if (!device) throw new Error(name);
    return device;
  };
  const sell = async (name: Device, amount: number) => {
    const items = [{ name: "剪发", quantity: 1, list: amount, discount: 0 }];
    const tenders = [{ tender: "cash" as const, amount }];
    const ref = await act(at(name).replica, { command: "RecordSale", items, tenders }, owner);
    fen.set(ref, { cash: amount, owed: 0 });
  };
  const putIn = async (name: Device, member: string, amount: number) => {
    const tenders = [{ tender: "cash" as const, amount }];
    const command = { command: "TopUp", member, principal: amount, bonus: 0, tenders } as const;
    const ref = await act(at(name).replica, command, owner);
    fen.set(ref, { cash: amount, owed: amount });
  };
  const add = (name: Device, fields: { name: string; phone: string }) =>
    act(at(name).replica, { command: "AddMember", fields }, owner);
  const everybody = () => [...open.values()].every(({ replica }) => replica.unsent() === 0);
  const isSame = (name: Device) =>
    at(name).replica.summary().hash === summarise(data.relay.ledger).hash;

  // Everybody has this.
  const member = await add("front till", { name: "孟文", phone: "13800000001" });
  await putIn("front till", member, 100_00);
  await eventually(() => everybody() && devices.every(isSame), "all agree", 20_000);

  // A device says what it has, and brings none of it.
  const drafts = [cashSale(11), cashSale(12), cashSale(13)];
  const runs = [];
  for (const draft of drafts) {
    const run = await gone.author([draft]);
    const checked = await gone.ledger.check(run, { verify: false });
    if (checked.ok) gone.ledger.enter(checked.value, Date.now());
    runs.push(run);
  }
  const chain = `${gone.identity.device}@${gone.identity.store}`;
  for (const [seq, amount] of [11, 12, 13].entries())
    fen.set(`${chain}:${seq}`, { cash: amount, owed: 0 });
  const socket = await gone.connect("authority");
  const { next, hash } = gone.ledger.head(chain);
  socket.say({ type: "heads", heads: [[chain, next, hash]], complete: false, persisted: true });
  const hasHeard = (name: Device) =>
    server.server.desk
      .reportOf(at(name).replica.device)
      ?.known?.some(([known]) => known === chain) === true;
  await eventually(() => devices.every(hasHeard), "all have heard of it, and say so");
  const settled = (name: Device) =>
    eventually(() => sessions.get(name)?.isSettled() === true && isSame(name), `${name} has all`);
  for (const name of devices.slice(1)) {
    await settled(name);
    sessions.get(name)?.close();
  }
  // This the server and one till have.
  await sell("front till", 2_22);
  await putIn("front till", member, 5_00);
  await settled("front till");
  sessions.get("front till")?.close();
  // This the server and the tablet.
  const [one, two] = runs;
  socket.say({ type: "submit", id: 1, run: one });
  expect(await socket.answer(1)).toMatchObject({ type: "accepted" });
  sessions.set("tablet", at("tablet").connect());
  await settled("tablet");
  sessions.get("tablet")?.close();
  // This the server alone, and the rest one device each.
  socket.say({ type: "submit", id: 2, run: two });
  expect(await socket.answer(2)).toMatchObject({ type: "accepted" });
  await sell("phone", 3_33);
  await add("phone", { name: "韩梅梅", phone: "13800000003" });
  await sell(standbyName, 4_44);
  await sell("front till", 5_55);
  await putIn("tablet", member, 7_00);

  const heads = new Map<Holder, Heads>([["server", data.relay.heads()]]);
  const ids = new Map<Device, string>();
  for (const name of devices) {
    const { replica, close, folder: place } = at(name);
    heads.set(name, new Map(replica.heads()));
    ids.set(name, replica.device);
    await close();
    await cp(place, join(folder, name), { recursive: true });
  }
  await server.stop();
  await cp(data.dir, join(folder, "server"), { recursive: true });
  return { folder, port: server.server.port, recovery, heads, ids, fen, gone: { chain, next } };
}

/** For each chain how far any of them has it. */
function unionOf(survivors: readonly Holder[]): Map<string, number> {
  const union = new Map<string, number>();
  for (const holder of survivors)
    for (const [chain, { next }] of shop.heads.get(holder) ?? [])
      union.set(chain, Math.max(next, union.get(chain) ?? 0));
  return union;
}

/** A new server of nothing but the recovery card and whoever calls; it gathers a tenth as long. */
const recoverEmpty = (dir: string): Promise<TestServer> =>
  startTestServer(dir, {
    port: shop.port,
    recovery: (data, platform) =>
      createRecoveryDesk({
        recovery: shop.recovery,
        server: { device: data.identity.device, key: data.identity.signer.publicKey },
        found: (entries) => data.relay.found(entries),
        clock: platform.clock,
        timers: { after: (ms, run) => platform.timers.after(ms / 10, run) },
        signatures: platform.signatures,
      }),
  });

/** A new server of what the standby's folder holds; where another is known to have had more, all the same. */
async function promoteCopy(dir: string): Promise<TestServer> {
  const platform = createNodePlatform(memoryLog());
  await cp(join(shop.folder, standbyName), standbyFolder(dir), { recursive: true });
  const catalogue = await platform.openCatalogue(join(dir, "catalogue.json"));
  const options = { dir, recovery: shop.recovery, despiteMissing: true, catalogue };
  const promoted = await promoteStandby(options, platform);
  if (!promoted.ok) throw new Error(promoted.refusal.code);
  return startTestServer(dir, { port: shop.port });
}

interface Online {
  headless: HeadlessReplica;
  session: DeviceSession;
}

async function openCopy(platform: ServerPlatform, name: Device): Promise<Online> {
  const folder = await scratchFolder();
  await cp(join(shop.folder, name), folder, { recursive: true });
  const headless = await openHeadless(platform, folder);
  atEnd(() => headless.close());
  return { headless, session: headless.connect() };
}

const countsOf = ({ trialBalance, liabilities, counts, disputed }: StateSummary) => ({
  cash: trialBalance["tender/cash"] ?? 0,
  owed: liabilities.principal + liabilities.bonus,
  members: counts.members,
  uncounted: counts.waiting + counts.quarantined + counts.refused + disputed,
});

describe("any of five lose their data", () => {
  test.each(cases)(
    "lost: $title; all that the others hold is everywhere, to the fen [LO2] [SB3]",
    {
      timeout: 120_000,
    },
    async ({ lost }) => {
      const survivors = holders.filter((holder) => !lost.includes(holder));
      const dir = await scratchFolder();
      const isServerLost = lost.includes("server");
      if (!isServerLost) await cp(join(shop.folder, "server"), dir, { recursive: true });
      const isPromoted = isServerLost && survivors.includes(standbyName);
      const started = isPromoted
        ? await promoteCopy(dir)
        : isServerLost
          ? await recoverEmpty(dir)
          : await startTestServer(dir, { port: shop.port });
      const { relay } = started.data;
      const online = new Map<Device, Online>();
      const platform = createNodePlatform(memoryLog());
      // One that was promoted is the server now, and no device besides.
      const isThere = (name: Device) =>
        !lost.includes(name) && !(isPromoted && name === standbyName);
      for (const name of devices)
        if (isThere(name)) online.set(name, await openCopy(platform, name));

      const union = unionOf(survivors);
      const has = (heads: Heads) =>
        [...union].every(([chain, next]) => (heads.get(chain)?.next ?? 0) >= next);
      const isBack = () =>
        relay.authority !== undefined &&
        has(relay.heads()) &&
        [...online.values()].every(({ session }) => {
          session.retryNow();
          return session.isSettled();
        });
      await eventually(isBack, "the server has all that survived", 30_000);

      // Who lost everything is enrolled anew in his place.
      const founded = { ...started, recovery: shop.recovery, ownerCode: "" };
      for (const name of devices.filter((one) => lost.includes(one))) {
        const replaces = shop.ids.get(name) ?? "";
        const code = await inviteByRecovery(founded, { till: tills.includes(name), replaces });
        const headless = await joinDevice(platform, started.url, code, name);
        online.set(name, { headless, session: headless.connect() });
      }
      const replicas = [...online.values()].map(({ headless }) => headless.replica);
      const isSame = () => {
        const { hash } = summarise(relay.ledger);
        return isBack() && replicas.every((replica) => replica.summary().hash === hash);
      };
      await eventually(isSame, "all five agree", 30_000);

      const survived = [...shop.fen].filter(([ref]) => {
        const { chain, seq } = splitRef(ref);
        return (union.get(chain) ?? 0) > seq;
      });
      const sum = (of: "cash" | "owed") => survived.reduce((total, [, fen]) => total + fen[of], 0);
      const expected = {
        cash: sum("cash"),
        owed: sum("owed"),
        members: survivors.includes("phone") ? 2 : 1,
        uncounted: 0,
      };
      expect(countsOf(summarise(relay.ledger))).toEqual(expected);
      for (const replica of replicas) {
        expect(has(replica.heads())).toBe(true);
        expect(countsOf(replica.summary())).toEqual(expected);
      }

      // What only the lost had is named as far as anybody ever heard of it, and nothing else is.
      const named = () => started.server.desk.missing();
      const { chain, next } = shop.gone;
      const goneMissing = { chain, from: union.get(chain) ?? 0, to: next - 1 };
      await eventually(
        () => named().some((one) => one.chain === chain),
        "what the one that is gone had is named",
      );
      expect(named().find((one) => one.chain === chain)).toEqual(goneMissing);
      const existed = unionOf(holders).set(chain, next);
      const invented = named().filter(
        (one) => one.from < (union.get(one.chain) ?? 0) || one.to >= (existed.get(one.chain) ?? 0),
      );
      expect(invented).toEqual([]);
    },
  );
});
