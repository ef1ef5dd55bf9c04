import { describe, expect, it } from "vitest";
import { voidUndoneLots } from "../../shared/replica/steward.ts";
import { TestOrganisation, type Till } from "../harness/organisation.ts";
import { fixtureSources, planFixtures } from "../harness/plan-fixtures.ts";
import { act, charge, refusalOf } from "../harness/shop.ts";

const controlTotals = {
  members: 2357,
  balances: 931_618_22,
  purchases: 6919,
  purchased: 244_091_94,
};

async function importAt(till: Till): Promise<string> {
  const outcome = await till.replica.importMembers(await planFixtures(), fixtureSources, "boss");
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusal));
  return outcome.value.batch;
}

function totalsOf({ replica }: Till) {
  const { counts, liabilities, oldPurchasesFen } = replica.summary();
  return {
    members: counts.members,
    balances: liabilities.principal + liabilities.bonus,
    purchases: counts.oldPurchases,
    purchased: oldPurchasesFen,
  };
}

describe("an import", () => {
  it("lands with the control totals of the old system, and undone leaves nothing [IM1]", async () => {
    const organisation = await TestOrganisation.found();
    const till = await organisation.enrol("till1");
    const batch = await importAt(till);
    expect(totalsOf(till)).toEqual(controlTotals);
    expect(till.replica.summary().trialBalance).toEqual({
      "opening-balance": 931_618_22,
      "stored-value": -931_618_22,
    });
    const names = [...till.replica.members()].map(({ fields }) => fields["name"]);
    expect(names).toContain("龚强超");
    await act(till.replica, { command: "UndoImport", batch, reason: "导错了" });
    expect(totalsOf(till)).toEqual({ members: 0, balances: 0, purchases: 0, purchased: 0 });
    expect([...till.replica.members()]).toEqual([]);
    expect(till.replica.summary().trialBalance).toEqual({});
    expect(await refusalOf(till.replica, { command: "UndoImport", batch, reason: "x" })).toEqual({
      code: "already-undone",
    });
    const again = await organisation.open(till.name, till.store);
    expect(again.summary()).toEqual(till.replica.summary());
  }, 60_000);

  it("undoing keeps the members whose money was used since, and lists them [IM2]", async () => {
    const organisation = await TestOrganisation.found();
    const till = await organisation.enrol("till1");
    const batch = await importAt(till);
    const rich = [...till.replica.members()].filter((view) => view.balance > 100_00).slice(0, 2);
    const [spender, other] = rich.map((view) => view.id);
    if (!spender || !other) throw new Error("the sample has balances");
    const before = till.replica.member(spender)?.balance ?? 0;
    await charge(till.replica, spender, 35_00);
    await act(till.replica, { command: "UndoImport", batch, reason: "导错了" });
    expect([...till.replica.members()].map(({ id, undoneButKept }) => [id, undoneButKept])).toEqual(
      [[spender, true]],
    );
    expect(till.replica.member(spender)?.balance).toBe(before - 35_00);
  }, 60_000);

  it("stopped half-way, or cut off by a crash, counts for nothing [IM3]", async () => {
    const organisation = await TestOrganisation.found();
    const till = await organisation.enrol("till1");
    let asked = 0;
    const outcome = await till.replica.importMembers(await planFixtures(), fixtureSources, "boss", {
      shouldStop: () => ++asked > 3,
    });
    expect(outcome).toEqual({ ok: false, refusal: { code: "cancelled" } });
    expect(totalsOf(till)).toEqual({ members: 0, balances: 0, purchases: 0, purchased: 0 });
    const again = await organisation.open(till.name, till.store);
    expect(again.summary().counts.members).toBe(0);
    await importAt(till);
    expect(totalsOf(till)).toEqual(controlTotals);
  }, 60_000);

  it("undone on one device, lots that another holds come back when that one hears of it [IM4]", async () => {
    const organisation = await TestOrganisation.found();
    const till = await organisation.enrol("till1");
    const office = await organisation.enrol("office", { till: false });
    const batch = await importAt(office);
    await organisation.exchange(office, till);
    await office.replica.sweepHome(true);
    await organisation.exchange(office, till);
    const member = [...till.replica.members()].find((view) => view.balance > 0);
    expect(till.replica.spendable(member?.id ?? "")).toBe(member?.balance);
    expect(office.replica.spendable(member?.id ?? "")).toBe(0);
    await act(office.replica, { command: "UndoImport", batch, reason: "导错了" });
    expect(office.replica.summary().liabilities.principal).toBe(931_618_22);
    await organisation.exchange(office, till);
    await organisation.serverWrites(voidUndoneLots(organisation.serverLedger.books, "srv1@s1"));
    await organisation.exchange(office, till);
    expect(totalsOf(office)).toEqual({ members: 0, balances: 0, purchases: 0, purchased: 0 });
    expect(till.replica.summary()).toEqual(office.replica.summary());
  }, 60_000);

  it("old purchases show in the member's history with their own dates, and move no money [IM5]", async () => {
    const organisation = await TestOrganisation.found();
    const till = await organisation.enrol("till1");
    await importAt(till);
    const member = [...till.replica.members()].find((view) => view.fields["card"] === "00000001");
    const history = await till.replica.history(member?.id ?? "");
    const old = history.flatMap((entry) => entry.old);
    expect(old).toHaveLength(4);
    expect(old[0]).toMatchObject({ at: "1997-01-01 10:16:07", amount: 29_33 });
    expect(old[0]?.details).toMatchObject({ receipt: "XF19970101000001", operator: "admin" });
    expect(member).toMatchObject({ balance: 0, oldVisits: 4, oldSpent: 100_50 });
  }, 60_000);
});
