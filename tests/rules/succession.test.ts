import { describe, expect, it } from "vitest";
import { checkpointOf } from "../../server/relay/checkpoint-of.ts";
import type { Heads } from "../../shared/journal/chain.ts";
import { writeCheckpoint } from "../../shared/replica/checkpoint.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { answerValueRequest } from "../../shared/replica/steward.ts";
import { forgetOwnHistory } from "../../shared/replica/succeed-itself.ts";
import { foldRuns, ledgerOf, shuffled } from "../harness/fold-runs.ts";
import { signerOf, TestOrganisation } from "../harness/organisation.ts";
import { addMember, charge, refusalOf, topUp } from "../harness/shop.ts";

describe("succession", () => {
  it("a wiped till's purse passes to the device that replaces it, and can be spent [ID2]", async () => {
    const organisation = await TestOrganisation.found();
    const old = await organisation.enrol("till1");
    const member = await addMember(old.replica, "孟文", "13800000001");
    await topUp(old.replica, member, 500_00);
    await charge(old.replica, member, 20_00);
    await organisation.exchange(old);
    const heads = organisation.serverLedger.heads();
    const cut: Heads = new Map([...heads].filter(([chain]) => chain.startsWith("till1@")));
    const heir = await organisation.enrol("till1b", { replaces: "till1", cut });
    await organisation.exchange(heir);
    expect(heir.replica.spendable(member)).toBe(480_00);
    await charge(heir.replica, member, 480_00);
    await organisation.exchange(heir);
    expect(heir.replica.member(member)?.balance).toBe(0);
    expect(heir.replica.summary().counts.waiting).toBe(0);
    await organisation.deliver(old);
    expect(
      (await refusalOf(old.replica, { command: "AddMember", fields: { name: "乙", card: "2" } }))
        .code,
    ).toBe("read-only");
    const runs = [
      ...(await heir.replica.runsFrom("till1@s1", 0, 100)),
      ...(await heir.replica.runsFrom("till1b@s1", 0, 100)),
    ];
    const expected = heir.replica.summary().hash;
    for (let seed = 0; seed < 50; seed++)
      expect((await foldRuns(organisation.authority, shuffled(runs, seed))).hash).toBe(expected);
  });

  it("a new term inherits the old server's purse; what the old one had given out late still counts, as disputed [ID5]", async () => {
    const organisation = await TestOrganisation.found();
    const one = await organisation.enrol("till1");
    const two = await organisation.enrol("till2");
    const member = await addMember(one.replica, "孟文", "13800000001");
    await topUp(one.replica, member, 1000_00);
    await organisation.exchange(one, two);
    await one.replica.sweepHome(false);
    await organisation.exchange(one, two);
    const cut = organisation.serverLedger.heads();
    // The old server gives till 2 what it needs, and dies before anybody else hears of it.
    const late = answerValueRequest(organisation.serverLedger.books, {
      member,
      amountFen: 300_00,
      to: "till2@s1",
      from: "srv1@s1",
      allotment: false,
    });
    if (!("drafts" in late)) throw new Error("the server holds it");
    await organisation.serverWrites(late.drafts);
    await organisation.deliver(two);
    await charge(two.replica, member, 300_00);
    await organisation.append({
      kind: "TermOpened",
      body: {
        term: 2,
        server: { device: "srv2", key: signerOf("srv2").publicKey },
        closes: "srv1",
        cut: Object.fromEntries([...cut].filter(([chain]) => chain.startsWith("srv1@"))),
      },
    });
    await organisation.exchange(one, two);
    expect(one.replica.member(member)?.balance).toBe(700_00);
    expect(one.replica.summary()).toEqual(two.replica.summary());
    expect(one.replica.summary().counts.quarantined).toBe(0);
    const runs = [];
    for (const chain of two.replica.heads().keys())
      runs.push(...(await two.replica.runsFrom(chain, 0, 100)));
    for (let seed = 0; seed < 50; seed++)
      expect((await foldRuns(organisation.authority, shuffled(runs, seed))).hash).toBe(
        two.replica.summary().hash,
      );
    // The state tells which operation it was, and is another one where it was another one.
    const { ledger } = await ledgerOf(organisation.authority, runs);
    const [given] = ledger.books.purses.allFragments(member).flatMap((left) => left.late);
    expect(given).toEqual({ operation: "srv1@s1:0", principal: -300_00, bonus: 0 });
    if (given) given.operation = "srv1@s1:1";
    expect(summarise(ledger).hash).not.toBe(two.replica.summary().hash);
  });
});

describe("a damaged store", () => {
  it("that lost own operations records nothing until they are fetched back, and then goes on [ID1]", async () => {
    const organisation = await TestOrganisation.found();
    const till = await organisation.enrol("till1");
    const member = await addMember(till.replica, "孟文", "13800000001");
    await topUp(till.replica, member, 500_00);
    await organisation.exchange(till);
    for (const [name, elements] of till.store.content.documents)
      if (name !== "authority") elements.length = 2;
    const damaged = { ...till, replica: await organisation.open("till1", till.store) };
    const again = { command: "AddMember", fields: { name: "乙", card: "2" } } as const;
    expect(await refusalOf(damaged.replica, again)).toEqual({ code: "own-history-missing" });
    await organisation.exchange(damaged);
    expect(damaged.replica.summary()).toEqual(till.replica.summary());
    await charge(damaged.replica, member, 500_00);
    await organisation.exchange(damaged);
    expect(organisation.serverLedger.heads().get("till1@s1")?.next).toBe(3);
  });

  it("that was put back remembers what the server signed to hold of it, and does not record that again [ID1]", async () => {
    const organisation = await TestOrganisation.found();
    const till = await organisation.enrol("till1");
    await addMember(till.replica, "孟文", "13800000001");
    await organisation.exchange(till);
    const older = structuredClone(till.store.content);
    await addMember(till.replica, "王芳", "13800000002");
    await organisation.exchange(till);
    const nowMs = organisation.clock.now;
    const held = checkpointOf(organisation.serverLedger, { device: "srv1", nowMs, documents: [] });
    const signed = await writeCheckpoint(held, signerOf("srv1"));
    Object.assign(till.store.content, older);
    const met = await organisation.open("till1", till.store);
    await met.receiveCheckpoint(signed);
    // Started again without a network: the server may be lost meanwhile, and with it what it held.
    const again = await organisation.open("till1", till.store);
    const add = { command: "AddMember", fields: { name: "乙", card: "2" } } as const;
    expect(await refusalOf(again, add)).toEqual({ code: "own-history-missing" });
    expect(again.trouble()).toBeUndefined();
    const lacking = new Map([["till1@s1", { next: 1, hash: "" }]]);
    again.serverHolds(lacking);
    again.caughtUp(true);
    expect(again.trouble()).toBe("lost");
    expect(Object.keys(forgetOwnHistory)).toContain("own-shown");
  });
});
