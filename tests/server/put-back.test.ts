import { cp, rm } from "node:fs/promises";
import { expect, test } from "vitest";
import { doCommand } from "../../server/headless/do-command.ts";
import type { HeadlessReplica } from "../../server/headless/headless-replica.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { addMember, charge, topUp } from "../harness/shop.ts";
import {
  atEnd,
  eventually,
  type FoundedServer,
  joinDevice,
  scratchFolder,
  startFoundedServer,
  startTestServer,
  type TestServer,
} from "./server-harness.ts";

type Till = HeadlessReplica & { folder: string };

interface PutBack {
  server: FoundedServer;
  /** the server's folder as it was a while ago */
  old: string;
  tills: Till[];
  member: string;
}

/** One or two tills, a member with 100.00, and a copy of the server's folder from then. */
async function openShop(count: number): Promise<PutBack> {
  const server = await startFoundedServer(await scratchFolder());
  const first = await joinDevice(server.platform, server.url, server.ownerCode, "前台");
  const tills = [first];
  const session = first.connect();
  if (count > 1) {
    await eventually(() => session.isSettled(), "the first is online");
    const command = { command: "InviteDevice", till: true };
    const invited = await doCommand(server.platform, first, command, { session });
    const { code = "" } = invited.ok ? (invited.value as { code: string }) : {};
    const second = await joinDevice(server.platform, server.url, code, "平板");
    const other = second.connect();
    await eventually(() => other.isSettled(), "the second is online");
    tills.push(second);
  }
  const member = await addMember(first.replica, "孟文", "13800000001");
  await topUp(first.replica, member, 100_00);
  await everybodyAgrees(server, tills);
  await server.stop();
  const old = await scratchFolder();
  await cp(server.data.dir, old, { recursive: true });
  return { server, old, tills, member };
}

const restart = (server: FoundedServer): Promise<TestServer> =>
  startTestServer(server.data.dir, { port: server.server.port });

async function putBack({ server, old }: PutBack): Promise<void> {
  await rm(server.data.dir, { recursive: true });
  await cp(old, server.data.dir, { recursive: true });
}

/** Every element of every document, in its place. */
async function contentOf({ data }: TestServer): Promise<Record<string, string[]>> {
  const content: Record<string, string[]> = {};
  for (const { name, length } of data.relay.documents())
    content[name] = await data.store.read(name, 0, length);
  return content;
}

async function everybodyAgrees(server: TestServer, tills: readonly Till[]): Promise<void> {
  await eventually(
    () =>
      tills.every(
        ({ replica }) =>
          replica.unsent() === 0 &&
          replica.summary().hash === summarise(server.data.relay.ledger).hash,
      ),
    "all agree",
    20_000,
  );
}

test("an old copy of the server's folder put back under a lone till: refilled exactly, in the same documents [LO2]", async () => {
  const shop = await openShop(1);
  const { server, tills, member } = shop;
  const [till] = tills as [Till];
  const week = await restart(server);
  for (let day = 0; day < 7; day++) await charge(till.replica, member, 1_00);
  await everybodyAgrees(week, tills);
  const before = week.data.relay.documents();
  await eventually(
    () => till.replica.checkpoint()?.includes(`"operations":${9}`) ?? false,
    "the till remembers what it was shown",
  );
  await week.stop();
  await putBack(shop);

  const back = await restart(server);
  expect(summarise(back.data.relay.ledger).counts.operations).toBe(2);
  await everybodyAgrees(back, tills);
  expect(back.data.relay.documents()).toEqual(before);
  expect(
    back.log.lines.filter(({ alarm }) => alarm === "server-rolled-back").length,
  ).toBeGreaterThan(0);
  await eventually(() => back.data.relay.trouble() === undefined, "the server writes again");
  await eventually(
    () => till.replica.serverFinding()?.isMended === true,
    "the till has seen it mended",
  );
  expect(till.replica.serverFinding()).toMatchObject({
    kind: "went-back",
    regress: { lost: [{ chain: till.replica.chain, from: 2, to: 8 }] },
  });
  await charge(till.replica, member, 1_00);
  await everybodyAgrees(back, tills);
  expect(till.replica.member(member)?.balance).toBe(92_00);
});

test("with two tills the server's own operations come back too, and it waits for both before it writes [LO2]", async () => {
  const shop = await openShop(2);
  const { server, tills, member } = shop;
  const [one, two] = tills as [Till, Till];
  const week = await restart(server);
  const sessions = [one.connect(), two.connect()];
  await eventually(() => sessions.every((session) => session.isSettled()), "both are online");
  for (const [index, till] of tills.entries()) {
    const given = await sessions[index]?.requestValue(member, 10_00);
    expect(given?.ok).toBe(true);
    await charge(till.replica, member, 10_00);
  }
  await everybodyAgrees(week, tills);
  const before = await contentOf(week);
  await week.stop();
  await putBack(shop);

  const back = await restart(server);
  await everybodyAgrees(back, tills);
  expect(await contentOf(back)).toEqual(before);
  expect(back.data.relay.branches()).toEqual([]);
  await eventually(() => back.data.relay.trouble() === undefined, "the server writes again");
  await eventually(() => sessions.every((session) => session.isSettled()), "both are settled");
  const given = await sessions[0]?.requestValue(member, 50_00);
  expect(given?.ok).toBe(true);
  await charge(one.replica, member, 50_00);
  await everybodyAgrees(back, tills);
  expect(two.replica.member(member)?.balance).toBe(30_00);
});

test("one that was written to before its witnesses came gets everything by heads all the same [J1]", async () => {
  const shop = await openShop(2);
  const { server, tills, member } = shop;
  const [one, two] = tills as [Till, Till];
  await two.close();
  const week = await restart(server);
  await topUp(one.replica, member, 7_00);
  await topUp(one.replica, member, 8_00);
  await everybodyAgrees(week, [one]);
  await week.stop();
  await putBack(shop);

  // The second comes first, with news of its own: the documents now differ for good.
  await one.close();
  const back = await restart(server);
  const { openHeadless } = await import("../../server/headless/headless-replica.ts");
  const opened = await openHeadless(server.platform, two.folder);
  atEnd(() => opened.close());
  opened.connect();
  await topUp(opened.replica, member, 1_00);
  await eventually(() => opened.replica.unsent() === 0, "the second has sent its own");
  const again = await openHeadless(server.platform, one.folder);
  atEnd(() => again.close());
  const session = again.connect();
  await everybodyAgrees(back, [
    { ...again, folder: one.folder },
    { ...opened, folder: two.folder },
  ]);
  await eventually(() => session.isSettled(), "the first has all that there is");
  expect(again.replica.member(member)?.balance).toBe(116_00);
  expect(again.replica.missing()).toEqual([]);
});

test("one of which nobody can prove that it was put back loses nothing and stops for nobody who made it up [WI2] [LO2]", async () => {
  const shop = await openShop(1);
  const { server, tills, member } = shop;
  const [till] = tills as [Till];
  const week = await restart(server);
  await everybodyAgrees(week, tills);
  const remembered = till.replica.checkpoint();
  for (let sale = 0; sale < 5; sale++) await charge(till.replica, member, 1_00);
  await everybodyAgrees(week, tills);
  const before = await contentOf(week);
  await week.stop();
  const isUnproven = till.replica.checkpoint() === remembered;
  await putBack(shop);

  const back = await restart(server);
  const wasStopped: (string | undefined)[] = [];
  back.data.relay.listen({ entered: () => wasStopped.push(back.data.relay.trouble()) });
  await everybodyAgrees(back, tills);
  expect(await contentOf(back)).toEqual(before);
  // On a machine that is slow enough the server has signed what it then lost: that is proof.
  if (isUnproven) expect(wasStopped.filter((trouble) => trouble !== undefined)).toEqual([]);
  await eventually(() => back.data.relay.trouble() === undefined, "the server writes");
  await charge(till.replica, member, 1_00);
  await everybodyAgrees(back, tills);
  expect(till.replica.member(member)?.balance).toBe(94_00);
});

test("put back to before a device was enrolled: that device brings what enrolled it, and is let in by itself [LO2] [AC11]", async () => {
  const shop = await openShop(1);
  const { server, tills, member } = shop;
  const [one] = tills as [Till];
  const week = await restart(server);
  const session = one.connect();
  await eventually(() => session.isSettled(), "the first is online");
  const invited = await doCommand(server.platform, one, { command: "InviteDevice" }, { session });
  await one.close();
  const { code = "" } = invited.ok ? (invited.value as { code: string }) : {};
  const two = await joinDevice(server.platform, server.url, code, "平板");
  const other = two.connect();
  await eventually(() => other.isSettled(), "the second is online");
  await topUp(two.replica, member, 8_00);
  await everybodyAgrees(week, [two]);
  const before = await contentOf(week);
  await week.stop();
  await putBack(shop);
  await topUp(two.replica, member, 9_00);

  // The first was away: nobody else knows of the second.
  const back = await restart(server);
  expect(back.data.relay.authority?.devices.has(two.replica.device)).toBe(false);
  await eventually(() => other.isSettled(), "the second is let in", 20_000);
  await everybodyAgrees(back, [two]);
  const after = await contentOf(back);
  expect(after["authority"]).toEqual(before["authority"]);
  expect(back.data.relay.ledger.books.balances.get(member)?.principal).toBe(117_00);
  expect(
    back.log.lines.filter(({ alarm }) => alarm === "server-rolled-back").length,
  ).toBeGreaterThan(0);
});

test("what nobody entitled signed is not taken from anybody, and tries are few [AC11]", async () => {
  const shop = await openShop(1);
  const { server } = shop;
  const week = await restart(server);
  const ask = (path: string, body: unknown) =>
    fetch(`${server.url}/api/v1/authority/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const { heads = [], texts = [], lastHash } = week.data.relay.authority ?? {};
  const compared = await ask("compare", { heads: [...heads, "99:aaaaaaaaaaaaaaaaaaaaaa"] });
  expect(await compared.json()).toEqual({ known: heads.length, held: heads.length, open: false });
  const stranger = await ask("compare", { heads: ["0:aaaaaaaaaaaaaaaaaaaaaa"] });
  expect(stranger.status).toBe(403);
  const newest = JSON.parse(texts.at(-1) ?? "") as Record<string, unknown>;
  const forged = JSON.stringify({ ...newest, seq: texts.length, prev: lastHash });
  const codes = new Set<number>();
  for (let tried = 0; tried < 30; tried++)
    for (const after of [heads.at(-1), heads[0], "1:aaaaaaaaaaaaaaaaaaaaaa"])
      codes.add((await ask("tail", { after, entries: [forged] })).status);
  expect([...codes].sort()).toEqual([403, 429]);
  expect(week.data.relay.authority?.heads).toEqual(heads);
});
