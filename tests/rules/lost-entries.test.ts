import { describe, expect, it } from "vitest";
import { roleNow } from "../../shared/access/authority-state.ts";
import { compareLogs } from "../../shared/access/compare-logs.ts";
import { entriesToAnswer } from "../../shared/access/lost-path.ts";
import type { Run } from "../../shared/journal/run.ts";
import { authorRun, type Draft } from "../../shared/replica/author.ts";
import type { Ledger } from "../../shared/replica/ledger.ts";
import { foldRuns, ledgerOf, shuffled } from "../harness/fold-runs.ts";
import { signerOf, TestOrganisation, type Till } from "../harness/organisation.ts";
import {
  keyOf,
  newestHead,
  recordLost,
  recoveredFrom,
  refusalOfEntry,
} from "../harness/recovered.ts";
import { act, addMember, charge, topUp } from "../harness/shop.ts";

const owner = keyOf("staff:boss");
const add = (replica: Till["replica"], card: string, staff: string) =>
  act(replica, { command: "AddMember", fields: { name: "乙", card } }, staff);

async function runsOf(...tills: Till[]): Promise<Run[]> {
  const runs: Run[] = [];
  for (const { replica } of tills) runs.push(...(await replica.runsFrom(replica.chain, 0, 1000)));
  return runs;
}

/** One till that the snapshot knows; what comes later the new server does not. */
async function shop() {
  const before = await TestOrganisation.found();
  const till = await before.enrol("till1");
  return { before, till, known: before.authority.length };
}

describe("entries of the authority log that a recovery left behind", () => {
  it("a device that was stopped is stopped again by itself, at the cut that it had [AC7]", async () => {
    const { before, till, known } = await shop();
    const member = await addMember(till.replica, "孟文", "13800000001");
    await topUp(till.replica, member, 100_00);
    const cut = Object.fromEntries(till.replica.heads());
    await before.append({ kind: "DeviceFrozen", body: { device: "till1", cut } }, [
      keyOf("device:srv1"),
    ]);
    await topUp(till.replica, member, 7_00);
    const after = await recoveredFrom(before, known);
    expect(after.state?.devices.get("till1")?.closed).toBeUndefined();
    await recordLost(after, before, known);
    expect(after.state?.devices.get("till1")?.closed).toMatchObject({ by: undefined, cut });
    expect(entriesToAnswer(after.state ?? fail())).toEqual([]);
    const folded = await foldRuns(after.authority, await runsOf(till));
    expect(folded.liabilities.principal).toBe(100_00);
    expect(folded.counts.quarantined).toBe(1);
  });

  it("one that was stopped and then replaced in the other log is stopped at that cut all the same [AC7] [ID3]", async () => {
    const { before, till, known } = await shop();
    const member = await addMember(till.replica, "孟文", "13800000001");
    const replacedAt = till.replica.heads();
    await topUp(till.replica, member, 100_00);
    const stoppedAt = Object.fromEntries(till.replica.heads());
    await before.append({ kind: "DeviceFrozen", body: { device: "till1", cut: stoppedAt } });
    await topUp(till.replica, member, 7_00);
    const runs = await runsOf(till);
    const after = await recoveredFrom(before, known);
    await after.enrol("till2", { replaces: "till1", cut: replacedAt });
    expect((await foldRuns(after.authority, runs)).liabilities.principal).toBe(107_00);
    await recordLost(after, before, known);
    const folded = await foldRuns(after.authority, runs);
    expect(folded.liabilities.principal).toBe(100_00);
    expect(folded.counts.quarantined).toBe(1);
  });

  it("what cites a lost entry counts by the rights from before; new rights wait for the owner [AC8]", async () => {
    const { before, till, known } = await shop();
    await before.append({
      kind: "StaffAdded",
      body: { staff: "bob", name: "小李", role: "manager" },
    });
    await before.exchange(till);
    await add(till.replica, "1", "amy");
    await add(till.replica, "2", "bob");
    await add(till.replica, "3", "boss");
    const runs = await runsOf(till);
    const after = await recoveredFrom(before, known);
    expect((await foldRuns(after.authority, runs)).counts).toMatchObject({
      members: 0,
      quarantined: 3,
    });
    await recordLost(after, before, known);
    expect(after.state?.staff.has("bob")).toBe(false);
    expect((await foldRuns(after.authority, runs)).counts).toMatchObject({
      members: 2,
      quarantined: 1,
    });
    const through = newestHead(before);
    const proposal = { kind: "EntriesReinstated", body: { through } } as const;
    expect(await refusalOfEntry(after, proposal, [keyOf("device:srv2")])).toBe("not-entitled");
    expect(await refusalOfEntry(after, proposal, [keyOf("device:srv1")])).toBe("not-entitled");
    await after.append(proposal, [owner]);
    expect(roleNow(after.state?.staff.get("bob"))).toBe("manager");
    expect(await refusalOfEntry(after, proposal, [owner])).toBe("unknown-subject");
    const whole = await foldRuns(after.authority, runs);
    expect(whole.counts).toMatchObject({ members: 3, quarantined: 0, waiting: 0 });
  });

  it("a device that only a lost entry enrolled is one of ours once the owner took it over; order is nothing [AC8]", async () => {
    const { before, till, known } = await shop();
    const member = await addMember(till.replica, "孟文", "13800000001");
    await topUp(till.replica, member, 100_00);
    await before.exchange(till);
    const cut = new Map([...before.serverLedger.heads()].filter(([at]) => at === "till1@s1"));
    const heir = await before.enrol("till2", { replaces: "till1", cut });
    await before.exchange(heir);
    await charge(heir.replica, member, 30_00);
    const after = await recoveredFrom(before, known);
    await recordLost(after, before, known);
    expect(after.state?.devices.has("till2")).toBe(false);
    await after.append({ kind: "EntriesReinstated", body: { through: newestHead(before) } }, [
      owner,
    ]);
    expect(after.state?.devices.get("till1")?.closed).toMatchObject({ by: "till2" });
    const runs = await runsOf(till, heir);
    for (let seed = 0; seed < 20; seed++) {
      const folded = await foldRuns(after.authority, shuffled(runs, seed));
      expect(folded.liabilities.principal).toBe(70_00);
      expect(folded.counts).toMatchObject({ waiting: 0, quarantined: 0, refused: 0 });
    }
  });

  it("the key of an owner who was removed since grants nothing, and stops nobody [AC9]", async () => {
    const { before, known } = await shop();
    await before.append({
      kind: "StaffAdded",
      body: { staff: "eve", name: "小张", role: "owner" },
    });
    await before.append({
      kind: "DeviceEnrolled",
      body: {
        device: "eves",
        name: "eves",
        key: signerOf("eves").publicKey,
        store: "s1",
        ceiling: "owner",
        till: true,
        staff: "eve",
        staffKey: signerOf("eve").publicKey,
      },
    });
    const common = before.authority.length;
    const forged = await recoveredFrom(before, common);
    const after = await recoveredFrom(before, common);
    await after.append({
      kind: "StaffChanged",
      body: { staff: "eve", name: "小张", role: "owner", active: false },
    });
    // With the stolen key, on the log as it was before the recovery.
    // Others' names beside her own do not make it more.
    const eve = [
      keyOf("staff:eve"),
      keyOf("device:srv1", "eve"),
      keyOf("device:eves"),
      keyOf("recovery", "eve"),
    ];
    await before.append(
      { kind: "StaffChanged", body: { staff: "boss", name: "老板", role: "owner", active: false } },
      eve,
    );
    await before.append({ kind: "DeviceFrozen", body: { device: "till1", cut: {} } }, eve);
    await before.append(
      { kind: "StaffAdded", body: { staff: "mal", name: "贼", role: "owner" } },
      eve,
    );
    await recordLost(after, before, common);
    expect(roleNow(after.state?.staff.get("boss"))).toBe("owner");
    expect(after.state?.devices.get("till1")?.closed).toBeUndefined();
    expect(after.state?.staff.has("mal")).toBe(false);
    expect(entriesToAnswer(after.state ?? fail())).toHaveLength(3);
    const through = newestHead(before);
    expect(await refusalOfEntry(after, { kind: "EntriesReinstated", body: { through } }, eve)).toBe(
      "not-entitled",
    );
    // While she still is an owner, what she restricted stands.
    await recordLost(forged, before, common);
    expect(roleNow(forged.state?.staff.get("boss"))).toBeUndefined();
    expect(known).toBeLessThan(common);
  });

  it("only what was good where the logs parted is kept, and only where a term was opened after it [AC9]", async () => {
    const { before, known } = await shop();
    const other = await recoveredFrom(before, known);
    await other.append({ kind: "StaffAdded", body: { staff: "bob", name: "小李", role: "owner" } });
    const after = await recoveredFrom(before, known - 1);
    // It goes on from an entry that our log has not.
    const lost = { after: other.state?.heads.at(-2) ?? "", entries: other.authority.slice(-1) };
    const server = [keyOf("device:srv2")];
    expect(await refusalOfEntry(after, { kind: "LostEntriesRecorded", body: lost }, server)).toBe(
      "unknown-subject",
    );
    // It goes on from the newest entry of all: no recovery lies between.
    await before.append({
      kind: "StaffAdded",
      body: { staff: "bob", name: "小李", role: "owner" },
    });
    const current = {
      after: before.state?.heads.at(-2) ?? "",
      entries: before.authority.slice(-1),
    };
    const same = await recoveredFrom(before, known);
    const inTerm = { ...current, after: newestHead(same) };
    expect(await refusalOfEntry(same, { kind: "LostEntriesRecorded", body: inTerm }, server)).toBe(
      "unknown-subject",
    );
    // A changed letter.
    const changed = { ...current, entries: [current.entries[0]?.replace("小李", "小赵") ?? ""] };
    expect(await refusalOfEntry(same, { kind: "LostEntriesRecorded", body: changed }, server)).toBe(
      "bad-signature",
    );
    await same.append({ kind: "LostEntriesRecorded", body: current }, server);
    expect(await refusalOfEntry(same, { kind: "LostEntriesRecorded", body: current }, server)).toBe(
      "already-used",
    );
  });

  it("what was said since then is newer than what was lost [AC8]", async () => {
    const { before, known } = await shop();
    await before.append({
      kind: "StaffChanged",
      body: { staff: "amy", name: "小王", role: "owner", active: true },
    });
    await before.append({
      kind: "TopUpPresetsSet",
      body: { presets: [{ principal: 100_00, bonus: 0 }] },
    });
    const after = await recoveredFrom(before, known);
    await after.append({
      kind: "StaffChanged",
      body: { staff: "amy", name: "小王", role: "cashier", active: true },
    });
    await after.append({ kind: "TopUpPresetsSet", body: { presets: [] } });
    await recordLost(after, before, known);
    await after.append({ kind: "EntriesReinstated", body: { through: newestHead(before) } }, [
      owner,
    ]);
    expect(roleNow(after.state?.staff.get("amy"))).toBe("cashier");
    expect(after.state?.presets).toEqual([]);
  });

  it("dismissed entries stay out of force until they are reinstated after all [AC8]", async () => {
    const { before, known } = await shop();
    await before.append({
      kind: "StaffAdded",
      body: { staff: "bob", name: "小李", role: "owner" },
    });
    const after = await recoveredFrom(before, known);
    await recordLost(after, before, known);
    const through = newestHead(before);
    await after.append({ kind: "EntriesDismissed", body: { through } }, [owner]);
    expect(entriesToAnswer(after.state ?? fail())).toEqual([]);
    expect(
      await refusalOfEntry(after, { kind: "EntriesDismissed", body: { through } }, [owner]),
    ).toBe("already-used");
    await after.append({ kind: "EntriesReinstated", body: { through } }, [owner]);
    expect(after.state?.staff.has("bob")).toBe(true);
  });

  it("what a lost log had itself kept of one before it is kept with it [AC7]", async () => {
    const { before, till, known } = await shop();
    const cut = Object.fromEntries(till.replica.heads());
    await before.append({ kind: "DeviceFrozen", body: { device: "till1", cut } });
    await before.append({
      kind: "StaffAdded",
      body: { staff: "bob", name: "小李", role: "owner" },
    });
    const second = await recoveredFrom(before, known);
    await recordLost(second, before, known);
    await second.append({ kind: "EntriesReinstated", body: { through: newestHead(before) } });
    const third = await recoveredFrom(second, known + 1, { server: "srv3" });
    await recordLost(third, second, known + 1);
    expect(third.state?.devices.get("till1")?.closed).toMatchObject({ cut });
    expect(third.state?.staff.has("bob")).toBe(false);
    await third.append({ kind: "EntriesReinstated", body: { through: newestHead(second) } }, [
      owner,
    ]);
    expect(third.state?.staff.has("bob")).toBe(true);
  });
  it("two copies of a device went on, each on one of two logs: one has the place, the other is closed [AC8]", async () => {
    const { before, known } = await shop();
    const succeed = (device: string) => ({
      kind: "DeviceSucceeded" as const,
      body: { device, key: signerOf(device).publicKey, replaces: "till1", cut: {} },
    });
    const self = [keyOf("device:till1")];
    await before.append(succeed("copy1"), self);
    const after = await recoveredFrom(before, known);
    await after.append(succeed("copy2"), self);
    await recordLost(after, before, known);
    const { devices } = after.state ?? fail();
    expect(devices.get("till1")?.closed).toMatchObject({ by: "copy2" });
    expect(devices.get("copy2")?.closed).toBeUndefined();
    expect(devices.get("copy1")?.closed).toMatchObject({ by: "copy2", cut: {} });
    expect(entriesToAnswer(after.state ?? fail())).toEqual([]);
    expect(
      await refusalOfEntry(
        after,
        { ...succeed("copy3"), body: { ...succeed("copy3").body, replaces: "copy1" } },
        [keyOf("device:copy1")],
      ),
    ).toBe("unknown-subject");
  });

  it("whose place was taken meanwhile is enrolled beside the one who has it [AC8]", async () => {
    const { before, till, known } = await shop();
    const cut = till.replica.heads();
    await before.enrol("till2", { replaces: "till1", cut });
    const after = await recoveredFrom(before, known);
    await after.enrol("till3", { replaces: "till1", cut });
    await recordLost(after, before, known);
    await after.append({ kind: "EntriesReinstated", body: { through: newestHead(before) } }, [
      owner,
    ]);
    const { devices } = after.state ?? fail();
    expect(devices.get("till1")?.closed).toMatchObject({ by: "till3" });
    expect(devices.get("till2")?.replaces).toBeUndefined();
    expect(devices.get("till2")?.closed).toBeUndefined();
  });

  it("an author goes on from a lost entry to the log that took its place, and never back [J7]", async () => {
    const { before, till, known } = await shop();
    for (const staff of ["bob", "eve"])
      await before.append({ kind: "StaffAdded", body: { staff, name: staff, role: "owner" } });
    await before.exchange(till);
    await add(till.replica, "1", "boss");
    const after = await recoveredFrom(before, known);
    expect(await till.replica.adoptLog(after.state ?? fail())).toBe(true);
    // It cites less than before, and knows why.
    await add(till.replica, "2", "boss");
    const runs = await runsOf(till);
    expect(runs.map(({ operations }) => operations[0]?.includes(`"auth":"${known}:`))).toEqual([
      false,
      true,
    ]);
    const unknowing = await ledgerOf(after.authority, []);
    expect(await unknowing.ledger.checkAll(runs, { verify: true })).toMatchObject([
      { ok: true },
      { refusal: { code: "authority-unknown" } },
    ]);
    // What is kept aside outlives a restart, until the log knows it.
    const again = await after.open("till1", till.store);
    expect(again.lostEntries()).toEqual([
      { after: before.state?.heads[known - 1], entries: before.authority.slice(known) },
    ]);
    expect(again.summary().counts.members).toBe(1);
    await recordLost(after, before, known);
    await again.receive("authority", known + 1, after.authority.slice(known + 1));
    expect(again.lostEntries()).toEqual([]);
    expect(again.summary().counts.members).toBe(2);
    // A dishonest one goes back to what it could do before.
    await after.append({ kind: "EntriesReinstated", body: { through: newestHead(before) } }, [
      owner,
    ]);
    const { ledger } = await ledgerOf(after.authority, runs);
    const cited = { log: before.state, clock: ledger.clock };
    const held = { head: ledger.head.bind(ledger), runningHash: ledger.runningHash.bind(ledger) };
    const { kind, body } = JSON.parse(runs[0]?.operations[0] ?? "") as Draft;
    const third = await authorRun(
      {
        ledger: { ...cited, ...held } as unknown as Ledger,
        clock: after.clock,
        signer: signerOf("till1"),
      },
      { device: "till1", store: "s1", staff: "bob", attested: true },
      [() => ({ kind, body })],
    );
    const folded = await foldRuns(after.authority, [...runs, third]);
    expect(folded.counts).toMatchObject({ members: 2, quarantined: 1 });
  });
});

describe("two copies of the authority log that part", () => {
  it("the one that the card opened anew is the log, for everybody the same one [AC10]", async () => {
    const { before, known } = await shop();
    await before.append({
      kind: "StaffAdded",
      body: { staff: "bob", name: "小李", role: "owner" },
    });
    const after = await recoveredFrom(before, known);
    const [lost, log] = [before.state ?? fail(), after.state ?? fail()];
    expect(compareLogs(lost, log)).toEqual({ standing: "superseding", common: known });
    expect(compareLogs(log, lost)).toEqual({ standing: "superseded", common: known });
    before.clock.now += 1000;
    const again = await recoveredFrom(before, known, { server: "srv3" });
    const later = again.state ?? fail();
    expect(compareLogs(log, later).standing).toBe("superseding");
    expect(compareLogs(later, log).standing).toBe("superseded");
    expect(compareLogs(lost, lost)).toEqual({ standing: "same", common: known + 1 });
  });

  it("two that part within a term are nobody's to choose between [AC10]", async () => {
    const { before, known } = await shop();
    const one = await recoveredFrom(before, known);
    const other = await recoveredFrom(before, known);
    await one.append({ kind: "StaffAdded", body: { staff: "bob", name: "小李", role: "owner" } });
    await other.append({ kind: "StaffAdded", body: { staff: "eve", name: "小张", role: "owner" } });
    expect(compareLogs(one.state ?? fail(), other.state ?? fail()).standing).toBe("diverged");
    expect(compareLogs(other.state ?? fail(), one.state ?? fail()).standing).toBe("diverged");
  });
});

function fail(): never {
  throw new Error("an organisation was founded");
}
