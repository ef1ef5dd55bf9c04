import { describe, expect, it } from "vitest";
import { recoverySigner } from "../../shared/access/recovery-key.ts";
import { signEntry } from "../../shared/access/sign-entry.ts";
import { authorityDocument, journalDocument } from "../../shared/documents/document-name.ts";
import { elementsOf, type Run } from "../../shared/journal/run.ts";
import { readSeal } from "../../shared/journal/seal.ts";
import { authorRun, type Draft } from "../../shared/replica/author.ts";
import { loadLedger } from "../../shared/replica/load-ledger.ts";
import { type StateSummary, summarise } from "../../shared/replica/state-hash.ts";
import { createMemoryStore } from "../contracts/memory-store.ts";
import { ledgerOf, shuffled } from "../harness/fold-runs.ts";
import {
  jsSignatures,
  month,
  signerOf,
  startMs,
  TestOrganisation,
} from "../harness/organisation.ts";
import { addMember, charge, topUp } from "../harness/shop.ts";

const name = journalDocument(1, "s1", month);
const chain = "till1@s1";

interface Forked {
  organisation: TestOrganisation;
  member: string;
  common: Run[];
  one: Run[];
  other: Run[];
}

/** A till's profile is copied after 100.00 were paid in; the one sells 30 and 1, the other 50 and 7. */
async function fork(): Promise<Forked> {
  const organisation = await TestOrganisation.found();
  const till = await organisation.enrol("till1");
  const member = await addMember(till.replica, "孟文", "13800000001");
  await topUp(till.replica, member, 100_00);
  const copy = createMemoryStore(structuredClone(till.store.content));
  const second = await organisation.open("till1", copy);
  await charge(till.replica, member, 30_00);
  await charge(till.replica, member, 1_00);
  await charge(second, member, 50_00);
  await charge(second, member, 7_00);
  return {
    organisation,
    member,
    common: await till.replica.runsFrom(chain, 0, 2),
    one: await till.replica.runsFrom(chain, 2, 10),
    other: await second.runsFrom(chain, 2, 10),
  };
}

async function frozenAt(
  { organisation }: Forked,
  last: Run | undefined,
): Promise<readonly string[]> {
  const seal = readSeal(last?.seal ?? "");
  if (!organisation.state || !seal) throw new Error("there is something to freeze");
  const body = { device: "till1", cut: { [chain]: { next: seal.last + 1, hash: seal.head } } };
  const text = await signEntry(
    organisation.state,
    { kind: "DeviceFrozen", body },
    [{ by: "recovery", signer: recoverySigner(organisation.recovery) }],
    startMs,
  );
  return [...organisation.authority, text];
}

async function load(authority: readonly string[], runs: readonly Run[]) {
  const store = createMemoryStore();
  const elements = runs.flatMap(elementsOf);
  const append = [
    { name: authorityDocument, from: 0, elements: authority },
    { name, from: 0, elements },
  ];
  await store.commit({ append });
  return loadLedger(store, await store.load(), jsSignatures, startMs);
}

const owed = (summary: StateSummary): number => summary.liabilities.principal;

describe("two histories of one device", () => {
  it("the one that the cut names counts, in whatever order they come; the other is kept [J6]", async () => {
    const forked = await fork();
    const { common, one, other } = forked;
    for (const [named, rest, expected] of [
      [one, other, 69_00],
      [other, one, 43_00],
    ] as const) {
      const authority = await frozenAt(forked, named.at(-1));
      const summaries: StateSummary[] = [];
      for (let seed = 0; seed < 20; seed++) {
        const { ledger, branches } = await load(
          authority,
          shuffled([...common, ...one, ...other], seed),
        );
        summaries.push(summarise(ledger));
        expect(
          branches
            .list()
            .map(({ seal }) => seal)
            .sort(),
        ).toEqual(rest.map(({ seal }) => seal).sort());
      }
      expect(summaries[0] && owed(summaries[0])).toBe(expected);
      for (const summary of summaries) expect(summary).toEqual(summaries[0]);
    }
  });

  it("of a device that was replaced the first history counts late, until the server stops it at one [J6] [ID3]", async () => {
    const forked = await fork();
    const { organisation, common, one, other } = forked;
    const head = readSeal(common.at(-1)?.seal ?? "")?.head ?? "";
    const cut = new Map([[chain, { next: 2, hash: head }]]);
    await organisation.enrol("till2", { replaces: "till1", cut });
    for (const [first, second, expected] of [
      [one, other, 69_00],
      [other, one, 43_00],
    ] as const) {
      const runs = [...common, ...first, ...second];
      const before = await load(organisation.authority, runs);
      expect(owed(summarise(before.ledger))).toBe(expected);
      for (const [named, then] of [
        [one, 69_00],
        [other, 43_00],
      ] as const) {
        const { ledger, branches } = await load(await frozenAt(forked, named.at(-1)), runs);
        expect(owed(summarise(ledger))).toBe(then);
        expect(branches.list()).toHaveLength(2);
      }
    }
  });

  it("a run of the other history that reaches back over what is known is a fork, whatever it cites [J6] [J7]", async () => {
    const organisation = await TestOrganisation.found();
    const till = await organisation.enrol("till1");
    await addMember(till.replica, "孟文", "13800000001");
    const common = await till.replica.runsFrom(chain, 0, 1);
    const { ledger } = await ledgerOf(organisation.authority, common);
    const body = JSON.parse(common[0]?.operations[0] ?? "").body as Draft["body"];
    const drafting = () => ({ kind: "MemberAdded", body });
    const other = await authorRun(
      { ledger, clock: organisation.clock, signer: signerOf("till1") },
      { device: "till1", store: "s1", staff: "boss", attested: true },
      [drafting, drafting],
    );
    await organisation.append({ kind: "TopUpPresetsSet", body: { presets: [] } });
    await organisation.deliver(till);
    await addMember(till.replica, "赵敏", "13800000002");
    const known = await till.replica.runsFrom(chain, 0, 2);
    const here = await ledgerOf(organisation.authority, known);
    expect(await here.ledger.check(other, { verify: true })).toEqual({
      ok: false,
      refusal: { code: "fork", next: 2 },
    });
  });

  it("beyond the cut neither counts, and all agree on which stands in the chain [J6]", async () => {
    const forked = await fork();
    const { common, one, other } = forked;
    const authority = await frozenAt(forked, common.at(-1));
    const summaries: StateSummary[] = [];
    for (let seed = 0; seed < 20; seed++)
      summaries.push(
        summarise((await load(authority, shuffled([...common, ...one, ...other], seed))).ledger),
      );
    expect(summaries[0]).toMatchObject({ counts: { apart: 2, quarantined: 2, sales: 0 } });
    expect(summaries[0] && owed(summaries[0])).toBe(100_00);
    for (const summary of summaries) expect(summary).toEqual(summaries[0]);
  });

  it("beyond the cut a run whose own history is not here yet displaces nothing [J6]", async () => {
    const forked = await fork();
    const { common, one, other } = forked;
    // One of the two strays has the smaller hash, whichever that is.
    for (const [named, rest] of [
      [one, other],
      [other, one],
    ] as const) {
      const authority = await frozenAt(forked, named[0]);
      const here = [...common, ...named, ...rest.slice(1)];
      const { ledger } = await load(authority, here);
      expect(ledger.head(chain).hash).toBe(readSeal(named.at(-1)?.seal ?? "")?.head);
      const whole = await load(authority, [...here, ...rest]);
      expect(whole.ledger.head(chain)).toEqual(ledger.head(chain));
    }
  });

  it("a replica that had counted the other one counts the right one once the cut comes [J6]", async () => {
    const forked = await fork();
    const { organisation, common, one, other, member } = forked;
    const watcher = await organisation.enrol("office", { till: false });
    const elements = [...common, ...other].flatMap(elementsOf);
    expect(await watcher.replica.receive(name, 0, elements)).toEqual({ ok: true });
    expect(watcher.replica.member(member)?.balance).toBe(43_00);
    expect(await watcher.replica.receiveRuns(one)).toMatchObject({ taken: 2, refused: 0 });
    expect(watcher.replica.member(member)?.balance).toBe(43_00);
    const authority = await frozenAt(forked, one.at(-1));
    const known = watcher.replica.documentLength(authorityDocument);
    await watcher.replica.receive(authorityDocument, known, authority.slice(known));
    expect(watcher.replica.member(member)?.balance).toBe(69_00);
    expect(watcher.replica.branches()).toHaveLength(2);
    await watcher.replica.close();
    const again = await organisation.open("office", watcher.store);
    expect(again.summary()).toEqual(watcher.replica.summary());
  });

  it("a frozen purse is nobody's, whatever a successor signs; once settled it is the successor's [ID6]", async () => {
    const forked = await fork();
    const { organisation, common, one, member } = forked;
    const cut = new Map([[chain, headOf(one.at(-1))]]);
    for (const run of [...common, ...one]) await organisation.accept(run);
    const byServer = [{ by: "device:srv1", signer: signerOf("srv1") }];
    await organisation.append(
      { kind: "DeviceFrozen", body: { device: "till1", cut: Object.fromEntries(cut) } },
      byServer,
    );
    const heir = await succeed(organisation);
    await organisation.deliver(heir);
    expect(heir.replica.member(member)?.balance).toBe(69_00);
    expect(heir.replica.spendable(member)).toBe(0);
    await organisation.append({ kind: "SuccessionSettled", body: { device: "till1" } });
    await organisation.deliver(heir);
    expect(heir.replica.spendable(member)).toBe(69_00);
    await charge(heir.replica, member, 69_00);
    await organisation.exchange(heir);
    expect(summarise(organisation.serverLedger).liabilities).toEqual({ principal: 0, bonus: 0 });
    await expect(
      organisation.append({ kind: "SuccessionSettled", body: { device: "till1" } }),
    ).rejects.toThrow("already-used");
  });

  it("a device's own key vouches for one successor, for itself only, and for no server [ID1]", async () => {
    const { organisation } = await fork();
    await organisation.enrol("till9");
    const succession = (replaces: string, device: string) => ({
      kind: "DeviceSucceeded" as const,
      body: { device, key: signerOf(device).publicKey, replaces, cut: {} },
    });
    const by = (device: string) => [{ by: `device:${device}`, signer: signerOf(device) }];
    await expect(organisation.append(succession("till1", "x"), by("till9"))).rejects.toThrow(
      "not-entitled",
    );
    await expect(organisation.append(succession("srv1", "x"), by("srv1"))).rejects.toThrow(
      "unknown-subject",
    );
    await organisation.append(succession("till1", "till1b"), by("till1"));
    await expect(organisation.append(succession("till1", "till1c"), by("till1"))).rejects.toThrow(
      "unknown-subject",
    );
    await expect(
      organisation.append(
        { kind: "DeviceFrozen", body: { device: "till9", cut: {} } },
        by("till9"),
      ),
    ).rejects.toThrow("not-entitled");
    await organisation.append(
      { kind: "DeviceFrozen", body: { device: "till9", cut: {} } },
      by("srv1"),
    );
    const heir = organisation.state?.devices.get("till1b");
    expect(heir).toMatchObject({ ceiling: "owner", till: true, store: "s1", replaces: "till1" });
  });
});

function headOf(run: Run | undefined): { next: number; hash: string } {
  const seal = readSeal(run?.seal ?? "");
  return { next: (seal?.last ?? -1) + 1, hash: seal?.head ?? "" };
}

/** Its own key signs; the till goes on as `till1b` with an empty store. */
async function succeed(organisation: TestOrganisation) {
  await organisation.append(
    {
      kind: "DeviceSucceeded",
      body: { device: "till1b", key: signerOf("till1b").publicKey, replaces: "till1" },
    },
    [{ by: "device:till1", signer: signerOf("till1") }],
  );
  const store = createMemoryStore();
  const append = [{ name: authorityDocument, from: 0, elements: organisation.authority }];
  await store.commit({ append });
  return { name: "till1b", store, replica: await organisation.open("till1b", store) };
}
