import { describe, expect, it } from "vitest";
import { ApprovalWatch } from "../../server/relay/approval-watch.ts";
import { sequenceSigned } from "../../server/relay/sequence-signed.ts";
import type { AuthorityProposal } from "../../shared/access/authority-entry.ts";
import { standingOf } from "../../shared/access/proposals.ts";
import { recoveryPublic, recoverySigner } from "../../shared/access/recovery-key.ts";
import type { AuthorityKey } from "../../shared/access/sign-entry.ts";
import { hashText } from "../../shared/journal/bytes.ts";
import { signerOf } from "../harness/organisation.ts";
import { cardKey, cardNamed, replacementBy } from "../harness/replacing.ts";
import { ManualTimers } from "./manual-timers.ts";
import { atEnd, scratchFolder, startFoundedServer } from "./server-harness.ts";

const hourMs = 3_600_000;

/** A server whose clock the test moves, an owner with a key, and the watch. */
async function openShop() {
  const clock = { now: Date.UTC(2026, 10, 23, 2), nowMs: () => clock.now };
  const started = await startFoundedServer(await scratchFolder(), { platform: { clock } });
  const { relay, identity, alarm } = started.data;
  const server = { by: `device:${identity.device}`, signer: identity.signer };
  const old = { by: "recovery", signer: recoverySigner(started.recovery) };
  const [staff = ""] = relay.authority?.staff.keys() ?? [];
  const [store = ""] = relay.authority?.stores.keys() ?? [];
  const boss = { by: `staff:${staff}`, signer: signerOf("boss") };
  const add = (proposal: AuthorityProposal, ...keys: AuthorityKey[]) =>
    sequenceSigned(relay, proposal, keys, clock.now);
  const keys = { key: signerOf("pc").publicKey, staffKey: boss.signer.publicKey };
  const place = { store, ceiling: "owner", till: false, staff } as const;
  await add({ kind: "DeviceEnrolled", body: { device: "pc", name: "pc", ...place, ...keys } }, old);
  const watch = new ApprovalWatch({
    relay,
    key: server,
    alarm,
    clock,
    timers: new ManualTimers(),
    log: started.log,
  });
  atEnd(() => watch.close());
  const alarms = (kind: string) => started.log.lines.filter((line) => line["alarm"] === kind);
  return { ...started, relay, clock, watch, alarms, add, server, old, boss };
}

const fresh = cardNamed("new card");

describe("what was approved without a second person", () => {
  it("a lost card is replaced a day after the owner asked, with alarms, and not before [RK4]", async () => {
    const { relay, clock, watch, alarms, add, boss } = await openShop();
    expect(await add(replacementBy(fresh), boss, cardKey(fresh))).toMatchObject({ ok: true });
    await watch.look();
    expect(alarms("approval-waiting").length).toBe(1);
    clock.now += 24 * hourMs - 1;
    await watch.look();
    expect(relay.authority?.recoveries.length).toBe(1);
    clock.now += 1;
    await watch.look();
    expect(relay.authority?.recovery).toEqual(recoveryPublic(fresh));
    expect(alarms("recovery-key-replaced").length).toBe(1);
    await watch.look();
    expect(relay.authority?.recoveries.length).toBe(2);
  });

  it("with the old card there is no waiting", async () => {
    const { relay, watch, add, boss, old } = await openShop();
    await add(replacementBy(fresh), boss, cardKey(fresh));
    await watch.look();
    await add({ kind: "ActApproved", body: { proposal: "r1" } }, old);
    await watch.look();
    expect(relay.authority?.recoveries.at(-1)?.byCard).toBe(true);
  });

  it("an approval that is dated back, so that its day were over, is refused [RK2]", async () => {
    const { relay, clock, add, boss, old } = await openShop();
    await add({ kind: "StaffAdded", body: { staff: "ann", name: "a", role: "manager" } }, old);
    await add(replacementBy(fresh), boss, cardKey(fresh));
    const back = { kind: "ActApproved", body: { proposal: "r1" } } as const;
    expect(await sequenceSigned(relay, back, [old], clock.now - 6 * 60_000)).toEqual({
      ok: false,
      refusal: "clock-differs",
    });
  });

  it("is said again every day, and after a start, until it is done or withdrawn", async () => {
    const { relay, clock, watch, alarms, add, boss, old, server } = await openShop();
    const text = { subject: hashText("list"), text: "8 份" };
    const body = { proposal: "p1", act: "prune-backups", ...text } as const;
    await add({ kind: "ActProposed", body }, boss);
    const until = clock.now + 24 * hourMs;
    await add({ kind: "ActApproved", body: { proposal: "p1", until } }, old, server);
    const seen = [];
    for (let hour = 0; hour <= 72; hour++) {
      await watch.look();
      seen.push(alarms("approval-waiting").length);
      clock.now += hourMs;
    }
    expect([seen[0], seen[23], seen[24], seen[47], seen[48], seen[72]]).toEqual([1, 1, 2, 2, 3, 4]);
    const proposal = relay.authority?.proposals.get("p1") ?? expect.fail();
    expect(relay.authority && standingOf(relay.authority, proposal, clock.now).is).toBe("approved");
    await add({ kind: "ActWithdrawn", body: { proposal: "p1" } }, boss);
    clock.now += 48 * hourMs;
    await watch.look();
    expect(alarms("approval-waiting").length).toBe(4);
  });
});
