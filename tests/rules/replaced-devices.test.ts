import { describe, expect, it, test } from "vitest";
import { whyNotSequenced } from "../../server/relay/sequence-rules.ts";
import { readEntry } from "../../shared/access/authority-entry.ts";
import { signEntry } from "../../shared/access/sign-entry.ts";
import type { ChainHead, Heads } from "../../shared/journal/chain.ts";
import type { Operation } from "../../shared/journal/operation.ts";
import type { Run } from "../../shared/journal/run.ts";
import { authorRun, type Draft } from "../../shared/replica/author.ts";
import { answerValueRequest } from "../../shared/replica/steward.ts";
import { type Claim, CreditClaims } from "../../shared/stored-value/credit-claims.ts";
import { BareFold, interleaved, operationOf } from "../harness/bare-fold.ts";
import { foldRuns, ledgerOf, shuffled } from "../harness/fold-runs.ts";
import { signerOf, TestOrganisation, type Till } from "../harness/organisation.ts";
import { keyOf, recordLost, recoveredFrom } from "../harness/recovered.ts";
import { addMember, charge, refusalOf, topUp } from "../harness/shop.ts";
import { memberAdded, moved, saleOf, toppedUp } from "../harness/value-bodies.ts";

const chain = "till1@s1";

interface Replaced {
  organisation: TestOrganisation;
  old: Till;
  heir: Till;
  /** had 500.00 in the till's purse where it was cut */
  member: string;
}

/** A till is thought lost and replaced; it was at a fair, and goes on selling until it hears of it. */
async function replaced(): Promise<Replaced> {
  const organisation = await TestOrganisation.found();
  const old = await organisation.enrol("till1");
  const member = await addMember(old.replica, "孟文", "13800000001");
  await topUp(old.replica, member, 500_00);
  await organisation.exchange(old);
  const cut = new Map(organisation.serverLedger.heads());
  const heir = await organisation.enrol("till1b", { replaces: "till1", cut });
  await organisation.deliver(heir);
  return { organisation, old, heir, member };
}

async function everything(organisation: TestOrganisation, ...tills: Till[]): Promise<Run[]> {
  await organisation.exchange(...tills);
  const runs: Run[] = [];
  const [{ replica }] = tills as [Till];
  for (const each of replica.heads().keys()) runs.push(...(await replica.runsFrom(each, 0, 100)));
  return runs;
}

async function sameInAnyOrder(organisation: TestOrganisation, runs: Run[], hash: string) {
  for (let seed = 0; seed < 12; seed++)
    expect((await foldRuns(organisation.authority, shuffled(runs, seed))).hash).toBe(hash);
}

const headOf = (heads: Heads): Record<string, ChainHead> => {
  const head = heads.get(chain);
  return head ? { [chain]: head } : {};
};

/** What the old till's key can seal whatever the app would say. */
async function sealed({ organisation }: Replaced, auth: number, drafts: Draft[]): Promise<Run> {
  const { authority } = organisation;
  const runs = await everythingOfOld(organisation);
  const then = await ledgerOf(authority.slice(0, auth + 1), runs);
  return authorRun(
    { ledger: then.ledger, clock: organisation.clock, signer: signerOf("till1") },
    { device: "till1", store: "s1", staff: "boss", attested: true },
    drafts.map((draft) => () => draft),
  );
}

const everythingOfOld = async ({ documents }: TestOrganisation): Promise<Run[]> => {
  const runs: Run[] = [];
  let operations: string[] = [];
  for (const text of [...documents.values()].flat()) {
    if (!JSON.parse(text).sig) operations.push(text);
    else {
      if (text.includes(`"${chain}"`)) runs.push({ operations, seal: text });
      operations = [];
    }
  }
  return runs;
};

describe("a device that was replaced while nobody knew where it stood", () => {
  it("has its later sales counted, and what it took in falls to the server [ID3]", async () => {
    const { organisation, old, heir, member } = await replaced();
    await charge(old.replica, member, 30_00);
    const guest = await addMember(old.replica, "阿依", "13800000002");
    await topUp(old.replica, guest, 100_00);
    await charge(old.replica, guest, 40_00);
    const runs = await everything(organisation, old, heir);
    for (const { replica } of [old, heir]) {
      expect([...replica.exceptions()]).toEqual([]);
      expect(replica.member(member)?.balance).toBe(470_00);
      expect(replica.member(guest)?.balance).toBe(60_00);
      expect(replica.summary().disputed).toBe(0);
    }
    expect(heir.replica.spendable(member)).toBe(470_00);
    expect(heir.replica.spendable(guest)).toBe(0);
    const asked = answerValueRequest(organisation.serverLedger.books, {
      member: guest,
      amountFen: 60_00,
      to: "till1b@s1",
      from: "srv1@s1",
      allotment: false,
    });
    if (!("drafts" in asked)) throw new Error("the server holds it");
    await organisation.serverWrites(asked.drafts);
    await organisation.deliver(heir);
    await charge(heir.replica, guest, 60_00);
    expect(heir.replica.member(guest)?.balance).toBe(0);
    await sameInAnyOrder(organisation, runs, old.replica.summary().hash);
  });

  it("what its successor had spent as well is disputed, charged to the server, to the fen [ID5]", async () => {
    const { organisation, old, heir, member } = await replaced();
    await charge(heir.replica, member, 450_00);
    await charge(old.replica, member, 80_00);
    const runs = await everything(organisation, heir, old);
    const summary = heir.replica.summary();
    expect(summary).toMatchObject({ disputed: 30_00, liabilities: { principal: -30_00 } });
    expect(Object.values(summary.trialBalance).reduce((sum, fen) => sum + fen, 0)).toBe(0);
    const { ledger } = await ledgerOf(organisation.authority, runs);
    expect(ledger.books.purses.disputed()).toMatchObject([
      { member, purse: "srv1@s1", leftPrincipal: -30_00 },
    ]);
    expect(heir.replica.spendable(member)).toBe(0);
    await sameInAnyOrder(organisation, runs, summary.hash);
  });

  it("what the server has to answer for is not given out of the same top-up again [SV3]", async () => {
    const shop = await replaced();
    const { organisation, heir, member } = shop;
    await charge(heir.replica, member, 500_00);
    await organisation.enrol("till2");
    await organisation.deliver(heir);
    // The old one had swept all of it home, and that turns up late.
    const [lot] = [...organisation.serverLedger.books.lots.keys()];
    const home = await sealed(shop, 2, [
      {
        kind: "ValueMoved",
        body: moved([
          { purse: chain, lot: lot ?? "", fen: -500_00, credit: `${lot}#0` },
          { purse: "srv1@s1", lot: lot ?? "", fen: 490_00 },
          { purse: "till2@s1", lot: lot ?? "", fen: 10_00 },
        ]),
      },
    ]);
    await organisation.accept(home);
    await organisation.exchange(heir);
    const { books } = organisation.serverLedger;
    expect(books.purses.disputed()).toMatchObject([{ leftPrincipal: -500_00 }]);
    expect(books.purses.fragments(member, "till2@s1")).toMatchObject([{ leftPrincipal: 10_00 }]);
    const request = { member, amountFen: 11_00, to: "till2@s1", from: "srv1@s1", allotment: false };
    expect(answerValueRequest(books, request)).toEqual({ available: 10_00 });
  });

  it("stops as soon as it has seen that it was replaced; what it records then does not count [ID3]", async () => {
    const shop = await replaced();
    const { organisation, old, heir, member } = shop;
    await organisation.deliver(old);
    const again = { command: "AddMember", fields: { name: "乙", card: "2" } } as const;
    expect((await refusalOf(old.replica, again)).code).toBe("read-only");
    const newest = organisation.authority.length - 1;
    const draft = { kind: "ToppedUp", body: toppedUp(chain, 2, member, 100_00) };
    await organisation.accept(await sealed(shop, newest, [draft]));
    await organisation.deliver(heir);
    expect([...heir.replica.exceptions()]).toMatchObject([{ reason: "after-cut" }]);
    expect(heir.replica.member(member)?.balance).toBe(500_00);
  });

  it("can still be revoked by the owner: beyond that cut nothing counts [ID3]", async () => {
    const { organisation, old, heir, member } = await replaced();
    await charge(old.replica, member, 30_00);
    await organisation.collect(old);
    const cut = headOf(organisation.serverLedger.heads());
    await charge(old.replica, member, 200_00);
    const runs = await everything(organisation, old, heir);
    expect(heir.replica.member(member)?.balance).toBe(270_00);
    const owner = [{ by: "staff:boss", signer: signerOf("boss") }];
    await organisation.append({ kind: "DeviceFrozen", body: { device: "till1", cut } }, owner);
    await organisation.exchange(heir);
    expect([...heir.replica.exceptions()]).toMatchObject([
      { standing: "quarantined", reason: "after-cut" },
    ]);
    expect(heir.replica.member(member)?.balance).toBe(470_00);
    await sameInAnyOrder(organisation, runs, heir.replica.summary().hash);
    await expect(
      organisation.append({ kind: "DeviceFrozen", body: { device: "till1", cut } }, owner),
    ).rejects.toThrow("unknown-subject");
  });

  it("one that was revoked first stays revoked, whoever is enrolled in its place [ID3]", async () => {
    const organisation = await TestOrganisation.found();
    const old = await organisation.enrol("till1");
    const member = await addMember(old.replica, "孟文", "13800000001");
    await topUp(old.replica, member, 500_00);
    await organisation.exchange(old);
    const cut = headOf(organisation.serverLedger.heads());
    await charge(old.replica, member, 70_00);
    await organisation.append({ kind: "DeviceFrozen", body: { device: "till1", cut } });
    const heir = await organisation.enrol("till1b", { replaces: "till1", cut: new Map() });
    await organisation.collect(old);
    await organisation.deliver(heir);
    expect([...heir.replica.exceptions()]).toMatchObject([{ reason: "after-cut" }]);
    expect(heir.replica.member(member)?.balance).toBe(500_00);
  });
});

describe("a device that the owner or the card has stopped", () => {
  const succession = {
    kind: "DeviceSucceeded" as const,
    body: { device: "copy", key: signerOf("copy").publicKey, replaces: "till1", cut: {} },
  };

  it("goes on under no other name by its own word; one that the server stopped may [ID7]", async () => {
    for (const [by, why] of [
      ["staff:boss", "revoked"],
      ["device:srv1", "stopped"],
    ] as const) {
      const organisation = await TestOrganisation.found();
      await organisation.enrol("till1");
      const key = { by, signer: signerOf(by.slice(by.indexOf(":") + 1)) };
      await organisation.append({ kind: "DeviceFrozen", body: { device: "till1", cut: {} } }, [
        key,
      ]);
      expect(organisation.state?.devices.get("till1")?.closed).toMatchObject({ why });
      const going = organisation.append(succession, [keyOf("device:till1")]);
      if (why === "revoked") await expect(going).rejects.toThrow("not-entitled");
      else await going;
      if (why === "revoked") await organisation.enrol("till2", { replaces: "till1" });
    }
  });

  it("cannot do so either by a succession that a recovery left behind [ID7]", async () => {
    const before = await TestOrganisation.found();
    await before.enrol("till1");
    const known = before.authority.length;
    await before.append(succession, [keyOf("device:till1")]);
    const after = await recoveredFrom(before, known);
    await after.append({ kind: "DeviceFrozen", body: { device: "till1", cut: {} } });
    await recordLost(after, before, known);
    const closedOf = (device: string) => after.state?.devices.get(device)?.closed;
    expect(closedOf("till1")).toMatchObject({ why: "revoked", by: undefined });
    expect(closedOf("copy")).toMatchObject({ why: "revoked", cut: {} });
  });

  it("is stopped at what the server holds, or where it was replaced, and nowhere else [ID3]", async () => {
    const { organisation, old, member } = await replaced();
    const replacedAt = organisation.state?.devices.get("till1")?.closed?.cut ?? {};
    await charge(old.replica, member, 1_00);
    await charge(old.replica, member, 2_00);
    await organisation.collect(old);
    const { state, serverLedger } = organisation;
    if (!state) throw new Error("there is a log");
    const heads = serverLedger.heads();
    const why = async (cut: Record<string, ChainHead>) => {
      const body = { device: "till1", cut };
      const text = await signEntry(
        state,
        { kind: "DeviceFrozen", body },
        [keyOf("staff:boss")],
        organisation.clock.now,
      );
      const entry = readEntry(text);
      return entry && whyNotSequenced(entry, state, heads, organisation.clock.now);
    };
    const [at = 0, head] = [replacedAt[chain]?.next, replacedAt[chain]];
    expect(await why(headOf(heads))).toBeUndefined();
    expect(await why(head ? { [chain]: head } : {})).toBeUndefined();
    expect(await why({})).toBe("cut-differs");
    expect(await why({ [chain]: { next: at + 1, hash: head?.hash ?? "" } })).toBe("cut-differs");
    expect(await why({ [chain]: { next: at, hash: headOf(heads)[chain]?.hash ?? "" } })).toBe(
      "cut-differs",
    );
  });
});

const [till, heir, server] = ["a@s1", "b@s1", "srv1@s1"];
const inheritance = { old: till, heir, server, next: 3 };
const member = `${till}:0`;
const lot = `${till}:1`;
const sale = (of: string, seq: number, fen: number, credit: string, purse = till) =>
  operationOf(of, seq, "SaleRecorded", saleOf(member, [{ purse, lot, fen: -fen, credit }]));

/** The till has 100 fen and spends 10, is cut at 3, and goes on as if nothing had happened. */
const inTime = [
  operationOf(till, 0, "MemberAdded", memberAdded),
  operationOf(till, 1, "ToppedUp", toppedUp(till, 1, member, 100)),
  sale(till, 2, 10, `${lot}#0`),
];

/** Every chain in its order, chains anyhow; every third time kept and read back after each operation. */
function inOrders(
  operations: readonly Operation[],
  late: (operation: Operation) => boolean,
  next = 3,
) {
  return Array.from({ length: 60 }, (_, seed) => {
    let bare = new BareFold({ ...inheritance, next });
    for (const operation of interleaved(operations, seed)) {
      bare.enter([operation], late(operation));
      if (seed % 3 === 0) bare = bare.kept();
    }
    return bare;
  });
}

const isLate = ({ device, seq }: Operation): boolean => device === "a" && seq >= 3;

test("what a replaced device says that it spent is never more than what it had, whatever its successor left [SV3]", () => {
  const operations = [
    ...inTime,
    sale(till, 3, 60, `${lot}#0`),
    sale(till, 4, 31, `${lot}#0`),
    sale(till, 5, 30, `${lot}#0`),
    sale(heir, 0, 85, `${lot}#0`),
    sale(heir, 1, 6, `${lot}#0`),
    sale(heir, 2, 5, `${lot}#0`),
  ];
  for (const bare of inOrders(operations, isLate)) {
    expect(bare.standing(`${till}:3`)).toBe("counted");
    expect(bare.standing(`${till}:4`)).toBe("refused: overspent");
    expect(bare.standing(`${till}:5`)).toBe("counted");
    expect(bare.standing(`${heir}:0`)).toBe("counted");
    expect(bare.standing(`${heir}:1`)).toBe("refused: overspent");
    expect(bare.standing(`${heir}:2`)).toBe("counted");
    expect(bare.books.purses.disputed()).toMatchObject([{ purse: server, leftPrincipal: -90 }]);
    expect(bare.books.balances.get(member)).toMatchObject({ principal: -90 });
  }
});

test("what it took in after it was replaced is its own to spend, then the server's, never its successor's [SV3]", () => {
  const late = `${till}:3`;
  const spend = (of: string, seq: number, fen: number, purse: string) =>
    operationOf(
      of,
      seq,
      "SaleRecorded",
      saleOf(member, [{ purse, lot: late, fen: -fen, credit: `${late}#0` }]),
    );
  const operations = [
    ...inTime,
    operationOf(till, 3, "ToppedUp", toppedUp(till, 3, member, 100)),
    spend(till, 4, 70, till),
    spend(till, 5, 40, till),
    spend(server, 0, 30, server),
    spend(heir, 0, 5, till),
    spend(heir, 1, 5, server),
  ];
  const states = inOrders(operations, isLate).map((bare) => {
    expect(bare.standing(`${till}:4`)).toBe("counted");
    expect(bare.standing(`${till}:5`)).toBe("refused: overspent");
    expect(bare.standing(`${server}:0`)).toBe("counted");
    expect(bare.standing(`${heir}:0`)).toBe("refused: not-that-credit");
    expect(bare.standing(`${heir}:1`)).toBe("refused: not-own-purse");
    expect(bare.complaints()).toEqual([]);
    return bare.state(operations);
  });
  expect(new Set(states).size).toBe(1);
});

test("a late claim waits for what its device claimed before, and not for what others do [SV11]", () => {
  const stranger = "c@s1:0";
  const operations = [
    ...inTime.slice(0, 2),
    // Counts for nothing in the end: its buyer is no member. Until that is known it holds its place.
    operationOf(
      till,
      2,
      "SaleRecorded",
      saleOf(stranger, [{ purse: till, lot, fen: -10, credit: `${lot}#0` }]),
    ),
    sale(till, 3, 92, `${lot}#0`),
    sale(till, 4, 9, `${lot}#0`),
    sale(till, 5, 8, `${lot}#0`),
    operationOf("c@s1", 0, "ToppedUp", toppedUp("c@s1", 0, "c@s1:7", 5, 4)),
    sale(heir, 0, 8, `${lot}#0`),
  ];
  for (const [bound, counted, refused] of [
    [4, [`${till}:3`, `${till}:5`, `${heir}:0`], [`${till}:2`, `${till}:4`]],
    [3, [`${till}:3`, `${till}:5`, `${heir}:0`], [`${till}:2`, `${till}:4`]],
  ] as const)
    for (const { standing } of inOrders(
      operations,
      ({ device, seq }) => device === "a" && seq >= bound,
      bound,
    ).map((bare) => ({ standing: (ref: string) => bare.standing(ref).split(":")[0] }))) {
      for (const ref of counted) expect([ref, standing(ref)]).toEqual([ref, "counted"]);
      for (const ref of refused) expect([ref, standing(ref)]).toEqual([ref, "refused"]);
    }
});

test("nobody else claims late what a replaced device took in [SV3]", () => {
  const claims = new CreditClaims(() => true);
  const made = { member, lot, store: "s1", term: 1, principal: 50, bonus: 0 };
  claims.open({ ...made, ref: `${till}:3#0`, purse: server, madeIn: till });
  const line = { purse: till, lot, store: "s1", term: 1, principal: -50, bonus: 0 };
  const late = { credit: `${till}:3#0`, line, generation: 1, late: true, isFreed: false };
  const another: Claim = { ...late, operation: `${heir}:0`, verdict: "waiting" };
  const own: Claim = { ...late, generation: 0, operation: `${till}:4`, verdict: "waiting" };
  claims.add(another);
  claims.add(own);
  expect([another.verdict, own.verdict]).toEqual(["not-that-credit", "reserved"]);
});

test("what a reversal of its late sale gives back falls to the server, which answers for what was spent twice [SV7]", () => {
  const undo = operationOf(heir, 1, "OperationReversed", { target: `${till}:3`, reason: "x" });
  const operations = [
    ...inTime,
    sale(till, 3, 30, `${lot}#0`),
    sale(heir, 0, 90, `${lot}#0`),
    undo,
  ];
  for (const bare of inOrders(operations, isLate)) {
    const left = bare.books.purses.allFragments(member);
    expect(left.map(({ purse, leftPrincipal }) => [purse, leftPrincipal]).sort()).toEqual([
      [server, -30],
      [server, 30],
    ]);
    expect(bare.books.purses.fragments(member, heir)).toEqual([]);
    expect(bare.books.balances.get(member)).toMatchObject({ principal: 0 });
  }
});
