import { expect, test } from "vitest";
import { createFolderStore } from "../../server/adapters/folder-store.ts";
import { recoveredFromSetting } from "../../server/recovery/build-aside.ts";
import {
  type Recovered,
  type RecoverOptions,
  recoverFromSnapshot,
} from "../../server/recovery/recover-from-snapshot.ts";
import { Relay } from "../../server/relay/relay.ts";
import { serveValueRequest } from "../../server/relay/value-desk.ts";
import { readSnapshot } from "../../server/snapshots/list-snapshots.ts";
import { verifySnapshot } from "../../server/snapshots/verify-snapshot.ts";
import { newRecoveryKey, seedSigner } from "../../shared/access/recovery-key.ts";
import { authorityDocument, journalDocument } from "../../shared/documents/document-name.ts";
import { fromBase64Url, fromUtf8 } from "../../shared/journal/bytes.ts";
import { loadLedger } from "../../shared/replica/load-ledger.ts";
import { type StateSummary, summarise } from "../../shared/replica/state-hash.ts";
import { answerValueRequest } from "../../shared/replica/steward.ts";
import { jsSignatures, month, seededRandom, startMs } from "../harness/organisation.ts";
import { lastMonth, pagesOf, ServerDisk } from "../harness/server-disk.ts";
import { addMember, charge, topUp } from "../harness/shop.ts";

const checks = { signatures: jsSignatures, nowMs: startMs };

const recover = (disk: ServerDisk, change: Partial<RecoverOptions> = {}) =>
  recoverFromSnapshot(
    {
      dir: "/data",
      snapshots: "/snapshots",
      which: "newest",
      recovery: disk.organisation.recovery,
      moveAside: false,
      ...change,
    },
    disk.platform(),
  );

async function recovered(disk: ServerDisk, change?: Partial<RecoverOptions>): Promise<Recovered> {
  const result = await recover(disk, change);
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.value;
}

/** The new server, as it starts. */
async function openServer(disk: ServerDisk) {
  const store = createFolderStore("/data/live", { files: disk.files });
  const state = await store.load();
  const loaded = await loadLedger(store, state, jsSignatures, startMs);
  const identity = JSON.parse(fromUtf8(disk.files.content("/data/live/identity.json")));
  const signer = seedSigner(fromBase64Url(identity.seed) as Uint8Array);
  const relay = new Relay(
    {
      store,
      clock: disk.organisation.clock,
      timers: { after: () => () => undefined },
      signatures: jsSignatures,
      device: identity.device,
      signer,
      alarm: ({ kind }) => expect.unreachable(kind),
    },
    loaded,
    state.keys,
  );
  return { relay, store, state, loaded, signer };
}

const money = ({ trialBalance, liabilities, counts, disputed }: StateSummary) => ({
  trialBalance,
  liabilities,
  counts,
  disputed,
});

test("a server recovered from the newest snapshot owes the same to the fen, in the next term", async () => {
  const disk = await ServerDisk.open();
  await disk.snapshot();
  await disk.trade(2);
  const { manifest } = await disk.snapshot();
  const done = await recovered(disk);
  expect(done).toMatchObject({
    snapshot: manifest.id,
    term: 2,
    closed: "srv1",
    missingKeys: 0,
    movedTo: undefined,
  });
  const { relay, state, loaded } = await openServer(disk);
  const after = summarise(relay.ledger);
  expect(after.hash).toBe(manifest.state.hash);
  expect(money(after)).toEqual(money(manifest.state as StateSummary));
  expect(money(after)).toEqual(money(summarise(disk.organisation.serverLedger)));
  expect(loaded.deferred).toEqual([]);
  expect(relay.authority).toMatchObject({ term: 2, server: done.server });
  expect(relay.authority?.devices.get("srv1")?.closed).toMatchObject({ by: done.server });
  expect(relay.device).toBe(done.server);
  expect(state.keys).toEqual([...disk.organisation.keys]);
  expect(JSON.parse(state.settings[recoveredFromSetting] ?? "")).toEqual({
    snapshot: manifest.id,
    time: manifest.time,
    term: 1,
  });
});

test("documents of the new term hold every run once, under new names", async () => {
  const disk = await ServerDisk.open();
  await disk.snapshot();
  await recovered(disk);
  const { store, state } = await openServer(disk);
  const { documents } = disk.organisation;
  expect(state.documents.map(({ name }) => name).sort()).toEqual([
    authorityDocument,
    journalDocument(2, "s1", lastMonth),
    journalDocument(2, "s1", month),
  ]);
  for (const which of [lastMonth, month])
    expect(await store.read(journalDocument(2, "s1", which), 0, 1000)).toEqual(
      documents.get(journalDocument(1, "s1", which)),
    );
});

test("words of another card are refused, and nothing is written", async () => {
  const disk = await ServerDisk.open();
  await disk.snapshot();
  const paths = disk.files.paths();
  const recovery = newRecoveryKey(seededRandom("another shop"));
  expect(await recover(disk, { recovery })).toEqual({
    ok: false,
    refusal: { code: "wrong-recovery-key" },
  });
  expect(disk.files.paths()).toEqual(paths);
});

test("a folder without snapshots, and a name that is none, are refused", async () => {
  const disk = await ServerDisk.open();
  const refusal = { ok: false, refusal: { code: "no-snapshot" } };
  expect(await recover(disk)).toEqual(refusal);
  await disk.snapshot();
  expect(await recover(disk, { which: "20200101T000000000Z-aaaaaa" })).toEqual(refusal);
});

test("a damaged snapshot is refused, and the newest undamaged one is named", async () => {
  const disk = await ServerDisk.open();
  const { manifest: first } = await disk.snapshot();
  await disk.trade(1);
  const { manifest: second } = await disk.snapshot();
  await disk.trade(1);
  const { manifest: third } = await disk.snapshot();
  const broken = pagesOf(third, journalDocument(1, "s1", month)).at(-1);
  if (!broken) throw new Error("a page");
  disk.files.change(disk.blobPath(broken), new Uint8Array(broken.bytes));
  disk.files.change(`/snapshots/manifests/${second.id}.json`, new Uint8Array(3));
  const paths = disk.files.paths();
  expect(await recover(disk)).toMatchObject({
    ok: false,
    refusal: {
      code: "snapshot-damaged",
      snapshot: third.id,
      newestUndamaged: first.id,
      damage: [{ blob: broken.sha256 }],
    },
  });
  expect(disk.files.paths()).toEqual(paths);
  expect((await recovered(disk, { which: first.id })).snapshot).toBe(first.id);
});

test("an older version of the shop comes back with the newest rights", async () => {
  const disk = await ServerDisk.open();
  const { manifest: older } = await disk.snapshot();
  const { organisation } = disk;
  const cut = organisation.serverLedger.heads();
  await organisation.enrol("till2", { replaces: "till1", cut });
  const { manifest: newer } = await disk.snapshot();
  const done = await recovered(disk, { which: older.id });
  expect(done).toMatchObject({ snapshot: older.id, authorityFrom: newer.id });
  const { relay } = await openServer(disk);
  expect(relay.authority?.devices.get("till1")?.closed).toMatchObject({ by: "till2" });
  expect(relay.authority?.term).toBe(2);
});

test("the newest rights count though the snapshot that carries them is damaged elsewhere", async () => {
  const disk = await ServerDisk.open();
  const { manifest: older } = await disk.snapshot();
  const staff = { staff: "amy", name: "小王", role: "cashier", active: false } as const;
  await disk.organisation.append({ kind: "StaffChanged", body: staff });
  await disk.trade(1);
  const { manifest: newer } = await disk.snapshot();
  for (const { sha256 } of pagesOf(newer, journalDocument(1, "s1", month)))
    disk.files.change(disk.blobPath({ sha256 }), undefined);
  const done = await recovered(disk, { which: older.id });
  expect(done.authorityFrom).toBe(newer.id);
  const { relay } = await openServer(disk);
  expect(relay.authority?.staff.get("amy")?.roles.at(-1)?.active).toBe(false);
});

test("live data with an organisation in it is not overwritten, but can be moved aside", async () => {
  const disk = await ServerDisk.open();
  await disk.snapshot();
  const first = await recovered(disk);
  const paths = disk.files.paths();
  expect(await recover(disk)).toEqual({
    ok: false,
    refusal: { code: "live-data", folder: "/data/live" },
  });
  expect(disk.files.paths()).toEqual(paths);
  const again = await recovered(disk, { moveAside: true });
  expect(again.server).not.toBe(first.server);
  const aside = disk.files.content(`${again.movedTo}/identity.json`);
  expect(JSON.parse(fromUtf8(aside)).device).toBe(first.server);
});

test("a recovery that is killed at any step leaves no half server, and can be done again", async () => {
  const disk = await ServerDisk.open();
  await disk.snapshot();
  const before = disk.files;
  for (let steps = 0, isDone = false; !isDone; steps += 3) {
    disk.files = before.copy();
    disk.files.dieAfter(steps);
    isDone = await recover(disk).then(
      ({ ok }) => ok,
      (fault: Error) => fault.message.startsWith("EKILLED") && false,
    );
    disk.files.loseUnsynced();
    const live = disk.files.paths().filter((path) => path.startsWith("/data/live/"));
    if (!isDone && live.length === 0) await recovered(disk);
    const { relay } = await openServer(disk);
    expect(relay.authority?.term).toBe(2);
    expect(summarise(relay.ledger).counts.members).toBe(12);
  }
});

test("the new server inherits the old one's purse and moves value out of it", async () => {
  const disk = await ServerDisk.open();
  const { organisation, till } = disk;
  const second = await organisation.enrol("till2");
  const member = await addMember(till.replica, "王五", "13711112222");
  await topUp(till.replica, member, 500_00);
  await organisation.exchange(till, second);
  // With two tills value lives at the server.
  await till.replica.sweepHome(false);
  await organisation.exchange(till, second);
  expect(till.replica.spendable(member)).toBe(0);
  const given = answerValueRequest(organisation.serverLedger.books, {
    member,
    amountFen: 10_00,
    to: "till1@s1",
    allotment: false,
    from: "srv1@s1",
  });
  await organisation.serverWrites("drafts" in given ? given.drafts : []);
  await disk.snapshot();
  await recovered(disk);
  const { relay } = await openServer(disk);
  // What the old server wrote counts, up to here.
  const { next, hash } = organisation.serverLedger.head("srv1@s1");
  expect(next).toBe(1);
  expect(relay.authority?.devices.get("srv1")?.closed?.cut).toEqual({
    "srv1@s1": { next, hash },
  });
  const heads = [...relay.heads()].map(
    ([chain, { next, hash }]) => [chain, next, hash] as [string, number, string],
  );
  const report = { heads, complete: true, persisted: false, term: 2, atMs: startMs };
  const request = { device: "till2", member, amountFen: 200_00 };
  expect(await serveValueRequest(relay, () => undefined, request)).toMatchObject({
    refusal: "not-accounted-for",
  });
  expect(await serveValueRequest(relay, () => report, request)).toEqual({});
  const { balances } = relay.ledger.books;
  expect(balances.get(member)).toEqual({ principal: 500_00, bonus: 0 });
  const { counts } = summarise(relay.ledger);
  expect(counts).toMatchObject({ waiting: 0, refused: 0, quarantined: 0 });
});

test("a device that knows more brings it, and all agree again", async () => {
  const disk = await ServerDisk.open();
  await disk.snapshot();
  const { organisation, till } = disk;
  const { replica } = till;
  const member = await addMember(replica, "赵六", "13611112222");
  await topUp(replica, member, 300_00);
  await charge(replica, member, 40_00);
  await organisation.exchange(till);
  await charge(replica, member, 1_00);
  await recovered(disk);
  const { relay, store } = await openServer(disk);
  expect(relay.heads().get(replica.chain)?.next).toBe(36);
  for (const [key, text] of replica.keys()) await relay.putKeys([[key, text]], "till1");
  for (const run of await replica.runsFrom(replica.chain, 36, 100))
    expect(await relay.submit(run, "till1")).toMatchObject({ ok: true });
  for (const { name, length } of relay.documents()) {
    const from = replica.documentLength(name);
    const received = await replica.receive(name, from, await store.read(name, from, length));
    expect(received).toEqual({ ok: true });
  }
  expect(replica.authority.term).toBe(2);
  expect(replica.isComplete()).toBe(true);
  expect(replica.summary()).toEqual(summarise(relay.ledger));
  expect(replica.member(member)?.balance).toBe(259_00);
});

test("a recovered server makes snapshots that recover once more", async () => {
  const disk = await ServerDisk.open();
  const { manifest: first } = await disk.snapshot();
  await recovered(disk);
  const { relay, store, signer } = await openServer(disk);
  disk.memory.clear();
  const { manifest } = await disk.snapshot({
    source: {
      cut: () => ({ ledger: relay.ledger, documents: relay.documents() }),
      read: (name, from, most) => store.read(name, from, most),
      keys: () => relay.keyring.entries(),
      device: relay.device,
      signer,
    },
  });
  await store.close();
  expect(manifest.term).toBe(2);
  expect((await verifySnapshot(disk.folder, manifest.id, checks)).damage).toEqual([]);
  const again = await recovered(disk, { moveAside: true });
  expect(again).toMatchObject({ term: 3, closed: relay.device });
  expect(again.state.trialBalance).toEqual(first.state.trialBalance);
  // The first version once more: rights and terms go on from where they are.
  const back = await recovered(disk, { which: first.id, moveAside: true });
  expect(back).toMatchObject({ term: 3, closed: relay.device, authorityFrom: manifest.id });
  expect((await readSnapshot(disk.folder, first.id))?.term).toBe(1);
});
