import { expect, test } from "vitest";
import { ImportGate } from "../../server/relay/import-gate.ts";
import { readSnapshot } from "../../server/snapshots/list-snapshots.ts";
import { verifySnapshot } from "../../server/snapshots/verify-snapshot.ts";
import { guessColumns } from "../../shared/imports/column-mapping.ts";
import { planImport } from "../../shared/imports/plan-import.ts";
import { readTable } from "../../shared/imports/read-table.ts";
import type { Run } from "../../shared/journal/run.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { TestOrganisation } from "../harness/organisation.ts";
import { act } from "../harness/shop.ts";
import { eventually, joinDevice, scratchFolder, startFoundedServer } from "./server-harness.ts";

async function planOf(names: readonly string[]) {
  const rows = names.map((name, at) => `${at + 1},0000${at},${name},1380000000${at},100.50`);
  const table = readTable(["序号,会员卡号,名称,联系方式,余额", ...rows].join("\n"));
  if (!table.ok) throw new Error(table.refusal);
  const members = { table: table.value, mapping: guessColumns(table.value).mapping };
  const known = { cards: new Set<string>(), phones: new Set<string>() };
  const plan = await planImport({ members, purchases: undefined, known });
  if (!plan.ok) throw new Error(JSON.stringify(plan.refusal));
  return plan.value;
}

test("a version from before an import is whole before anything of the import is here [VE1]", async () => {
  const server = await startFoundedServer(await scratchFolder());
  const { relay, snapshots, snapshotFolder } = server.data;
  const device = await joinDevice(server.platform, server.url, server.ownerCode);
  const owner = [...device.replica.authority.staff.keys()][0] ?? "";
  const fields = { name: "已在", phone: "13900000000" };
  await act(device.replica, { command: "AddMember", fields }, owner);
  const session = device.connect();
  await eventually(() => session.isSettled() && device.replica.unsent() === 0, "all is sent");
  // What was listed when the first run of the import was let in.
  const seen: number[] = [];
  relay.listen({
    entered: (runs) => {
      if (!runs.some(({ run }) => run.operations[0]?.includes('"ImportOpened"'))) return;
      seen.push(server.data.catalogue.data().snapshots.length);
    },
  });
  const sources = [{ name: "old.csv", hash: "x", rows: 2 }];
  const imported = await device.replica.importMembers(
    await planOf(["孟文", "侯娟华"]),
    sources,
    owner,
  );
  expect(imported.ok).toBe(true);
  await eventually(
    () => device.replica.unsent() === 0 && summarise(relay.ledger).counts.members === 3,
    "the import counts at the server",
  );
  const { snapshots: listed } = await snapshots.list();
  const [before] = listed.filter(({ reason }) => reason === "before import");
  expect(listed.filter(({ reason }) => reason === "before import").length).toBe(1);
  expect(before).toMatchObject({ members: 1, operations: 1 });
  expect(seen).toEqual([listed.length]);
  const { id = "" } = before ?? {};
  const manifest = await readSnapshot(snapshotFolder, id);
  expect(manifest?.state.liabilities.principal).toBe(0);
  const { signatures, clock } = server.platform;
  const checks = { signatures, nowMs: clock.nowMs() };
  expect((await verifySnapshot(snapshotFolder, id, checks)).damage).toEqual([]);
});

/** Runs of an import of one member, as a till seals them. */
async function importRuns(): Promise<Run[]> {
  const organisation = await TestOrganisation.found();
  const till = await organisation.enrol("till1");
  await till.replica.importMembers(await planOf(["孟文"]), [], "boss");
  return till.replica.runsFrom(till.replica.chain, 0, 100);
}

test("while the version is taken, the import's chain waits in its order and others go on [VE1]", async () => {
  const [opening, next] = await importRuns();
  if (!opening || !next) throw new Error("two runs");
  const other = { ...next, seal: next.seal.replace('"chain":"till1@', '"chain":"till2@') };
  let finish = () => {};
  let taken = 0;
  let nowMs = 1_000_000;
  const gate = new ImportGate({
    clock: { nowMs: () => nowMs },
    nextOf: () => 0,
    versionBefore: () => {
      taken++;
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
  });
  const letIn: string[] = [];
  const come = async (name: string, run: Run) => {
    await gate.pass(run);
    letIn.push(name);
  };
  expect(gate.pass(next)).toBeUndefined();
  const all = [come("opening", opening), come("next", next), come("other", other)];
  await all[2];
  expect(letIn).toEqual(["other"]);
  finish();
  await Promise.all(all);
  expect(letIn).toEqual(["other", "opening", "next"]);
  expect(gate.pass(next)).toBeUndefined();
  // Opened again within a minute, it shares the version; later it has its own.
  await gate.pass(opening);
  expect(taken).toBe(1);
  nowMs += 61_000;
  const later = gate.pass(opening);
  finish();
  await later;
  expect(taken).toBe(2);
});

test("a run that is known already takes no version [VE1]", async () => {
  const [opening] = await importRuns();
  if (!opening) throw new Error("a run");
  const gate = new ImportGate({
    clock: { nowMs: () => 0 },
    nextOf: () => 1,
    versionBefore: () => Promise.reject(new Error("not asked for")),
  });
  expect(gate.pass(opening)).toBeUndefined();
});
