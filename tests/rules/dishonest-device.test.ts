import { beforeEach, describe, expect, it } from "vitest";
import type { CanonicalValue } from "../../shared/journal/canonical-json.ts";
import { authorRun, type Drafting, type Stamp } from "../../shared/replica/author.ts";
import { signerOf, TestOrganisation, type Till } from "../harness/organisation.ts";
import { addMember, charge, topUp } from "../harness/shop.ts";

type Body = Record<string, CanonicalValue>;

let organisation: TestOrganisation;
let honest: Till;
let member: string;
let lot: string;
const own = "crook@s1";

beforeEach(async () => {
  organisation = await TestOrganisation.found();
  honest = await organisation.enrol("till1");
  await organisation.enrol("crook");
  member = await addMember(honest.replica, "孟文", "13800000001");
  lot = await topUp(honest.replica, member, 100_00);
  await organisation.exchange(honest);
});

/** What a device with a valid key can seal, whatever its software was meant to allow. */
async function crookWrites(kind: string, body: Body | ((stamp: Stamp) => Body), staff = "boss") {
  const drafting: Drafting = (stamp) => ({
    kind,
    body: typeof body === "function" ? body(stamp) : body,
  });
  const run = await authorRun(
    { ledger: organisation.serverLedger, clock: organisation.clock, signer: signerOf("crook") },
    { device: "crook", store: "s1", staff, attested: true },
    [drafting],
  );
  await organisation.accept(run);
  await organisation.deliver(honest);
}

const exceptionsAt = () =>
  [...honest.replica.exceptions()].map(({ standing, reason }) => `${standing}: ${reason}`);

const newLot =
  (principal: number, more: Body = {}) =>
  (stamp: Stamp) => ({
    member,
    principal,
    bonus: 0,
    tenders: [{ tender: "cash", amount: principal }],
    value: [{ purse: own, lot: stamp.ref, store: "s1", term: 1, principal, bonus: 0, ...more }],
  });

const spend = (credit: string, principal: number, more: Body = {}): Body => ({
  purse: own,
  lot,
  store: "s1",
  term: 1,
  principal,
  bonus: 0,
  credit,
  ...more,
});

const sale = (amount: number, value: Body[], tendered = amount): Body => ({
  member,
  items: [{ name: "x", quantity: 1, list: amount, discount: 0, payable: amount }],
  tenders: [{ tender: "stored-value", amount: tendered }],
  value,
});

describe("a device with a valid key and dishonest software", () => {
  it("spends more than its own lot holds: not counted, and later honest sales still are [SV3]", async () => {
    await crookWrites("ToppedUp", newLot(10_00));
    const mine = `${own}:0`;
    await crookWrites("SaleRecorded", sale(10_01, [spend(`${mine}#0`, -10_01, { lot: mine })]));
    expect(exceptionsAt()).toEqual(["refused: overspent"]);
    await crookWrites("SaleRecorded", sale(10_00, [spend(`${mine}#0`, -10_00, { lot: mine })]));
    await crookWrites("SaleRecorded", sale(1, [spend(`${mine}#0`, -1, { lot: mine })]));
    expect(exceptionsAt()).toEqual(["refused: overspent", "refused: overspent"]);
    expect(honest.replica.member(member)?.balance).toBe(100_00);
    await charge(honest.replica, member, 40_00);
    expect(honest.replica.member(member)?.balance).toBe(60_00);
  });

  it.each<[string, string, () => Body | ((stamp: Stamp) => Body), string]>([
    [
      "spends from another's purse",
      "SaleRecorded",
      () => sale(5_00, [spend(`${lot}#0`, -5_00, { purse: "till1@s1" })]),
      "refused: not-own-purse",
    ],
    [
      "calls another's credit its own",
      "SaleRecorded",
      () => sale(5_00, [spend(`${lot}#0`, -5_00)]),
      "refused: not-that-credit",
    ],
    [
      "names one credit twice",
      "SaleRecorded",
      () => sale(4_00, [spend(`${lot}#0`, -2_00), spend(`${lot}#0`, -2_00)]),
      "refused: credit-named-twice",
    ],
    ["drops a tender", "SaleRecorded", () => sale(5_00, [], 4_00), "refused: tenders-do-not-sum"],
    [
      "pays with stored value that it does not take",
      "SaleRecorded",
      () => sale(5_00, []),
      "refused: stored-value-does-not-fit",
    ],
    [
      "puts value in by selling",
      "SaleRecorded",
      () => sale(5_00, [{ ...spend("x", 5_00), credit: undefined } as unknown as Body]),
      "refused: unsound-line",
    ],
    [
      "hides a discount",
      "SaleRecorded",
      () => ({
        ...sale(5_00, []),
        items: [{ name: "x", quantity: 1, list: 9_00, discount: 0, payable: 5_00 }],
      }),
      "refused: discount-does-not-fit",
    ],
    [
      "takes less money than the lot holds",
      "ToppedUp",
      () => (stamp: Stamp) => ({
        ...newLot(10_00)(stamp),
        tenders: [{ tender: "cash", amount: 1 }],
      }),
      "refused: tenders-do-not-sum",
    ],
    [
      "puts more into its purse than the lot holds",
      "ToppedUp",
      () => newLot(10_00, { principal: 10_01 }),
      "refused: lot-and-purse-differ",
    ],
    [
      "puts a lot into another's purse",
      "ToppedUp",
      () => newLot(10_00, { purse: "till1@s1" }),
      "refused: lot-and-purse-differ",
    ],
    [
      "backdates the term of a lot",
      "ToppedUp",
      () => newLot(10_00, { term: 9 }),
      "refused: lot-and-purse-differ",
    ],
    [
      "makes value out of a move",
      "ValueMoved",
      () => ({ value: [{ purse: own, lot, store: "s1", term: 1, principal: 5_00, bonus: 0 }] }),
      "refused: does-not-balance",
    ],
    [
      "reverses a top-up as if it were a sale",
      "OperationReversed",
      () => ({ target: lot, reason: "x" }),
      "refused: cannot-be-reversed",
    ],
    [
      "voids part of a lot",
      "LotsVoided",
      () => ({ reason: "x", value: [spend(`${lot}#0`, -1_00, { purse: "till1@s1" })] }),
      "refused: not-own-purse",
    ],
    ["sends a body of another shape", "SaleRecorded", () => ({ price: 1 }), "refused: malformed"],
    ["sends a negative amount", "ToppedUp", () => newLot(-10_00), "refused: malformed"],
    [
      "sends an amount of a thousand billion",
      "ToppedUp",
      () => newLot(10 ** 14),
      "refused: malformed",
    ],
    [
      "sends a kind of a later version",
      "MoneyPrinted",
      () => ({ amount: 1 }),
      "unknown-kind: MoneyPrinted",
    ],
  ])("%s: kept, shown, not counted", async (_, kind, body, reason) => {
    const before = honest.replica.summary();
    await crookWrites(kind, body());
    expect(exceptionsAt()).toEqual([reason]);
    const after = honest.replica.summary();
    expect(after.trialBalance).toEqual(before.trialBalance);
    expect(after.liabilities).toEqual(before.liabilities);
    await charge(honest.replica, member, 100_00);
  });

  it("claims what it was not given: a person that there is not, or a right that only people have [AC1]", async () => {
    await crookWrites("ToppedUp", newLot(1_00), "nobody");
    await crookWrites("ToppedUp", newLot(1_00), "");
    await crookWrites("ImportOpened", { sources: [{ name: "x", hash: "x", rows: 1 }] }, "amy");
    expect(exceptionsAt()).toEqual([
      "quarantined: unknown-staff",
      "quarantined: not-permitted",
      "quarantined: not-permitted",
    ]);
  });

  it("closes an import with other totals than it brought: all of it is refused [IM6]", async () => {
    await crookWrites("ImportOpened", { sources: [{ name: "x", hash: "x", rows: 1 }] });
    const batch = `${own}:0`;
    const opening = (stamp: Stamp) => {
      const { tenders: _, ...body } = newLot(10_00)(stamp);
      return { ...body, batch, note: "" };
    };
    await crookWrites("OpeningBalanceImported", opening);
    const stated = { batch, operations: 1, members: 0, opening: 9_00, purchases: 0, purchased: 0 };
    await crookWrites("ImportClosed", stated);
    expect(exceptionsAt()).toEqual(["refused: batch-incomplete", "refused: batch-incomplete"]);
    expect(honest.replica.member(member)?.balance).toBe(100_00);
    await crookWrites("ImportOpened", { sources: [{ name: "x", hash: "x", rows: 1 }] });
    await crookWrites("ImportClosed", { ...stated, batch: `${own}:3`, operations: 0, opening: 1 });
    expect(honest.replica.summary().liabilities.principal).toBe(100_00);
  });

  it("overwrites a name with rubbish: the old value stays in the history, with who did it [ME3]", async () => {
    await crookWrites("MemberEdited", {
      member,
      cites: { name: [member] },
      sealed: "A".repeat(64),
    });
    expect(honest.replica.member(member)?.fields["name"] ?? "").toBe("");
    const history = await honest.replica.history(member);
    expect(history.map(({ kind, device }) => `${kind} ${device}`)).toContain("MemberEdited crook");
  });
});
