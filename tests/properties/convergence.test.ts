import { describe, expect, it } from "vitest";
import type { Run } from "../../shared/journal/run.ts";
import { answerValueRequest } from "../../shared/replica/steward.ts";
import { foldRuns, ledgerOf, shuffled } from "../harness/fold-runs.ts";
import { TestOrganisation, type Till } from "../harness/organisation.ts";
import { act, addMember, charge, topUp } from "../harness/shop.ts";

describe("convergence", () => {
  it("three tills cut off serve the same members; in every order of arrival all agree, nothing is overspent [J3]", async () => {
    const { organisation, tills, runs } = await busyMorning();
    const expected = tills[0]?.replica.summary();
    for (const { replica } of tills) expect(replica.summary()).toEqual(expected);
    expect(sum(Object.values(expected?.trialBalance ?? { never: 1 }))).toBe(0);
    for (let seed = 0; seed < 1000; seed++) {
      const summary = await foldRuns(organisation.authority, shuffled(runs, seed));
      expect(summary.hash, `order ${seed}`).toBe(expected?.hash);
    }
    const { ledger } = await ledgerOf(organisation.authority, runs);
    for (const member of ledger.books.purses.members()) {
      const fragments = ledger.books.purses.allFragments(member);
      for (const left of fragments)
        expect(Math.min(left.leftPrincipal, left.leftBonus)).toBeGreaterThanOrEqual(0);
      const held = sum(fragments.map((left) => left.leftPrincipal + left.leftBonus));
      expect(held).toBe(sum(Object.values(ledger.books.balances.get(member) ?? {})));
    }
  }, 120_000);

  it("the runs of three tills may reach the server in any order of tills [J4]", async () => {
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    for (const order of orders) {
      const { organisation, tills } = await morningApart();
      const inOrder = order.map((index) => tills[index] as Till);
      for (const till of inOrder) await organisation.exchange(till);
      await organisation.exchange(...inOrder);
      const hashes = tills.map(({ replica }) => replica.summary().hash);
      expect(new Set(hashes).size).toBe(1);
      expect(tills[0]?.replica.summary().counts.waiting).toBe(0);
    }
  }, 60_000);

  it("a replica that starts again from its own store has the same state [J5]", async () => {
    const { organisation, tills } = await busyMorning();
    for (const { name, store, replica } of tills) {
      const again = await organisation.open(name, store);
      expect(again.summary()).toEqual(replica.summary());
    }
  });
});

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

async function morningApart() {
  const organisation = await TestOrganisation.found();
  const tills = [];
  for (const name of ["till1", "till2", "till3"]) tills.push(await organisation.enrol(name));
  const [one, two, three] = tills as [Till, Till, Till];
  const li = await addMember(one.replica, "李雷", "13800000001");
  const han = await addMember(one.replica, "韩梅梅", "13800000002");
  await topUp(one.replica, li, 1000_00, 100_00);
  await topUp(one.replica, han, 300_00);
  await organisation.exchange(...tills);
  await one.replica.sweepHome(true);
  await organisation.exchange(...tills);
  for (const till of [two, three])
    for (const member of [li, han]) {
      const answer = answerValueRequest(organisation.serverLedger.books, {
        member,
        amountFen: 10_00,
        to: till.replica.chain,
        from: "srv1@s1",
        allotment: true,
      });
      if ("drafts" in answer) await organisation.serverWrites(answer.drafts);
    }
  await organisation.deliver(...tills);
  for (const [index, { replica }] of tills.entries()) {
    const own = await addMember(replica, `新会员${index}`, `1390000000${index}`);
    await topUp(replica, own, 50_00 + index);
    const first = await charge(replica, li, 7_00 + index);
    await charge(replica, han, 3_33);
    await act(replica, { command: "EditMember", member: li, fields: { note: `备注 ${index}` } });
    await topUp(replica, li, 100_00, index * 100);
    await charge(replica, li, 60_00);
    if (index === 1) await act(replica, { command: "Reverse", target: first, reason: "错" });
  }
  return { organisation, tills };
}

async function busyMorning() {
  const { organisation, tills } = await morningApart();
  await organisation.exchange(...tills);
  const [, two, three] = tills as [Till, Till, Till];
  const recent = await three.replica.recent(20);
  const sale = recent.find((entry) => entry.kind === "SaleRecorded" && !entry.reversedBy);
  if (!sale) throw new Error("the third till sold something");
  await act(two.replica, { command: "Reverse", target: sale.ref, reason: "另一台撤销" });
  await organisation.exchange(...tills);
  for (const till of tills) await till.replica.sweepHome(true);
  await organisation.exchange(...tills);
  const runs: Run[] = [];
  for (const chain of organisation.serverLedger.heads().keys())
    runs.push(...(await two.replica.runsFrom(chain, 0, 10_000)));
  return { organisation, tills, runs };
}
