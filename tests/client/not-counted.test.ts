import { beforeEach, describe, expect, it } from "vitest";
import { readNotCounted } from "../../client/shop/not-counted.ts";
import type { CanonicalValue } from "../../shared/journal/canonical-json.ts";
import { authorRun } from "../../shared/replica/author.ts";
import { signerOf, TestOrganisation, type Till } from "../harness/organisation.ts";
import { addMember, topUp } from "../harness/shop.ts";

type Body = Record<string, CanonicalValue>;

let organisation: TestOrganisation;
let till: Till;
let member: string;

beforeEach(async () => {
  organisation = await TestOrganisation.found();
  till = await organisation.enrol("till1");
  await organisation.enrol("other");
  member = await addMember(till.replica, "孟文", "13800000001");
  await organisation.exchange(till);
});

const otherWrites = (kind: string, body: Body) => otherSeals({ kind, body });

/** One run of the other device, as amy's. */
async function otherSeals(...drafts: { kind: string; body: Body }[]) {
  const run = await authorRun(
    { ledger: organisation.serverLedger, clock: organisation.clock, signer: signerOf("other") },
    { device: "other", store: "s1", staff: "amy", attested: true },
    drafts.map((draft) => () => draft),
  );
  await organisation.accept(run);
  await organisation.deliver(till);
}

const cashSale = (list: number, tendered: number): Body => ({
  member,
  items: [{ name: "", quantity: 1, list, discount: 0, payable: list }],
  tenders: [{ tender: "cash", amount: tendered }],
  value: [],
});

describe("what is kept but not counted", () => {
  it("is told with who, when, where, whose and how much", async () => {
    await otherWrites("SaleRecorded", cashSale(5_00, 4_00));
    const [group, ...more] = await readNotCounted(till.replica);
    expect(more).toEqual([]);
    expect(group).toMatchObject({
      standing: "refused",
      reason: "tenders-do-not-sum",
      count: 1,
      newest: [
        {
          ref: "other@s1:0",
          kind: "SaleRecorded",
          member,
          amount: 5_00,
          staff: "amy",
          device: "other",
          atMs: organisation.clock.now,
        },
      ],
    });
  });

  it("stands together by reason, newest first, and counts what it does not list", async () => {
    for (let list = 1; list <= 60; list++) {
      organisation.clock.now += 1000;
      await otherWrites("SaleRecorded", cashSale(list, list + 1));
    }
    const [group] = await readNotCounted(till.replica);
    expect(group?.count).toBe(60);
    expect(group?.newest.map(({ amount }) => amount)).toEqual(
      Array.from({ length: 50 }, (_, at) => 60 - at),
    );
  });

  it("of several in one run each is told as itself", async () => {
    await otherSeals(
      { kind: "SaleRecorded", body: cashSale(1_00, 1_00) },
      { kind: "SaleRecorded", body: cashSale(2_00, 9_00) },
      { kind: "SaleRecorded", body: cashSale(3_00, 9_00) },
    );
    const [group] = await readNotCounted(till.replica);
    expect(group?.newest.map(({ amount }) => amount)).toEqual([3_00, 2_00]);
  });

  it("a body that is not what its kind says hides neither who nor whose it was", async () => {
    await otherWrites("SaleRecorded", { member, items: "nothing" });
    expect(await readNotCounted(till.replica)).toMatchObject([
      {
        standing: "refused",
        reason: "malformed",
        newest: [{ kind: "SaleRecorded", member, staff: "amy", amount: 0 }],
      },
    ]);
  });

  it("a kind of a later version, a missing permission and a missing record are three groups", async () => {
    await otherWrites("PointsEarned", { member, points: 5 });
    await otherWrites("ImportUndone", { batch: "other@s1:9", reason: "" });
    await otherWrites("OperationReversed", { target: "till1@s1:99", reason: "" });
    const groups = await readNotCounted(till.replica);
    expect(groups.map(({ standing, reason }) => [standing, reason])).toEqual([
      ["unknown-kind", "newer-version"],
      ["quarantined", "not-permitted"],
      ["waiting", "needs-record"],
    ]);
    expect(groups[0]?.newest).toMatchObject([{ kind: "PointsEarned", member }]);
  });

  it("own operations that the server has not are read as well; what counts is not told", async () => {
    const cut = organisation.serverLedger.heads();
    await topUp(till.replica, member, 100_00);
    expect(await readNotCounted(till.replica)).toEqual([]);
    await organisation.append(
      { kind: "DeviceFrozen", body: { device: "till1", cut: Object.fromEntries(cut) } },
      [{ by: "staff:boss", signer: signerOf("boss") }],
    );
    await organisation.deliver(till);
    expect(await readNotCounted(till.replica)).toMatchObject([
      {
        standing: "quarantined",
        reason: "after-cut",
        newest: [{ kind: "ToppedUp", member, amount: 100_00, staff: "boss", device: "till1" }],
      },
    ]);
  });
});
