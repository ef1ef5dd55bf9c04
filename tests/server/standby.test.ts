import { join } from "node:path";
import { expect, test } from "vitest";
import WebSocket from "ws";
import { createNodePlatform } from "../../server/adapters/node-platform.ts";
import { doCommand } from "../../server/headless/do-command.ts";
import { type HeadlessReplica, joinHeadless } from "../../server/headless/headless-replica.ts";
import { gatherSafety } from "../../server/monitor/gather-safety.ts";
import type { ServerPlatform } from "../../server/platform.ts";
import { type Promoted, promoteStandby } from "../../server/standby/promote-standby.ts";
import { createStandbyDesk } from "../../server/standby/standby-desk.ts";
import { standbyFolder } from "../../server/standby/standby-folder.ts";
import { type RunningStandby, startStandby } from "../../server/standby/standby-server.ts";
import { openNextTerm } from "../../shared/access/open-next-term.ts";
import { newRecoveryKey, type RecoveryKey } from "../../shared/access/recovery-key.ts";
import type { Clock } from "../../shared/journal/ports.ts";
import type { DeviceSession } from "../../shared/replica/device-session.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import type { ApiAnswer } from "../../shared/sync/server-api.ts";
import { act } from "../harness/shop.ts";
import { ManualTimers } from "./manual-timers.ts";
import {
  atEnd,
  eventually,
  type FoundedServer,
  joinDevice,
  memoryLog,
  scratchFolder,
  startFoundedServer,
  startTestServer,
  type TestServer,
} from "./server-harness.ts";

/** The same machine on which every wait is a tenth as long. */
const hurried = (platform: ServerPlatform): ServerPlatform => ({
  ...platform,
  timers: { after: (ms, run) => platform.timers.after(ms / 10, run) },
});

interface Till {
  headless: HeadlessReplica;
  session: DeviceSession;
}

interface Shop {
  primary: FoundedServer;
  tills: [Till, Till];
  owner: string;
  standby: Standby;
}

interface Standby {
  dir: string;
  port: number;
  platform: ServerPlatform;
  running: RunningStandby;
}

const invite = async (server: FoundedServer, { headless, session }: Till, till: boolean) => {
  const command = { command: "InviteDevice", till, ceiling: "owner" };
  const invited = await doCommand(server.platform, headless, command, { session });
  return invited.ok && "code" in invited.value ? invited.value.code : "";
};

const connect = (headless: HeadlessReplica): Till => ({ headless, session: headless.connect() });

async function startStandbyOf(primary: FoundedServer, code: string): Promise<Standby> {
  const dir = await scratchFolder();
  const platform = hurried(createNodePlatform(memoryLog()));
  const asked = { server: primary.url, code, name: "spare" };
  const joined = await joinHeadless(platform, standbyFolder(dir), asked);
  if (!joined.ok) throw new Error(joined.refusal);
  const catalogue = await platform.openCatalogue(join(dir, "catalogue.json"));
  const options = { dir, catalogue, host: "127.0.0.1", port: 0, origins: [] };
  const running = await startStandby(options, platform);
  atEnd(() => running.close());
  const origin = running.url;
  await catalogue.update((data) => {
    data.addresses = [origin];
  });
  await primary.data.catalogue.update((data) => {
    data.standby = { device: joined.value.device, origin };
  });
  primary.server.desk.tellAddresses();
  return { dir, port: Number(new URL(origin).port), platform, running };
}

/** Asks servers of which nobody knows where else they are. */
const looksBefore = (platform: ServerPlatform): ServerPlatform => ({
  ...platform,
  httpApi: (address) => {
    const api = platform.httpApi(address);
    const withoutAddresses = ({ status, body }: ApiAnswer) => ({
      status,
      body: { ...(body as object), addresses: [] },
    });
    return { ...api, get: async (...asked) => withoutAddresses(await api.get(...asked)) };
  },
});

/** Two tills and a standby that has everything, and of which both tills know. */
async function openShop(clock: Clock = { nowMs: () => Date.now() }): Promise<Shop> {
  const primary = await startFoundedServer(await scratchFolder(), {
    platform: { ...hurried(createNodePlatform(memoryLog())), clock },
  });
  const { platform, url, ownerCode } = primary;
  const one = connect(await joinDevice(platform, url, ownerCode, "front till"));
  await eventually(() => one.session.isSettled(), "the first till is online");
  // It looked where the server is just before the standby was named, and is told all the same.
  const two = connect(
    await joinDevice(looksBefore(platform), url, await invite(primary, one, true), "tablet"),
  );
  const standby = await startStandbyOf(primary, await invite(primary, one, false));
  two.session.close();
  const again = connect(two.headless);
  await eventually(() => one.session.isSettled() && again.session.isSettled(), "both are online");
  const owner = [...one.headless.replica.authority.staff.keys()][0] ?? "";
  return { primary, tills: [one, again], owner, standby };
}

const sell = ({ headless }: Till, amount: number, owner: string) =>
  act(
    headless.replica,
    {
      command: "RecordSale",
      items: [{ name: "剪发", quantity: 1, list: amount, discount: 0 }],
      tenders: [{ tender: "cash", amount }],
    },
    owner,
  );

const cashOf = ({ data }: TestServer): number =>
  summarise(data.relay.ledger).trialBalance["tender/cash"] ?? 0;

const followed = ({ primary, standby, tills }: Shop) =>
  eventually(() => {
    const { operations, complete } = standby.running.standing();
    if (tills.some(({ headless }) => headless.replica.unsent() > 0)) return false;
    const held = [...primary.data.relay.heads().values()].reduce((sum, { next }) => sum + next, 0);
    return complete && operations === held;
  }, "the standby has everything");

const checkpointCame = ({ primary, standby }: Shop, isThere: (text: string) => boolean) =>
  eventually(async () => {
    const store = standby.platform.folderStore(standbyFolder(standby.dir));
    const { settings } = await store.load();
    await store.close();
    return isThere(settings["checkpoint"] ?? "") && primary.data.relay.authority !== undefined;
  }, "the standby remembers what the server signed");

async function promote(
  { standby: { dir, platform } }: Shop,
  recovery: RecoveryKey,
  despiteMissing = false,
) {
  const catalogue = await platform.openCatalogue(join(dir, "catalogue.json"));
  return promoteStandby({ dir, recovery, despiteMissing, catalogue }, platform);
}

async function promoteAndServe(shop: Shop): Promise<{ made: Promoted; server: TestServer }> {
  const { standby, primary } = shop;
  await standby.running.close();
  const made = await promote(shop, primary.recovery);
  if (!made.ok) throw new Error(JSON.stringify(made.refusal));
  const { dir, port, platform } = standby;
  return { made: made.value, server: await startTestServer(dir, { port, platform }) };
}

test("the server dies during sales: the standby is promoted, devices move by themselves, nothing is lost or twice [SB1] [SB3]", async () => {
  const shop = await openShop();
  const { primary, tills, owner } = shop;
  const [one, two] = tills;
  const member = await act(
    one.headless.replica,
    { command: "AddMember", fields: { name: "孟文", phone: "13800000001" } },
    owner,
  );
  await sell(one, 11_00, owner);
  await sell(two, 22_00, owner);
  await eventually(() => tills.every(({ session }) => session.isSettled()), "all is sent");
  await followed(shop);
  await primary.server.drop();
  await primary.data.close();
  await sell(one, 33, owner);
  await sell(two, 44, owner);
  const { made, server } = await promoteAndServe(shop);
  expect(server.data.state.keys.map(([id]) => id)).toEqual([member]);
  expect(made).toMatchObject({ term: 2, closed: primary.data.relay.device, awaited: [] });
  expect(made.lacking.operations).toEqual([]);
  await eventually(() => cashOf(server) === 33_77, "the tills brought what they sold meanwhile");
  await sell(two, 1_00, owner);
  await eventually(() => {
    const { hash } = summarise(server.data.relay.ledger);
    return tills.every(
      ({ session, headless }) => session.isSettled() && headless.replica.summary().hash === hash,
    );
  }, "all agree");
  expect(cashOf(server)).toBe(34_77);
  const { counts } = summarise(server.data.relay.ledger);
  expect(counts).toMatchObject({ members: 1, sales: 5, waiting: 0, quarantined: 0, refused: 0 });
  expect(one.headless.replica.member(member)?.fields["name"]).toBe("孟文");
});

test("the old server started again takes nothing, and what only it has reaches the new one [SB4]", async () => {
  const shop = await openShop();
  const { primary, tills, owner, standby } = shop;
  const [one, two] = tills;
  await sell(one, 11_00, owner);
  await followed(shop);
  // The standby's cable is out; a tablet sells, is heard, and falls into the water.
  await standby.running.close();
  await sell(two, 22_00, owner);
  const member = await act(
    two.headless.replica,
    { command: "AddMember", fields: { name: "韩梅梅", phone: "13800000003" } },
    owner,
  );
  await eventually(() => two.session.isSettled(), "the server has it");
  two.session.close();
  one.session.close();
  await primary.stop();
  const made = await promote(shop, primary.recovery);
  if (!made.ok) throw new Error(JSON.stringify(made.refusal));
  const { dir, port, platform } = standby;
  const server = await startTestServer(dir, { port, platform });
  expect(cashOf(server)).toBe(11_00);

  const old = await startTestServer(primary.data.dir, {
    port: Number(new URL(primary.url).port),
    platform: primary.platform,
  });
  await eventually(() => cashOf(server) === 33_00, "the old server handed over what it had");
  const hasKey = () => server.data.relay.keyring.entries().some(([id]) => id === member);
  await eventually(hasKey, "it handed over the key of the member that was added there");
  expect(old.data.relay.authority?.term).toBe(2);
  const asked = await fetch(`${old.url}/api/v1/organisation`);
  expect(await asked.json()).toMatchObject({ mode: "superseded" });
  const again = connect(one.headless);
  await sell(one, 1_00, owner);
  await eventually(() => again.session.isSettled(), "the till found the new server");
  expect(cashOf(server)).toBe(34_00);
  expect(one.headless.replica.member(member)?.fields["name"]).toBe("韩梅梅");
  expect(cashOf(old)).toBe(33_00);
  expect(old.data.relay.trouble()).toBe("store-of-another-server");
});

test("an old server that wrote changes of rights of its own is fenced all the same [SB4]", async () => {
  const shop = await openShop();
  const { primary, tills, owner, standby } = shop;
  const [one] = tills;
  await followed(shop);
  await standby.running.close();
  await invite(primary, one, false);
  const { dir, port, platform } = standby;
  const made = await promote(shop, primary.recovery);
  if (!made.ok) throw new Error(JSON.stringify(made.refusal));
  const server = await startTestServer(dir, { port, platform });
  // Both run: nobody had switched the old one off.
  await eventually(
    () => tills.every(({ headless }) => headless.replica.authority.term === 2),
    "the tills hear that another server was opened",
    20_000,
  );
  await sell(one, 5_00, owner);
  await eventually(() => cashOf(server) === 5_00, "they sell at the new one");
  expect(cashOf(primary)).toBe(0);
  expect(primary.data.relay.trouble()).toBe("store-of-another-server");
});

test("a standby says that it is one, and takes nothing [SB2]", async () => {
  const { standby, primary } = await openShop();
  const { url } = standby.running;
  const organisation = await fetch(`${url}/api/v1/organisation`);
  expect(await organisation.json()).toMatchObject({ mode: "standby", term: 1, of: primary.url });
  expect(organisation.headers.get("access-control-allow-origin")).toBe("*");
  const tickets = await fetch(`${url}/api/v1/tickets`, { method: "POST", body: "{}" });
  expect(tickets.status).toBe(503);
  expect(await tickets.json()).toMatchObject({ code: "standby" });
  expect(await (await fetch(`${url}/`)).text()).toContain("备用服务器，还没有启用");
  const socket = new WebSocket(`${url.replace("http", "ws")}/sync/authority?ticket=x`);
  const closed = await new Promise<number>((resolve) => {
    socket.on("close", (code) => resolve(code));
  });
  expect(closed).toBe(4411);
});

test("only a log in which the recovery card closes it stops a server [SB4]", async () => {
  const { primary, tills, owner } = await openShop();
  const [one] = tills;
  const own = primary.data.relay.ledger.authorityTexts;
  const tell = async (entries: readonly string[]) => {
    const body = JSON.stringify({ entries });
    const answer = await fetch(`${primary.url}/api/v1/successor`, { method: "POST", body });
    return ((await answer.json()) as { code: string }).code;
  };
  const stranger = await startFoundedServer(await scratchFolder());
  const opening = async (recovery: RecoveryKey) => {
    const log = primary.data.relay.authority;
    if (!log) throw new Error("founded");
    const server = { device: "thief", key: stranger.data.identity.signer.publicKey };
    return openNextTerm(log, { heads: new Map(), server }, recovery, Date.now());
  };
  const forged = await opening(newRecoveryKey(primary.platform.random));
  expect(await tell(own)).toBe("not-accepted");
  expect(await tell(stranger.data.relay.ledger.authorityTexts)).toBe("not-accepted");
  expect(await tell([...own, forged])).toBe("not-accepted");
  expect(primary.data.relay.trouble()).toBeUndefined();
  await sell(one, 1_00, owner);
  await eventually(() => cashOf(primary) === 1_00, "it goes on");
  await tell([...own, await opening(primary.recovery)]);
  expect(primary.data.relay.trouble()).toBe("store-of-another-server");
});

test("pages of the shop's other addresses may ask, others may not [SB3]", async () => {
  const { primary, standby } = await openShop();
  const ask = async (origin: string, method = "GET") => {
    const headers = { origin };
    const answer = await fetch(`${primary.url}/api/v1/organisation`, { method, headers });
    return answer.headers.get("access-control-allow-origin");
  };
  const ours = new URL(standby.running.url).origin;
  expect(await ask(ours)).toBe(ours);
  expect(await ask(ours, "OPTIONS")).toBe(ours);
  expect(await ask("https://bank.example")).toBeNull();
  expect(await ask("https://bank.example", "OPTIONS")).toBeNull();
});

test("promoting is refused without the card, and while the old server is known to have had more [SB5]", async () => {
  const shop = await openShop();
  const { primary, tills, owner, standby } = shop;
  const [one, two] = tills;
  await sell(one, 11_00, owner);
  await followed(shop);
  // Of the second sale the standby hears in a checkpoint, but not the sale.
  const device = two.headless.replica.device;
  const { store } = [...(primary.data.relay.authority?.devices.values() ?? [])].find(
    ({ id }) => id === device,
  ) ?? { store: "" };
  await standby.running.close();
  await sell(two, 22_00, owner);
  await eventually(() => two.session.isSettled(), "the server has it");
  const signed = await primary.data.relay.signCheckpoint(primary.data.relay.checkpoint());
  const folder = standby.platform.folderStore(standbyFolder(standby.dir));
  await folder.load();
  await folder.commit({ settings: { checkpoint: signed } });
  await folder.close();
  await checkpointCame(shop, (text) => text === signed);

  const strange = await promote(shop, newRecoveryKey(primary.platform.random), true);
  expect(strange).toEqual({ ok: false, refusal: { code: "wrong-recovery-key" } });
  const refused = await promote(shop, primary.recovery);
  const missing = { chain: `${device}@${store}`, from: 0, to: 0 };
  expect(refused).toMatchObject({
    ok: false,
    refusal: { code: "lacking", lacking: { operations: [missing], entries: 0 } },
  });
  expect(await standby.platform.files.list(join(standby.dir, "live"))).toEqual([]);
  const made = await promote(shop, primary.recovery, true);
  expect(made).toMatchObject({ ok: true, value: { lacking: { operations: [missing] } } });
});

test("how the standby stands is told: there, away, behind [SB6]", async () => {
  let laterMs = 0;
  const clock = { nowMs: () => Date.now() + laterMs };
  const shop = await openShop(clock);
  const { primary, tills, owner, standby } = shop;
  const safety = async () =>
    (
      await gatherSafety({
        data: primary.data,
        clock,
        diskOf: async () => undefined,
        holders: () => primary.server.desk.holders(),
      })
    ).standby;
  await followed(shop);
  await eventually(async () => (await safety())?.behind === 0, "it said what it holds");
  expect(await safety()).toMatchObject({
    name: "spare",
    origin: standby.running.url,
    online: true,
    standing: "following",
  });
  // Nothing has happened for an hour, and then its cable is pulled.
  laterMs += 60 * 60_000;
  await standby.running.close();
  await sell(tills[0], 1_00, owner);
  await eventually(async () => (await safety())?.online === false, "it is away");
  await eventually(async () => (await safety())?.behind === 1, "it lacks the sale");
  await eventually(async () => (await safety())?.standing === "following", "it was there just now");
  laterMs += 16 * 60_000;
  expect(await safety()).toMatchObject({ standing: "silent" });

  const timers = new ManualTimers();
  const alarms: string[] = [];
  const desk = createStandbyDesk({
    ...primary.platform,
    data: { ...primary.data, alarm: ({ kind }) => void alarms.push(kind) },
    clock,
    timers,
    holders: () => primary.server.desk.holders(),
  });
  const look = async () => {
    await eventually(() => timers.count === 2, "it waits for its next look");
    await timers.pass(60_000);
  };
  await look();
  expect(alarms).toEqual([]);
  await look();
  await look();
  await eventually(() => alarms.length > 0, "it is an alarm");
  expect(alarms).toEqual(["standby-silent"]);
  desk.close();
});
