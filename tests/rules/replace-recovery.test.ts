import { describe, expect, it } from "vitest";
import type { AuthorityProposal } from "../../shared/access/authority-entry.ts";
import { readAuthorityLog } from "../../shared/access/authority-log.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { compareLogs } from "../../shared/access/compare-logs.ts";
import { standingOf } from "../../shared/access/proposals.ts";
import { type RecoveryKey, recoveryPublic } from "../../shared/access/recovery-key.ts";
import type { AuthorityKey } from "../../shared/access/sign-entry.ts";
import { hashText } from "../../shared/journal/bytes.ts";
import { jsSignatures, signerOf, TestOrganisation } from "../harness/organisation.ts";
import { keyOf, recordLost } from "../harness/recovered.ts";
import { cardKey, cardNamed, replaced, replacementBy } from "../harness/replacing.ts";

const hourMs = 3_600_000;
const boss = keyOf("staff:boss");
const ann = keyOf("staff:ann");
const bob = keyOf("staff:bob");
const server = keyOf("device:srv1");
const fresh = cardNamed("second card");

class Shop {
  readonly organisation: TestOrganisation;

  constructor(organisation: TestOrganisation) {
    this.organisation = organisation;
  }

  /** The owner, and managers with a device of their own. */
  static async open(...managers: string[]): Promise<Shop> {
    const shop = new Shop(await TestOrganisation.found());
    for (const staff of managers) {
      await shop.add({ kind: "StaffAdded", body: { staff, name: staff, role: "manager" } });
      await shop.enrol(staff);
    }
    return shop;
  }

  /** The same log, as another copy of it goes on from here. */
  async copy(entries = this.state.heads.length): Promise<Shop> {
    const other = new TestOrganisation();
    other.clock.now = this.organisation.clock.now;
    for (const text of this.organisation.authority.slice(0, entries)) other.authority.push(text);
    const read = await readAuthorityLog(other.authority, jsSignatures);
    if (!read.ok) return expect.fail(read.refusal);
    other.state = read.value;
    for (const text of other.authority) await other.serverLedger.addAuthority(text);
    return new Shop(other);
  }

  get state(): AuthorityState {
    return this.organisation.state ?? expect.fail();
  }

  get old(): AuthorityKey {
    return this.organisation.recoveryKey;
  }

  add(proposal: AuthorityProposal, ...keys: AuthorityKey[]): Promise<void> {
    return this.organisation.append(proposal, keys.length > 0 ? keys : undefined);
  }

  enrol(staff: string, device = `${staff}s`, ...keys: AuthorityKey[]): Promise<void> {
    const key = signerOf(device).publicKey;
    const place = { store: "s1", ceiling: "owner", till: false } as const;
    const person = { staff, staffKey: signerOf(staff).publicKey };
    return this.add(
      { kind: "DeviceEnrolled", body: { device, name: device, key, ...place, ...person } },
      ...keys,
    );
  }

  propose(by: AuthorityKey = boss, card: RecoveryKey = fresh, id = "r1"): Promise<void> {
    return this.add(replacementBy(card, id), by, cardKey(card));
  }

  approve(...by: AuthorityKey[]): Promise<void> {
    return this.add({ kind: "ActApproved", body: { proposal: "r1" } }, ...by);
  }

  /** A day, by the server's clock. */
  begin(hours = 24, ...by: AuthorityKey[]): Promise<void> {
    const until = this.organisation.clock.now + hours * hourMs;
    return this.add(
      { kind: "ActApproved", body: { proposal: "r1", until } },
      ...(by.length > 0 ? by : [server]),
    );
  }

  putInForce(by: AuthorityKey = server, card = fresh, id = "r1"): Promise<void> {
    return this.add(replaced(card, id), by);
  }

  /** By the old card and the owner, or by the owner and a day. */
  async replace(how: "by-card" | "without-card"): Promise<void> {
    await this.propose();
    if (how === "by-card") await this.approve(this.old);
    else {
      await this.begin();
      this.later(24);
    }
    await this.putInForce();
  }

  open(card: AuthorityKey = this.old, name = "srv2"): Promise<void> {
    const { term, server: closes } = this.state;
    const device = { device: name, key: signerOf(name).publicKey };
    const body = { term: term + 1, server: device, closes, cut: {} };
    return this.add({ kind: "TermOpened", body }, card);
  }

  later(hours: number): void {
    this.organisation.clock.now += hours * hourMs;
  }

  standing() {
    const proposal = this.state.proposals.get("r1");
    return proposal && standingOf(this.state, proposal, this.organisation.clock.now).is;
  }
}

describe("who replaces the recovery card", () => {
  it("one proposes and another agrees, and one of them is an owner [RK1]", async () => {
    for (const [first, second] of [
      [boss, ann],
      [ann, boss],
    ] as const) {
      const shop = await Shop.open("ann");
      await shop.propose(first);
      await expect(shop.putInForce()).rejects.toThrow("not-entitled");
      await expect(shop.approve(first)).rejects.toThrow("not-entitled");
      await expect(shop.approve(server)).rejects.toThrow("not-entitled");
      await expect(shop.begin()).rejects.toThrow("not-entitled");
      await shop.approve(second);
      await expect(shop.putInForce(first)).rejects.toThrow("not-entitled");
      await expect(shop.putInForce(server, cardNamed("third"))).rejects.toThrow("unknown-subject");
      await shop.putInForce();
      expect(shop.state.recovery).toEqual(recoveryPublic(fresh));
      expect(shop.standing()).toBe("done");
      await expect(shop.putInForce()).rejects.toThrow("already-used");
    }
  });

  it("two managers wait a day, in which the card or the owner stops it [RK2]", async () => {
    for (const stop of ["card", "boss", undefined]) {
      const shop = await Shop.open("ann", "bob");
      await shop.propose(ann);
      await shop.approve(bob);
      shop.later(23.99);
      expect(shop.standing()).toBe("waiting-until");
      await expect(shop.putInForce()).rejects.toThrow("not-entitled");
      const withdrawn = { kind: "ActWithdrawn", body: { proposal: "r1" } } as const;
      if (stop) await shop.add(withdrawn, stop === "card" ? shop.old : boss);
      shop.later(0.01);
      if (stop) await expect(shop.putInForce()).rejects.toThrow("already-used");
      else await shop.putInForce();
    }
  });

  it("an owner alone with the old card replaces it at once, whoever of both begins [RK3]", async () => {
    const shop = await Shop.open("ann");
    await shop.propose();
    await shop.approve(shop.old);
    await shop.putInForce();
    const other = await Shop.open("ann");
    await other.propose(other.old);
    await expect(other.approve(other.old)).rejects.toThrow("not-entitled");
    await expect(other.begin(24, server, other.old)).rejects.toThrow("not-entitled");
    await other.approve(boss);
    await other.putInForce();
    expect(other.state.recoveries.map(({ byCard }) => byCard)).toEqual([false, true]);
  });

  it("an owner alone without it waits a day by the server's clock, and may be stopped [RK4]", async () => {
    const shop = await Shop.open();
    await shop.propose();
    await expect(shop.begin(23.99)).rejects.toThrow("not-entitled");
    await expect(shop.begin(24, boss)).rejects.toThrow("not-entitled");
    await shop.begin();
    await expect(shop.begin()).rejects.toThrow("already-used");
    shop.later(23.99);
    await expect(shop.putInForce()).rejects.toThrow("not-entitled");
    const stopped = await shop.copy();
    await stopped.add({ kind: "ActWithdrawn", body: { proposal: "r1" } }, stopped.old);
    shop.later(0.01);
    stopped.later(0.01);
    await expect(stopped.putInForce()).rejects.toThrow("already-used");
    await shop.putInForce();
    expect(shop.state.recoveries.at(-1)?.byCard).toBe(false);
  });

  it("who finds the old card in between need not wait any longer [RK4]", async () => {
    const shop = await Shop.open();
    await shop.propose();
    await shop.begin();
    await shop.approve(shop.old);
    await shop.putInForce();
  });

  it("a manager alone replaces nothing without the card, and waits with it [RK2]", async () => {
    const shop = await Shop.open("ann");
    const left = { staff: "boss", name: "老板", role: "owner", active: false } as const;
    await shop.add({ kind: "StaffChanged", body: left });
    await shop.propose(ann);
    await expect(shop.begin()).rejects.toThrow("not-entitled");
    await shop.approve(shop.old);
    await expect(shop.putInForce()).rejects.toThrow("not-entitled");
    shop.later(24);
    await shop.putInForce();
  });

  it("an owner who is none any more has had no part in it [RK2]", async () => {
    const shop = await Shop.open("ann", "bob");
    await shop.propose(ann);
    await shop.approve(boss);
    const less = { staff: "boss", name: "老板", role: "manager", active: true } as const;
    await shop.add({ kind: "StaffChanged", body: less });
    await expect(shop.putInForce()).rejects.toThrow("not-entitled");
    shop.later(24);
    await shop.putInForce();
  });

  it("neither a cashier nor the server proposes it, nor does anybody for a card that nobody has [RK5]", async () => {
    const shop = await Shop.open();
    await expect(shop.propose(keyOf("staff:amy"))).rejects.toThrow("not-entitled");
    await expect(shop.propose(server)).rejects.toThrow("not-entitled");
    await expect(shop.add(replacementBy(fresh), boss)).rejects.toThrow("not-entitled");
    const { old, organisation } = shop;
    await expect(shop.propose(boss, organisation.recovery)).rejects.toThrow("already-used");
    const proposal = replacementBy(fresh);
    if (proposal.kind !== "ActProposed") return expect.fail();
    const others = { ...proposal.body, recovery: recoveryPublic(cardNamed("third")) };
    const keys = [boss, cardKey(fresh), cardKey(cardNamed("third"))];
    await expect(shop.add({ ...proposal, body: others }, ...keys)).rejects.toThrow("unknown");
    const { recovery: _, ...without } = proposal.body;
    await expect(shop.add({ ...proposal, body: without }, ...keys)).rejects.toThrow("unknown");
    const prune = { ...proposal.body, act: "prune-backups" } as const;
    await expect(shop.add({ ...proposal, body: prune }, ...keys)).rejects.toThrow("unknown");
    await shop.propose();
    await shop.approve(old);
    const done = { kind: "ActDone", body: { proposal: "r1" } } as const;
    await expect(shop.add(done, server)).rejects.toThrow("unknown-subject");
  });
});

describe("once a card is replaced", () => {
  it("it opens no term, enrols nobody, changes no rights; the new one does [RK6]", async () => {
    const shop = await Shop.open();
    await shop.replace("by-card");
    await expect(shop.open()).rejects.toThrow("not-entitled");
    await expect(shop.enrol("boss", "phone")).rejects.toThrow("not-entitled");
    const hired = { kind: "StaffAdded", body: { staff: "eve", name: "e", role: "owner" } } as const;
    await expect(shop.add(hired)).rejects.toThrow("not-entitled");
    await expect(shop.propose(shop.old, cardNamed("third"), "r2")).rejects.toThrow("not-entitled");
    await shop.enrol("boss", "phone", cardKey(fresh));
    await shop.open(cardKey(fresh));
    expect(shop.state.term).toBe(2);
    // Nor does it come back.
    await expect(shop.propose(boss, shop.organisation.recovery, "r3")).rejects.toThrow(
      "already-used",
    );
    const again = await readAuthorityLog(shop.organisation.authority, jsSignatures);
    expect(again.ok && again.value.recoveries).toEqual(shop.state.recoveries);
  });

  it("what it approved and what waits for it come to nothing [RK6]", async () => {
    const shop = await Shop.open();
    const text = { subject: hashText("list"), text: "8 份" };
    const body = { proposal: "p1", act: "prune-backups", ...text } as const;
    await shop.add({ kind: "ActProposed", body }, boss);
    const until = shop.organisation.clock.now + 24 * hourMs;
    const given = { kind: "ActApproved", body: { proposal: "p1", until } } as const;
    await shop.add(given, shop.old, server);
    await shop.propose(boss, cardNamed("third"), "r2");
    await shop.replace("by-card");
    shop.later(48);
    const done = { kind: "ActDone", body: { proposal: "p1" } } as const;
    await expect(shop.add(done, server)).rejects.toThrow("not-entitled");
    const second = { kind: "ActApproved", body: { proposal: "r2" } } as const;
    await expect(shop.add(second, cardKey(fresh))).rejects.toThrow("not-entitled");
  });

  it("a proposal that is approved does not outlive its server [RK6]", async () => {
    const shop = await Shop.open("ann");
    await shop.propose();
    await shop.approve(ann);
    await shop.open();
    await expect(shop.putInForce(keyOf("device:srv2"))).rejects.toThrow("not-entitled");
  });
});

describe("a server that was opened with the old card", () => {
  const standings = async (one: Shop, other: Shop) => [
    compareLogs(one.state, other.state).standing,
    compareLogs(other.state, one.state).standing,
  ];

  it("of a log without the replacement is not believed where the replacement is known [RK7]", async () => {
    const before = await Shop.open("ann");
    for (const how of ["by-card", "without-card"] as const) {
      const thief = await before.copy();
      thief.later(100);
      await thief.open();
      await thief.open(thief.old, "srv3");
      const shop = await before.copy();
      await shop.propose();
      await shop.approve(how === "by-card" ? shop.old : ann);
      await shop.putInForce();
      // The old card's last word stands for everybody; without it, each side keeps what it knows.
      const expected = how === "by-card" ? ["superseded", "superseding"] : ["diverged", "diverged"];
      expect(await standings(shop, thief)).toEqual(expected);
      await shop.open(cardKey(fresh), "srv4");
      expect(await standings(shop, thief)).toEqual(expected);
    }
  });

  it("a device that knows of the replacement keeps its log [RK7]", async () => {
    const before = await Shop.open("ann");
    const thief = await before.copy();
    const tablet = await before.organisation.enrol("tablet");
    await before.propose();
    await before.approve(ann);
    await before.putInForce();
    await before.organisation.deliver(tablet);
    await thief.open();
    expect(await tablet.replica.adoptLog(thief.state)).toBe(false);
    expect(tablet.replica.authority.recovery).toEqual(recoveryPublic(fresh));
    await before.open(cardKey(fresh), "srv4");
    await before.organisation.deliver(tablet);
    expect(tablet.replica.authority.term).toBe(2);
  });

  it("a replacement that only persons made takes no log from who does not know it [RK7]", async () => {
    // An old phone of the owner and a copy of the old server, against a recovery by the card.
    const before = await Shop.open();
    const thief = await before.copy();
    await thief.replace("without-card");
    await thief.open(cardKey(fresh), "srv9");
    await thief.open(cardKey(fresh), "srv10");
    const shop = await before.copy();
    await shop.add({ kind: "StaffAdded", body: { staff: "dan", name: "d", role: "cashier" } });
    expect(await standings(shop, thief)).toEqual(["diverged", "diverged"]);
    await shop.open();
    expect(await standings(shop, thief)).toEqual(["diverged", "diverged"]);
    const tablet = await shop.organisation.enrol("tablet");
    expect(await tablet.replica.adoptLog(thief.state)).toBe(false);
  });

  it("a recovery by the card, and a replacement after it, are followed by who was away [RK7]", async () => {
    const before = await Shop.open("ann");
    const away = await before.copy();
    await away.add({ kind: "StaffAdded", body: { staff: "dan", name: "d", role: "cashier" } });
    const shop = await before.copy();
    await shop.open();
    await shop.propose();
    await shop.approve(ann);
    await shop.putInForce(keyOf("device:srv2"));
    expect(await standings(shop, away)).toEqual(["superseded", "superseding"]);
    // Two cards that replaced the same one: nobody decides that but people.
    const other = await before.copy();
    await other.replace("by-card").catch(() => other.approve(ann));
    expect(await standings(other, shop)).toEqual(["diverged", "diverged"]);
  });

  it("what a recovery left behind of a replacement is kept and is in force no more [RK8]", async () => {
    const before = await Shop.open("ann");
    const from = before.state.heads.length;
    const after = await before.copy();
    await before.propose();
    await before.approve(ann);
    await before.putInForce();
    await after.open();
    await recordLost(after.organisation, before.organisation, from);
    expect(after.state.recovery).toEqual(recoveryPublic(after.organisation.recovery));
    expect([...after.state.lost.values()].map(({ standing }) => standing)).toEqual([
      "applied",
      "applied",
      "applied",
    ]);
  });
});
