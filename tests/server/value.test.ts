import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { doCommand } from "../../server/headless/do-command.ts";
import type { HeadlessReplica } from "../../server/headless/headless-replica.ts";
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

interface Till {
  headless: HeadlessReplica;
  session: DeviceSession;
}

async function joinTill(server: FoundedServer, code: string): Promise<Till> {
  const headless = await joinDevice(server.platform, server.url, code);
  const session = headless.connect();
  await eventually(() => session.isSettled(), "the till is online");
  return { headless, session };
}

async function invite(server: FoundedServer, { headless, session }: Till): Promise<string> {
  const command = { command: "InviteDevice", till: true };
  const invited = await doCommand(server.platform, headless, command, { session });
  if (!invited.ok) throw new Error(invited.refusal.code);
  return (invited.value as { code: string }).code;
}

const ownerOf = ({ headless }: Till): string =>
  [...headless.replica.authority.staff.keys()][0] ?? "";

async function topUpNew(till: Till, principal: number): Promise<string> {
  const { replica } = till.headless;
  const fields = { name: "会员", phone: `138${String(principal).padStart(8, "0")}` };
  const member = await act(replica, { command: "AddMember", fields }, ownerOf(till));
  const tenders = [{ tender: "cash" as const, amount: principal }];
  await act(replica, { command: "TopUp", member, principal, bonus: 0, tenders }, ownerOf(till));
  return member;
}

const agree = (server: FoundedServer, ...tills: Till[]) =>
  eventually(() => {
    const hash = summarise(server.data.relay.ledger).hash;
    return tills.every(
      ({ headless, session }) => session.isSettled() && headless.replica.summary().hash === hash,
    );
  }, "everybody agrees");

test("with two tills the server is home: the exact amount, and an allotment for the time offline", async () => {
  const server = await startFoundedServer(await scratchFolder());
  const first = await joinTill(server, server.ownerCode);
  const second = await joinTill(server, await invite(server, first));
  const member = await topUpNew(first, 100_000);
  const { replica } = second.headless;
  await eventually(
    async () => (await second.session.requestValue(member, 30_000)).ok,
    "value went home and the server gives of it",
  );
  // 300.00 for the charge; of the 700.00 that stay, min(20 %, 200.00) is 140.00.
  expect(replica.spendable(member)).toBe(30_000 + 14_000);
  await act(replica, chargeCommand(member, 30_000), ownerOf(first));
  const refused = await second.session.requestValue(member, 100_000);
  expect(refused).toMatchObject({ ok: false, refusal: { code: "not-enough" } });
  expect(await second.session.requestValue("nobody@shop:1", 1)).toMatchObject({
    ok: false,
    refusal: { code: "unknown-member" },
  });
  // Offline the allotment is there, and no more.
  second.session.close();
  await act(replica, chargeCommand(member, 14_000), ownerOf(first));
  const beyond = await replica.perform(chargeCommand(member, 1), ownerOf(first));
  expect(beyond).toMatchObject({ ok: false, refusal: { code: "value-elsewhere" } });
});

test("a sole till is home: the server gives nothing and keeps nothing", async () => {
  const server = await startFoundedServer(await scratchFolder());
  const till = await joinTill(server, server.ownerCode);
  const member = await topUpNew(till, 5000);
  await agree(server, till);
  expect(till.headless.replica.spendable(member)).toBe(5000);
  expect(await till.session.requestValue(member, 1)).toMatchObject({
    ok: false,
    refusal: { code: "not-home" },
  });
});

test("a server that is shown an operation of its own which it does not know writes nothing until every device was heard [ID4]", async () => {
  const dir = await scratchFolder();
  const server = await startFoundedServer(dir);
  const first = await joinTill(server, server.ownerCode);
  const second = await joinTill(server, await invite(server, first));
  const member = await topUpNew(first, 100_000);
  await agree(server, first, second);
  await server.stop();
  const copy = join(await scratchFolder(), "live");
  await cp(join(dir, "live"), copy, { recursive: true });

  const port = server.server.port;
  const again = await startTestServer(dir, { port });
  for (const { session } of [first, second]) session.retryNow();
  await eventually(
    async () => (await second.session.requestValue(member, 30_000)).ok,
    "the server gave, and wrote it into its own chain",
  );
  await agree({ ...server, ...again }, first, second);
  await again.stop();
  // Somebody puts an old copy back, and its snapshots too.
  await rm(join(dir, "live"), { recursive: true });
  await rm(join(dir, "snapshots"), { recursive: true, force: true });
  await cp(copy, join(dir, "live"), { recursive: true });

  second.session.close();
  const rolledBack = await startTestServer(dir, { port });
  const { relay } = rolledBack.data;
  first.session.retryNow();
  await eventually(
    () => relay.trouble() === "store-rolled-back" && first.session.isSettled(),
    "the first has shown it what it had forgotten, and given it back",
  );
  expect((await fetch(`${rolledBack.url}/readyz`)).status).toBe(503);
  expect(rolledBack.log.lines.some(({ message }) => message === "server-rolled-back")).toBe(true);
  const late = await topUpNew(first, 7000);
  await eventually(() => first.headless.replica.saved(late).onServer, "sales are taken");
  expect(await first.session.requestValue(member, 40_000)).toMatchObject({ ok: false });
  expect(relay.trouble()).toBe("store-rolled-back");

  const session = second.headless.connect();
  await eventually(() => relay.trouble() === undefined && session.isSettled(), "all were heard");
  await agree({ ...server, ...rolledBack }, first, { ...second, session });
  await eventually(
    async () => (await first.session.requestValue(member, 40_000)).ok,
    "the server gives again",
  );
  expect(relay.branches()).toEqual([]);
});
