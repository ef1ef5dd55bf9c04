import { describe, expect, it } from "vitest";
import type { AuthorityProposal } from "../../shared/access/authority-entry.ts";
import { appendEntry, readAuthorityLog } from "../../shared/access/authority-log.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { mayApproveAct, openProposals, standingOf } from "../../shared/access/proposals.ts";
import { type AuthorityKey, signEntry } from "../../shared/access/sign-entry.ts";
import { hashText } from "../../shared/journal/bytes.ts";
import { jsSignatures, signerOf, startMs, TestOrganisation } from "../harness/organisation.ts";
import { keyOf, recoveredFrom } from "../harness/recovered.ts";

const hourMs = 3_600_000;
const boss = keyOf("staff:boss");
const server = keyOf("device:srv1");

type Role = "owner" | "manager" | "cashier";

/** The owner, and people with a device and a key of their own. */
class Shop {
  readonly organisation: TestOrganisation;

  private constructor(organisation: TestOrganisation) {
    this.organisation = organisation;
  }

  static async open(...people: [staff: string, role: Role, ceiling?: Role][]): Promise<Shop> {
    const shop = new Shop(await TestOrganisation.found());
    for (const [staff, role, ceiling = "owner"] of people) {
      await shop.add({ kind: "StaffAdded", body: { staff, name: staff, role } });
      await shop.give(staff, `${staff}s`, ceiling);
    }
    return shop;
  }

  /** A device that holds a personal key of somebody. */
  give(staff: string, device: string, ceiling: Role = "owner", keyName = staff): Promise<void> {
    return this.add({
      kind: "DeviceEnrolled",
      body: {
        device,
        name: device,
        key: signerOf(device).publicKey,
        store: "s1",
        ceiling,
        till: false,
        staff,
        staffKey: signerOf(keyName).publicKey,
      },
    });
  }

  get state(): AuthorityState {
    return this.organisation.state ?? expect.fail();
  }

  get card(): AuthorityKey {
    return this.organisation.recoveryKey;
  }

  add(proposal: AuthorityProposal, ...keys: AuthorityKey[]): Promise<void> {
    return this.organisation.append(proposal, keys.length > 0 ? keys : undefined);
  }

  propose(by: AuthorityKey = boss, proposal = "p1"): Promise<void> {
    const body = {
      proposal,
      act: "prune-backups",
      subject: hashText("list"),
      text: "8 份",
    } as const;
    return this.add({ kind: "ActProposed", body }, by);
  }

  approve(...by: AuthorityKey[]): Promise<void> {
    return this.add({ kind: "ActApproved", body: { proposal: "p1" } }, ...by);
  }

  /** With the card, by the server's clock. */
  give24(hours = 24, ...by: AuthorityKey[]): Promise<void> {
    const until = this.organisation.clock.now + hours * hourMs;
    const keys = by.length > 0 ? by : [this.card, server];
    return this.add({ kind: "ActApproved", body: { proposal: "p1", until } }, ...keys);
  }

  withdraw(...by: AuthorityKey[]): Promise<void> {
    return this.add({ kind: "ActWithdrawn", body: { proposal: "p1" } }, ...by);
  }

  carryOut(by: AuthorityKey = server): Promise<void> {
    return this.add({ kind: "ActDone", body: { proposal: "p1" } }, by);
  }

  later(hours: number): void {
    this.organisation.clock.now += hours * hourMs;
  }

  standing(nowMs = this.organisation.clock.now) {
    const proposal = this.state.proposals.get("p1");
    return proposal && standingOf(this.state, proposal, nowMs).is;
  }
}

const ann = keyOf("staff:ann");

describe("an act that needs two people", () => {
  it("is proposed by one, approved by another, done once [AP1]", async () => {
    const shop = await Shop.open(["ann", "manager"]);
    await shop.propose();
    expect(shop.standing()).toBe("waiting-for-person");
    await expect(shop.carryOut()).rejects.toThrow("not-entitled");
    await shop.approve(ann);
    expect(shop.standing()).toBe("approved");
    await expect(shop.approve(ann)).rejects.toThrow("already-used");
    await expect(shop.carryOut(boss)).rejects.toThrow("not-entitled");
    await shop.carryOut();
    expect(shop.standing()).toBe("done");
    await expect(shop.carryOut()).rejects.toThrow("already-used");
    await expect(shop.approve(ann)).rejects.toThrow("already-used");
    await expect(shop.propose()).rejects.toThrow("already-used");
    await expect(shop.withdraw(ann)).rejects.toThrow("already-used");
    expect(openProposals(shop.state)).toEqual([]);
    const again = await readAuthorityLog(shop.organisation.authority, jsSignatures);
    expect(again.ok && again.value.proposals).toEqual(shop.state.proposals);
  });

  it("the same person on another device is one person, under whatever name the key goes [AP1]", async () => {
    const shop = await Shop.open(["ann", "manager"]);
    await shop.give("boss", "phone2", "owner", "boss-phone");
    await shop.propose();
    const other = { by: "staff:boss", signer: signerOf("boss-phone") };
    for (const self of [boss, other])
      await expect(shop.approve(self)).rejects.toThrow("not-entitled");
    await shop.add({ kind: "StaffAdded", body: { staff: "ghost", name: "鬼", role: "manager" } });
    await shop.give("ghost", "phone3", "owner", "boss");
    const ghost = { by: "staff:ghost", signer: signerOf("boss") };
    await expect(shop.approve(ghost)).rejects.toThrow("not-entitled");
    expect(shop.standing()).toBe("waiting-for-person");
    const proposal = shop.state.proposals.get("p1") ?? expect.fail();
    const isOffered = (staff: string, device: string) =>
      mayApproveAct(shop.state, proposal, { staff, device });
    expect([isOffered("boss", "phone2"), isOffered("ann", "anns")]).toEqual([false, true]);
  });

  it("neither a cashier, a manager on a cashier's device, nor a replaced device signs [AP2]", async () => {
    const shop = await Shop.open(
      ["ann", "manager", "cashier"],
      ["cleo", "cashier"],
      ["dan", "manager"],
    );
    for (const who of ["ann", "cleo"])
      await expect(shop.propose(keyOf(`staff:${who}`))).rejects.toThrow("not-entitled");
    await expect(shop.propose(keyOf("device:dans"))).rejects.toThrow("not-entitled");
    await shop.propose();
    for (const who of ["ann", "cleo"]) {
      await expect(shop.approve(keyOf(`staff:${who}`))).rejects.toThrow("not-entitled");
      await expect(shop.withdraw(keyOf(`staff:${who}`))).rejects.toThrow("not-entitled");
    }
    await expect(shop.approve(server)).rejects.toThrow("not-entitled");
    await shop.organisation.enrol("dan2", { replaces: "dans", cut: new Map() });
    await expect(shop.approve(keyOf("staff:dan"))).rejects.toThrow("not-entitled");
  });

  it("a device that goes on under a new identity still holds its person's key [AP2]", async () => {
    const shop = await Shop.open(["ann", "manager"]);
    await shop.propose();
    const key = signerOf("ann2").publicKey;
    const body = { device: "ann2", key, replaces: "anns", cut: {} };
    await shop.add({ kind: "DeviceSucceeded", body }, keyOf("device:anns"));
    await shop.approve(ann);
    expect(shop.standing()).toBe("approved");
  });

  it("who loses the role meanwhile has approved nothing, also when they get it again [AP3]", async () => {
    for (const who of ["ann", "bob"]) {
      const shop = await Shop.open(["ann", "manager"], ["bob", "manager"], ["cy", "manager"]);
      await shop.propose(keyOf("staff:bob"));
      await shop.approve(ann);
      const changed = (role: Role) =>
        ({ kind: "StaffChanged", body: { staff: who, name: who, role, active: true } }) as const;
      await shop.add(changed("cashier"));
      expect(shop.standing()).toBe("lapsed");
      await expect(shop.carryOut()).rejects.toThrow("not-entitled");
      await shop.add(changed("manager"));
      expect(shop.standing()).toBe("lapsed");
      await expect(shop.carryOut()).rejects.toThrow("not-entitled");
      await expect(shop.approve(keyOf("staff:cy"))).rejects.toThrow("not-entitled");
    }
  });

  it("is for one subject: another one is another act [AP4]", async () => {
    const shop = await Shop.open(["ann", "manager"]);
    await shop.propose();
    await shop.propose(boss, "p2");
    await shop.approve(ann);
    const p2 = shop.state.proposals.get("p2") ?? expect.fail();
    expect(standingOf(shop.state, p2, Number.MAX_SAFE_INTEGER).is).toBe("waiting-for-person");
    const unknown = { kind: "ActApproved", body: { proposal: "p3" } } as const;
    await expect(shop.add(unknown, ann)).rejects.toThrow("unknown-subject");
  });

  it("is withdrawn by anybody entitled until it is done [AP5]", async () => {
    for (const isApproved of [false, true])
      for (const who of ["boss", "ann", "dan"]) {
        const shop = await Shop.open(["ann", "manager"], ["dan", "manager"]);
        await shop.propose();
        if (isApproved) await shop.approve(ann);
        await shop.withdraw(keyOf(`staff:${who}`));
        expect(shop.standing()).toBe("withdrawn");
        await expect(shop.carryOut()).rejects.toThrow("already-used");
        await expect(shop.approve(ann)).rejects.toThrow("already-used");
      }
  });

  it("text that could be read as something else is refused", async () => {
    const shop = await Shop.open();
    for (const text of ["a\nb", "\u202e删除", "", "x".repeat(201)]) {
      const body = { proposal: "p1", act: "prune-backups", subject: hashText("x"), text } as const;
      await expect(shop.add({ kind: "ActProposed", body }, boss)).rejects.toThrow("malformed");
    }
  });
});

describe("where there is no second person", () => {
  it("the card stands in, after a day, and the act can be withdrawn until then [AP6]", async () => {
    const shop = await Shop.open();
    await shop.propose();
    await expect(shop.approve(boss)).rejects.toThrow("not-entitled");
    await shop.give24();
    expect(shop.standing()).toBe("waiting-until");
    shop.later(23.99);
    await expect(shop.carryOut()).rejects.toThrow("not-entitled");
    shop.later(0.01);
    expect(shop.standing()).toBe("approved");
    await shop.carryOut();
    const other = await Shop.open();
    await other.propose();
    await other.give24();
    await other.withdraw(boss);
    other.later(25);
    await expect(other.carryOut()).rejects.toThrow("already-used");
  });

  it("the card alone, or with less than a day by any clock, is nothing [AP7]", async () => {
    const shop = await Shop.open();
    await shop.propose();
    await expect(shop.give24(24, shop.card)).rejects.toThrow("not-entitled");
    await expect(shop.give24(24, server)).rejects.toThrow("not-entitled");
    await expect(shop.give24(24, shop.card, boss)).rejects.toThrow("not-entitled");
    await expect(shop.approve(shop.card, server)).rejects.toThrow("not-entitled");
    await expect(shop.give24(23.99)).rejects.toThrow("not-entitled");
    await expect(shop.give24(-24)).rejects.toThrow("not-entitled");
    await shop.give24();
    // A clock that went back makes it wait the longer.
    shop.later(-48);
    expect(shop.standing()).toBe("waiting-until");
    await expect(shop.carryOut()).rejects.toThrow("not-entitled");
  });

  it("a server whose clock went back since it proposed gives nothing with the card [AP7]", async () => {
    const shop = await Shop.open();
    await shop.propose(server);
    shop.later(-1);
    await expect(shop.give24()).rejects.toThrow("not-entitled");
    shop.later(1);
    await shop.give24();
    expect(shop.state.proposals.get("p1")?.approval?.untilMs).toBe(startMs + 24 * hourMs);
  });

  it("where there is one, the card is not asked for what a person proposed [AP6]", async () => {
    const shop = await Shop.open(["ann", "manager"]);
    await shop.propose();
    await expect(shop.give24()).rejects.toThrow("not-entitled");
    await shop.add({
      kind: "StaffChanged",
      body: { staff: "ann", name: "ann", role: "manager", active: false },
    });
    await shop.give24();
  });
});

describe("what the server proposes", () => {
  it("any entitled person approves, at once, or the card after a day [AP8]", async () => {
    const shop = await Shop.open(["ann", "manager"]);
    await shop.propose(server);
    await expect(shop.approve(server)).rejects.toThrow("not-entitled");
    await shop.approve(ann);
    expect(shop.standing()).toBe("approved");
    const other = await Shop.open(["ann", "manager"]);
    await other.propose(server);
    await other.give24();
    expect(other.standing()).toBe("waiting-until");
    await other.withdraw(server);
    expect(other.standing()).toBe("withdrawn");
  });

  it("a server withdraws only what it proposed itself [AP8]", async () => {
    const shop = await Shop.open(["ann", "manager"]);
    await shop.propose();
    await expect(shop.withdraw(server)).rejects.toThrow("not-entitled");
    await shop.withdraw(shop.card);
  });
});

it("an approval does not outlive its server: it may have been used already [AP9]", async () => {
  const shop = await Shop.open(["ann", "manager"]);
  await shop.propose();
  await shop.approve(ann);
  const after = await recoveredFrom(shop.organisation, shop.organisation.authority.length);
  const state = after.state ?? expect.fail();
  const proposal = state.proposals.get("p1") ?? expect.fail();
  expect(standingOf(state, proposal, Number.MAX_SAFE_INTEGER).is).toBe("lapsed");
  const done = { kind: "ActDone", body: { proposal: "p1" } } as const;
  const signer = signerOf(state.server);
  const entry = await signEntry(state, done, [{ by: `device:${state.server}`, signer }], startMs);
  expect(await appendEntry(state, entry, jsSignatures)).toEqual({
    ok: false,
    refusal: "not-entitled",
  });
});
