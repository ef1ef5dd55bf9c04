import { describe, expect, it } from "vitest";
import { answerValueRequest } from "../../shared/replica/steward.ts";
import { TestOrganisation } from "../harness/organisation.ts";
import { act, addMember, charge, chargeCommand, refusalOf, topUp } from "../harness/shop.ts";

describe("stored value", () => {
  it("a top-up is a lot of principal and bonus, and the books balance [SV1]", async () => {
    const { replica } = await oneTill();
    const member = await addMember(replica, "孟文", "13800000001");
    await topUp(replica, member, 500_00, 50_00);
    expect(replica.member(member)).toMatchObject({ principal: 500_00, bonus: 50_00 });
    expect(replica.summary().trialBalance).toEqual({
      "bonus-granted": 50_00,
      "stored-value": -550_00,
      "tender/cash": 500_00,
    });
  });

  it("a charge takes principal and bonus in proportion, and a reversal returns exactly those parts [SV7]", async () => {
    const { replica } = await oneTill();
    const member = await addMember(replica, "孟文", "13800000001");
    await topUp(replica, member, 1000_00, 200_00);
    const before = replica.summary();
    const sale = await charge(replica, member, 480_00);
    expect(replica.member(member)).toMatchObject({ principal: 600_00, bonus: 120_00 });
    await act(replica, { command: "Reverse", target: sale, reason: "打错了" });
    expect(replica.member(member)).toMatchObject({ principal: 1000_00, bonus: 200_00, visits: 0 });
    expect(replica.summary().trialBalance).toEqual(before.trialBalance);
    expect(replica.spendable(member)).toBe(1200_00);
    await charge(replica, member, 1200_00);
    expect(replica.member(member)?.balance).toBe(0);
  });

  it("a second reversal of the same sale, by another till, changes nothing [SV8]", async () => {
    const organisation = await TestOrganisation.found();
    const one = await organisation.enrol("till1");
    const two = await organisation.enrol("till2");
    const member = await addMember(one.replica, "孟文", "13800000001");
    await topUp(one.replica, member, 100_00);
    const sale = await charge(one.replica, member, 30_00);
    await organisation.exchange(one, two);
    await act(one.replica, { command: "Reverse", target: sale, reason: "a" });
    await act(two.replica, { command: "Reverse", target: sale, reason: "b" });
    await organisation.exchange(one, two);
    expect(one.replica.member(member)?.balance).toBe(100_00);
    expect(two.replica.summary()).toEqual(one.replica.summary());
    expect(await refusalOf(one.replica, { command: "Reverse", target: sale, reason: "c" })).toEqual(
      {
        code: "already-reversed",
      },
    );
  });

  it("a top-up is voided only while the whole lot is there [SV9]", async () => {
    const { replica } = await oneTill();
    const member = await addMember(replica, "孟文", "13800000001");
    const lot = await topUp(replica, member, 100_00, 10_00);
    const sale = await charge(replica, member, 11_00);
    const refusal = await refusalOf(replica, { command: "Reverse", target: lot, reason: "x" });
    expect(refusal).toEqual({ code: "lot-partly-spent", spent: 11_00 });
    await act(replica, { command: "Reverse", target: sale, reason: "x" });
    await act(replica, { command: "Reverse", target: lot, reason: "x" });
    expect(replica.summary().trialBalance).toEqual({});
    expect(replica.member(member)?.balance).toBe(0);
  });

  it("a till cannot spend what lies in another's purse, and says where it is [SV3]", async () => {
    const organisation = await TestOrganisation.found();
    const one = await organisation.enrol("till1");
    const two = await organisation.enrol("till2");
    const member = await addMember(one.replica, "孟文", "13800000001");
    await topUp(one.replica, member, 100_00);
    await organisation.exchange(one, two);
    expect(await refusalOf(two.replica, chargeCommand(member, 30_00))).toEqual({
      code: "value-elsewhere",
      balance: 100_00,
      here: 0,
      wanted: 30_00,
    });
    expect(await refusalOf(two.replica, chargeCommand(member, 100_01))).toEqual({
      code: "balance-too-low",
      balance: 100_00,
      wanted: 100_01,
    });
  });

  it("with two tills value goes home to the server, which gives what a charge needs and an allotment [SV4]", async () => {
    const organisation = await TestOrganisation.found();
    const one = await organisation.enrol("till1");
    const two = await organisation.enrol("till2");
    const member = await addMember(one.replica, "孟文", "13800000001");
    await topUp(one.replica, member, 2000_00);
    await organisation.exchange(one, two);
    await one.replica.sweepHome(true);
    expect(one.replica.spendable(member)).toBe(200_00);
    await organisation.exchange(one, two);
    const request = { member, amountFen: 300_00, to: two.replica.chain, from: "srv1@s1" };
    const answer = answerValueRequest(organisation.serverLedger.books, {
      ...request,
      allotment: true,
    });
    if (!("drafts" in answer)) throw new Error("the server holds enough");
    await organisation.serverWrites(answer.drafts);
    await organisation.exchange(one, two);
    expect(two.replica.spendable(member)).toBe(500_00);
    await charge(two.replica, member, 300_00);
    await organisation.exchange(one, two);
    expect(two.replica.spendable(member)).toBe(200_00);
    expect(one.replica.summary()).toEqual(two.replica.summary());
    expect(one.replica.member(member)?.balance).toBe(1700_00);
  });

  it("a browser that may be evicted keeps no allotment [SV5]", async () => {
    const organisation = await TestOrganisation.found();
    const one = await organisation.enrol("till1");
    await organisation.enrol("till2");
    const member = await addMember(one.replica, "孟文", "13800000001");
    await topUp(one.replica, member, 500_00);
    await organisation.exchange(one);
    await one.replica.sweepHome(false);
    expect(one.replica.spendable(member)).toBe(0);
  });

  it("the only till keeps everything, whatever the browser promises [SV6]", async () => {
    const { replica } = await oneTill();
    const member = await addMember(replica, "孟文", "13800000001");
    await topUp(replica, member, 500_00);
    await replica.sweepHome(false);
    expect(replica.spendable(member)).toBe(500_00);
  });

  it.each([
    [0, "amount-not-positive"],
    [-1, "amount-not-positive"],
    [0.5, "amount-not-fen"],
    [2 ** 53, "amount-not-fen"],
    [2 ** 52, "amount-too-large"],
    [Number.NaN, "amount-not-fen"],
  ])("an amount of %s is refused in words, and nothing is written [MO2]", async (amount, code) => {
    const { replica } = await oneTill();
    const member = await addMember(replica, "孟文", "13800000001");
    const { version } = replica;
    const sale = chargeCommand(member, amount);
    const up = {
      command: "TopUp",
      member,
      principal: amount,
      bonus: 0,
      tenders: [{ tender: "cash", amount }],
    } as const;
    expect((await refusalOf(replica, sale)).code).toBe(code);
    expect((await refusalOf(replica, { ...up, tenders: [...up.tenders] })).code).toBe(code);
    expect(replica.version).toBe(version);
  });

  it("tenders sum to the payable exactly [SA2]", async () => {
    const { replica } = await oneTill();
    const refusal = await refusalOf(replica, {
      command: "RecordSale",
      items: [{ name: "洗剪吹", quantity: 1, list: 68_00, discount: 8_00 }],
      tenders: [{ tender: "cash", amount: 59_99 }],
    });
    expect(refusal).toEqual({ code: "tenders-do-not-sum", payable: 60_00, tendered: 59_99 });
  });
});

async function oneTill() {
  const organisation = await TestOrganisation.found();
  return organisation.enrol("till1");
}
