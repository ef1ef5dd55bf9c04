import { join } from "node:path";
import { expect, test } from "vitest";
import { defaultPlan } from "../../server/backups/backup-plan.ts";
import { statusCommand } from "../../server/cli/status-command.ts";
import { readSafetyFacts, type SafetyFacts } from "../../shared/safety/safety-facts.ts";
import { enrolRaw, inviteByRecovery } from "./raw-device.ts";
import { type FoundedServer, scratchFolder, startFoundedServer } from "./server-harness.ts";

const ask = (server: FoundedServer, ticket?: string) =>
  fetch(`${server.url}/api/v1/safety`, {
    headers: ticket === undefined ? {} : { authorization: `Bearer ${ticket}` },
  });

async function factsAt(server: FoundedServer, ticket: string): Promise<SafetyFacts> {
  const answer = await ask(server, ticket);
  const facts = readSafetyFacts(await answer.json());
  if (!facts) throw new Error(`no facts: ${answer.status}`);
  return facts;
}

/** Without what goes on with the clock. */
const timeless = (facts: SafetyFacts): unknown =>
  JSON.parse(JSON.stringify(facts), (key, value) =>
    ["atMs", "seenMs", "nextMs", "untilMs"].includes(key) ? undefined : value,
  );

test("an owner's device reads with a ticket, once, what the command line says [SC6]", async () => {
  const server = await startFoundedServer(await scratchFolder());
  const device = await enrolRaw(server, server.ownerCode);
  const path = join(await scratchFolder(), "usb");
  const { backups } = server.data;
  const place = { offSite: true, offline: false };
  const added = await backups.add("usb", { kind: "directory", path }, defaultPlan, place);
  if (!added.ok) throw new Error(added.refusal);
  await backups.put(added.value, "full");
  await backups.drill(added.value);
  const ticket = await device.ticket();
  const facts = await factsAt(server, ticket);
  expect(facts.targets).toMatchObject([{ name: "usb", offSite: true, drill: { ok: true } }]);
  expect(facts.targets[0]?.provenMs).toBe(facts.targets[0]?.drill?.atMs);
  // A folder on the disk of the server is no second copy, whatever was said of it.
  expect(facts.places.find(({ kind }) => kind === "target")).toMatchObject({
    onServersDisk: true,
    inShop: true,
  });
  expect(facts.rules.find(({ rule }) => rule === "errors")?.ok).toBe(true);
  const { data, platform, server: running } = server;
  const { json } = await statusCommand({ data, platform, running }, {});
  const { safety } = json as { safety: SafetyFacts };
  expect(timeless(safety)).toEqual(timeless(facts));
  expect((await ask(server, ticket)).status).toBe(403);
});

test("nobody without a ticket, and no cashier's device [SC6]", async () => {
  const server = await startFoundedServer(await scratchFolder());
  expect((await ask(server)).status).toBe(403);
  expect((await ask(server, "x".repeat(32))).status).toBe(403);
  const cashier = await enrolRaw(server, await inviteByRecovery(server, { ceiling: "cashier" }));
  const refused = await ask(server, await cashier.ticket());
  expect([refused.status, await refused.json()]).toMatchObject([403, { code: "not-entitled" }]);
  const manager = await enrolRaw(server, await inviteByRecovery(server, { ceiling: "manager" }));
  expect((await factsAt(server, await manager.ticket())).places).toHaveLength(3);
});

test("a device that was replaced is no place any more, and is told nothing [SC6]", async () => {
  const server = await startFoundedServer(await scratchFolder());
  const old = await enrolRaw(server, server.ownerCode);
  const ticket = await old.ticket();
  const code = await inviteByRecovery(server, { replaces: old.identity.device });
  const successor = await enrolRaw(server, code);
  expect((await ask(server, ticket)).status).toBe(403);
  const { places } = await factsAt(server, await successor.ticket());
  expect(places.filter(({ kind }) => kind === "device").map(({ id }) => id)).toEqual([
    successor.identity.device,
  ]);
});
