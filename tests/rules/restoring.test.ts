import { describe, expect, it } from "vitest";
import { planUndo } from "../../server/restoring/plan-undo.ts";
import type { RestorePlan } from "../../server/restoring/restore-plan.ts";
import { type Operation, readOperation } from "../../shared/journal/operation.ts";
import { authorRun, type Drafting } from "../../shared/replica/author.ts";
import type { DeviceReplica } from "../../shared/replica/device-replica.ts";
import type { Ledger } from "../../shared/replica/ledger.ts";
import { settleDebts } from "../../shared/replica/settle-debts.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { foldRuns, shuffled } from "../harness/fold-runs.ts";
import { signerOf, TestOrganisation, type Till } from "../harness/organisation.ts";
import { approve, draftsOf, planFor, restore, runsOf, versionOf } from "../harness/restoring.ts";
import { act, addMember, charge, chargeCommand, refusalOf, topUp } from "../harness/shop.ts";

interface Shop {
  organisation: TestOrganisation;
  till: Till;
  replica: DeviceReplica;
  /** 500.00 + 50.00, of which 110.00 are spent */
  rich: string;
  /** 80.00 */
  other: string;
  version: Ledger;
}

/** One till, two members, and a version of that. */
async function shop(): Promise<Shop> {
  const organisation = await TestOrganisation.found();
  const till = await organisation.enrol("till1");
  const { replica } = till;
  const rich = await addMember(replica, "孟文", "13800000001");
  await topUp(replica, rich, 500_00, 50_00);
  await charge(replica, rich, 110_00);
  const other = await addMember(replica, "李芳", "13800000002");
  await topUp(replica, other, 80_00);
  await organisation.exchange(till);
  return { organisation, till, replica, rich, other, version: await versionOf(organisation) };
}

/** What somebody did that should not have been: an edit, a top-up, a sale, a member. */
async function misdeeds({ organisation, till, replica, rich, other }: Shop): Promise<string> {
  const fields = { phone: "13999999999", note: "改" };
  await act(replica, { command: "EditMember", member: rich, fields });
  await topUp(replica, rich, 1000_00);
  await charge(replica, other, 30_00);
  const added = await addMember(replica, "假会员", "13800000003");
  await topUp(replica, added, 66_00);
  await organisation.exchange(till);
  return added;
}

/** Contact: value that is owed comes to the server, which settles, until nothing moves any more. */
async function settle({ organisation, till }: Shop): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await till.replica.sweepHome(true);
    await organisation.exchange(till);
    await organisation.serverWrites(settleDebts(organisation.serverLedger.books, "srv1@s1"));
    await organisation.exchange(till);
  }
}

const balanceOf = (replica: DeviceReplica, member: string) => replica.member(member)?.balance;

const sumOf = (accounts: Record<string, number>) =>
  Object.values(accounts).reduce((sum, fen) => sum + fen, 0);

/** No purse but the server's is ever below zero. */
function expectSoundPurses({ books }: Ledger): void {
  for (const { purse } of books.purses.disputed()) expect(purse).toMatch(/^srv1@/);
  for (const member of books.members.keys()) {
    const left = books.purses.allFragments(member);
    const held = left.reduce((sum, part) => sum + part.leftPrincipal + part.leftBonus, 0);
    const balance = books.balances.get(member);
    expect(held).toBe((balance?.principal ?? 0) + (balance?.bonus ?? 0));
  }
}

async function operationsOf({ organisation }: Shop): Promise<Operation[]> {
  const texts = runsOf(organisation).flatMap(({ operations }) => operations);
  return texts.flatMap((text) => readOperation(text) ?? []);
}

/** The reversal of a batch, planned as the server does. */
async function undoOf(shop: Shop, batch: string): Promise<RestorePlan> {
  const { serverLedger } = shop.organisation;
  const known = serverLedger.books.restores.get(batch) ?? expect.fail("it counts");
  const of = (await operationsOf(shop)).filter(({ body }) => body["batch"] === batch);
  return planUndo(known, of, serverLedger, { reason: "还原错了", store: "s1" });
}

describe("restoring a version", () => {
  it("gives members their fields and balances back, hides who came since, and the books balance [VR1]", async () => {
    const here = await shop();
    const added = await misdeeds(here);
    const { organisation, till, replica, rich, other, version } = here;
    const revenue = replica.summary().trialBalance["revenue"];
    await restore(organisation, planFor(organisation, version));
    await organisation.exchange(till);
    const before = version.books.balances;
    expect(replica.member(rich)).toMatchObject({
      principal: before.get(rich)?.principal,
      bonus: before.get(rich)?.bonus,
      conflicts: [],
    });
    expect(replica.member(rich)?.fields).toEqual({ name: "孟文", phone: "13800000001" });
    expect(balanceOf(replica, other)).toBe(80_00);
    expect([...replica.members()].map(({ id }) => id)).not.toContain(added);
    expect(balanceOf(replica, added)).toBe(0);
    const { trialBalance } = replica.summary();
    expect(sumOf(trialBalance)).toBe(0);
    expect(trialBalance["restored-versions"]).toBe(-1000_00 + 30_00 - 66_00);
    expect(trialBalance["revenue"]).toBe(revenue);
    expectSoundPurses(organisation.serverLedger);
    expect((await replica.history(rich))[0]).toMatchObject({
      kind: "MemberRestored",
      principal: -1000_00,
      balanceAfter: 440_00,
      fields: ["note", "phone"],
      note: "店员改错了",
      restored: { toMs: Date.UTC(2026, 10, 23, 2), isUndoing: false, listing: undefined },
    });
    expect((await replica.history(added))[0]?.restored?.listing).toBe("hidden");
  });

  it("what must go down and lies in a till is the server's debt, shown as disputed, until that till was in contact [VR4]", async () => {
    const here = await shop();
    await misdeeds(here);
    const { organisation, replica, rich, other, till } = here;
    await restore(organisation, planFor(organisation, here.version));
    expect(summarise(organisation.serverLedger).disputed).toBe(1066_00);
    await organisation.deliver(till);
    expect((await refusalOf(replica, chargeCommand(rich, 440_01))).code).toBe("balance-too-low");
    await settle(here);
    expect(summarise(organisation.serverLedger).disputed).toBe(0);
    expect(replica.summary()).toEqual(summarise(organisation.serverLedger));
    expect(replica.spendable(rich)).toBe(440_00);
    expect(balanceOf(replica, other)).toBe(80_00);
    expectSoundPurses(organisation.serverLedger);
    await charge(replica, rich, 440_00);
    expect(balanceOf(replica, rich)).toBe(0);
  });

  it("a sale of a till that was offline survives, also one of a member who is hidden [VR2]", async () => {
    const here = await shop();
    const added = await misdeeds(here);
    const { organisation, replica, rich, version } = here;
    const plan = planFor(organisation, version);
    // Not sent yet: the server knows nothing of these.
    await charge(replica, rich, 40_00);
    await topUp(replica, rich, 7_00);
    await charge(replica, added, 6_00);
    await restore(organisation, plan);
    await settle(here);
    expect(balanceOf(replica, rich)).toBe(440_00 - 40_00 + 7_00);
    expect(balanceOf(replica, added)).toBe(-6_00);
    expect([...replica.members()].map(({ id }) => id)).toContain(added);
    expect(summarise(organisation.serverLedger).disputed).toBe(6_00);
    expect(sumOf(replica.summary().trialBalance)).toBe(0);
    expectSoundPurses(organisation.serverLedger);
  });

  it("undoing reverses exactly this batch, and leaves what was done since [VR6]", async () => {
    const here = await shop();
    const added = await misdeeds(here);
    const { organisation, till, replica, rich, other, version } = here;
    const wrong = [rich, other, added].map((member) => balanceOf(replica, member));
    const batch = await restore(organisation, planFor(organisation, version));
    await settle(here);
    await act(replica, { command: "EditMember", member: rich, fields: { note: "后来写的" } });
    await charge(replica, other, 5_00);
    await organisation.exchange(till);
    await restore(organisation, await undoOf(here, batch), "p2");
    await settle(here);
    expect([rich, other, added].map((member) => balanceOf(replica, member))).toEqual([
      wrong[0],
      (wrong[1] ?? 0) - 5_00,
      wrong[2],
    ]);
    expect(replica.member(rich)?.fields).toMatchObject({ phone: "13999999999", note: "后来写的" });
    expect([...replica.members()].map(({ id }) => id)).toContain(added);
    expect(replica.summary().trialBalance["restored-versions"]).toBeUndefined();
    expectSoundPurses(organisation.serverLedger);
  });

  it("one member or one store goes back, and nobody else [VR1]", async () => {
    const here = await shop();
    await misdeeds(here);
    const { organisation, till, replica, rich, other, version } = here;
    const elsewhere = planFor(organisation, version, "store:s2");
    expect(elsewhere.members).toEqual([]);
    expect(planFor(organisation, version, "store:s1").members).toEqual(
      planFor(organisation, version).members,
    );
    await restore(organisation, planFor(organisation, version, `member:${other}`));
    await organisation.exchange(till);
    expect(balanceOf(replica, other)).toBe(80_00);
    expect(replica.member(rich)).toMatchObject({ balance: 1440_00, fields: { note: "改" } });
    expect([...replica.members()]).toHaveLength(3);
  });

  it.each([
    ["was not approved", [] as const],
    ["was not used up", ["approved"] as const],
  ])("what %s counts nowhere, whoever signed it [VR3]", async (_, steps) => {
    const here = await shop();
    await misdeeds(here);
    const { organisation, till, replica, rich } = here;
    const plan = planFor(organisation, here.version);
    await approve(organisation, plan, "p1", steps);
    await organisation.serverWrites(draftsOf(organisation, plan).drafts);
    await organisation.exchange(till);
    expect(replica.member(rich)).toMatchObject({ balance: 1440_00, fields: { note: "改" } });
    expect(replica.summary().counts.quarantined).toBe(1);
  });

  it("a list that is not what was approved counts as nothing, as a whole [VR3]", async () => {
    const here = await shop();
    await misdeeds(here);
    const { organisation, till, replica, rich } = here;
    const plan = planFor(organisation, here.version);
    await approve(organisation, plan);
    const { drafts } = draftsOf(organisation, plan);
    const [opened, first, ...rest] = drafts;
    if (!opened || !first) throw new Error("there is something to restore");
    await organisation.serverWrites([
      opened,
      (stamp) => {
        const draft = first(stamp);
        const [line] = draft.body["value"] as unknown as { principal: number }[];
        const value = [{ ...line, principal: 1 }];
        return { ...draft, body: { ...draft.body, value } } as typeof draft;
      },
      ...rest,
    ]);
    await organisation.exchange(till);
    expect(replica.member(rich)?.balance).toBe(1440_00);
    expect(replica.summary().counts.refused).toBe(plan.members.length + 1);
  });

  it("an approval of one list is none of another [VR3]", async () => {
    const here = await shop();
    await misdeeds(here);
    const { organisation, rich, version } = here;
    await approve(organisation, planFor(organisation, version));
    const other = planFor(organisation, version, "all", { reason: "别的" });
    await organisation.serverWrites(draftsOf(organisation, other).drafts);
    expect(organisation.serverLedger.books.balances.get(rich)?.principal).not.toBe(400_00);
    expect(organisation.serverLedger.books.restores.size).toBe(0);
  });

  it("value is made, and owed, in the server's purse alone, even where somebody approved otherwise [VR4]", async () => {
    const here = await shop();
    await misdeeds(here);
    const { organisation, version, rich } = here;
    const plan = planFor(organisation, version);
    const members = plan.members.map((member) => ({
      ...member,
      value: member.value.map((line) => ({ ...line, purse: "till1@s1" })),
    }));
    const before = organisation.serverLedger.books.balances.get(rich)?.principal;
    await restore(organisation, { ...plan, members });
    expect(organisation.serverLedger.books.balances.get(rich)?.principal).toBe(before);
    expectSoundPurses(organisation.serverLedger);
  });

  it("an approval is good for one batch, and one batch counts once [VR3]", async () => {
    const here = await shop();
    await misdeeds(here);
    const { organisation, till, replica, rich } = here;
    const plan = planFor(organisation, here.version);
    const batch = await restore(organisation, plan);
    await organisation.serverWrites(draftsOf(organisation, plan).drafts);
    const [, ...again] = draftsOf(organisation, plan).drafts;
    await organisation.serverWrites(
      again.map((drafting) => (stamp) => {
        const draft = drafting(stamp);
        return { ...draft, body: { ...draft.body, batch } };
      }),
    );
    await organisation.exchange(till);
    expect(replica.member(rich)?.balance).toBe(440_00);
  });

  it("cut off before its end it counts for nothing, and nobody else ends it [VR5]", async () => {
    const here = await shop();
    await misdeeds(here);
    const { organisation, till, replica, rich } = here;
    const plan = planFor(organisation, here.version);
    await approve(organisation, plan);
    const { batch, drafts } = draftsOf(organisation, plan);
    await organisation.serverWrites(drafts.slice(0, -1));
    await organisation.exchange(till);
    expect(replica.member(rich)?.balance).toBe(1440_00);
    expect(replica.summary().counts.waiting).toBe(plan.members.length);
    const foreign = { batch, operations: 0, members: 0, opening: 0, purchases: 0, purchased: 0 };
    await tillWrites(organisation, "boss", [() => ({ kind: "ImportClosed", body: foreign })]);
    await organisation.serverWrites(drafts.slice(-1));
    expect(organisation.serverLedger.books.restores.get(batch)?.closed).toBe(true);
  });

  it("under the cover of an import nothing goes back [VR3]", async () => {
    const here = await shop();
    await misdeeds(here);
    const { organisation, version, rich } = here;
    const { serverLedger } = organisation;
    const before = serverLedger.books.balances.get(rich)?.principal;
    const [restored] = planFor(organisation, version).members;
    const batch = `srv1@s1:${serverLedger.head("srv1@s1").next}`;
    const sources = [{ name: "x", hash: "", rows: 0 }];
    const stated = { operations: 1, members: 0, opening: 0, purchases: 0, purchased: 0 };
    const item = { batch, ...restored } as unknown as ReturnType<Drafting>["body"];
    await organisation.serverWrites([() => ({ kind: "ImportOpened", body: { sources } })], "boss");
    await organisation.serverWrites([() => ({ kind: "MemberRestored", body: item })]);
    const closed = { kind: "ImportClosed", body: { batch, ...stated } };
    await organisation.serverWrites([() => closed], "boss");
    expect(serverLedger.books.imports.get(batch)?.closed).toBeDefined();
    expect(serverLedger.books.balances.get(rich)?.principal).toBe(before);
  });

  it("a debt is settled once, for what it is, and never for less [VR4]", async () => {
    const here = await shop();
    await misdeeds(here);
    const { organisation, till } = here;
    await restore(organisation, planFor(organisation, here.version));
    await organisation.deliver(till);
    await till.replica.sweepHome(true);
    await organisation.exchange(till);
    const { serverLedger } = organisation;
    const [settling] = settleDebts(serverLedger.books, "srv1@s1");
    if (!settling) throw new Error("there is something to settle");
    await organisation.serverWrites([
      (stamp) => {
        const { kind, body } = settling(stamp);
        const debts = body["debts"] as unknown as { principal: number }[];
        const less = debts.map((line) => ({ ...line, principal: -1 }));
        return { kind, body: { ...body, debts: less } };
      },
    ]);
    expect(summarise(serverLedger).disputed).toBe(1066_00);
    await organisation.serverWrites([settling, settling]);
    expect(summarise(serverLedger)).toMatchObject({ disputed: 0, counts: { refused: 2 } });
    expectSoundPurses(serverLedger);
  });

  it("a till may not restore, nor settle, by itself [VR3]", async () => {
    const here = await shop();
    await misdeeds(here);
    const { organisation, version } = here;
    const plan = planFor(organisation, version);
    await approve(organisation, { ...plan, chain: "till1@s1" });
    await tillWrites(organisation, "", draftsOf(organisation, plan).drafts);
    const { counts } = summarise(organisation.serverLedger);
    expect(counts.quarantined).toBe(plan.members.length + 2);
  });

  it("comes to the same in whatever order its operations arrive [VR7]", async () => {
    const here = await shop();
    await misdeeds(here);
    const { organisation, replica, rich, version } = here;
    const plan = planFor(organisation, version);
    await charge(replica, rich, 40_00);
    const batch = await restore(organisation, plan);
    await settle(here);
    await restore(organisation, await undoOf(here, batch), "p2");
    await settle(here);
    const runs = runsOf(organisation);
    const whole = summarise(organisation.serverLedger);
    for (let seed = 0; seed < 12; seed++)
      expect(await foldRuns(organisation.authority, shuffled(runs, seed))).toEqual(whole);
  });
});

/** A run of a till's own key that no honest till would write. */
async function tillWrites(
  organisation: TestOrganisation,
  staff: string,
  drafts: Drafting[],
): Promise<void> {
  const { serverLedger: ledger, clock } = organisation;
  const author = { device: "till1", store: "s1", staff, attested: true };
  const run = await authorRun({ ledger, clock, signer: signerOf("till1") }, author, drafts);
  await organisation.accept(run);
}
