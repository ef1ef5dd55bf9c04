import { expect, test } from "vitest";
import { createFolderStore } from "../../server/adapters/folder-store.ts";
import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import { fetchBackup } from "../../server/recovery/backup-source.ts";
import type { RecoverPlatform } from "../../server/recovery/build-aside.ts";
import {
  type RecoveredFromSources,
  recoverFromSources,
  type UniteOptions,
} from "../../server/recovery/recover-from-sources.ts";
import type { RecoverySource } from "../../server/recovery/recovery-source.ts";
import { rescueSource } from "../../server/recovery/rescue-source.ts";
import { saveRescue } from "../../server/recovery/save-rescue.ts";
import { snapshotSource } from "../../server/recovery/snapshot-source.ts";
import { readSnapshot } from "../../server/snapshots/list-snapshots.ts";
import { SnapshotFolder } from "../../server/snapshots/snapshot-folder.ts";
import { replaceFile } from "../../server/storage/whole-files.ts";
import { ageIdentity } from "../../shared/access/recovery-age.ts";
import { newRecoveryKey } from "../../shared/access/recovery-key.ts";
import { journalDocument } from "../../shared/documents/document-name.ts";
import { readSeal, sealedBytes, writeSeal } from "../../shared/journal/seal.ts";
import { loadLedger } from "../../shared/replica/load-ledger.ts";
import { rescueSourceOf } from "../../shared/replica/rescue-file.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { BackupShop } from "../backups/backup-shop.ts";
import { seededRandom, signerOf, startMs, type Till } from "../harness/organisation.ts";
import { lastMonth, pagesOf, type ServerDisk } from "../harness/server-disk.ts";
import { addMember, charge, topUp } from "../harness/shop.ts";

interface Shop {
  shop: BackupShop;
  disk: ServerDisk;
  second: Till;
  /** the machine's disk when only the first till had been there */
  early: ServerDisk["files"];
  /** by the name of the source: how far it has the first and the second till's chain */
  holds: Record<"snapshots" | "backup" | "first" | "second", [number, number]>;
}

const rescuePath = (name: string) => `/usb/${name}.rescue`;

/** A shop whose records nobody has whole: each source holds something that the others lack. */
async function scatteredShop(): Promise<Shop> {
  const shop = await BackupShop.open();
  const { disk } = shop;
  const { organisation, till } = disk;
  const next = ({ replica }: Till) => replica.heads().get(replica.chain)?.next ?? 0;
  const second = await organisation.enrol("till2");
  await organisation.deliver(till, second);
  await disk.snapshot();
  const early = disk.files.copy();
  const inSnapshot = next(till);
  await serve(second, "二号", "13700000001");
  await organisation.exchange(second);
  await shop.put("full");
  const inBackup = next(second);
  await serve(second, "二号", "13700000002");
  await serve(till, "一号", "13600000001");
  await rescue(disk, till);
  await rescue(disk, second);
  return {
    shop,
    disk,
    second,
    early,
    holds: {
      snapshots: [inSnapshot, 0],
      backup: [inSnapshot, inBackup],
      first: [next(till), 0],
      second: [inSnapshot, next(second)],
    },
  };
}

async function serve({ replica }: Till, name: string, phone: string): Promise<void> {
  const member = await addMember(replica, name, phone);
  await topUp(replica, member, 100_00);
  await charge(replica, member, 30_00);
}

async function rescue(disk: ServerDisk, { replica, name }: Till): Promise<void> {
  await disk.files.makeFolder("/usb");
  await disk.files.syncFolder("/");
  await saveRescue(rescueSourceOf(replica, startMs), rescuePath(name), disk.files);
}

const platformOf = (disk: ServerDisk): RecoverPlatform => ({
  ...disk.platform(),
  signatures: nodeSignatures,
});

const snapshotsIn = (files: ServerDisk["files"]): RecoverySource =>
  snapshotSource(new SnapshotFolder("/snapshots", files), {
    name: "snapshots",
    kind: "snapshots",
  });

async function sourceNamed(
  name: keyof Shop["holds"],
  { shop, disk, early }: Shop,
): Promise<RecoverySource> {
  const { files } = disk;
  const { recovery } = disk.organisation;
  if (name === "snapshots") return snapshotsIn(early);
  if (name === "backup") {
    const place = { target: shop.target(), identity: ageIdentity(recovery) };
    return fetchBackup({ ...place, name, to: `/fetched/${Math.random()}` }, files);
  }
  return rescueSource(rescuePath(name === "first" ? "till1" : "till2"), { files, recovery });
}

function unite(disk: ServerDisk, sources: RecoverySource[], change: Partial<UniteOptions> = {}) {
  const { recovery } = disk.organisation;
  const options = { dir: "/data", sources, recovery, moveAside: true, ...change };
  return recoverFromSources(options, platformOf(disk));
}

async function united(...args: Parameters<typeof unite>): Promise<RecoveredFromSources> {
  const result = await unite(...args);
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.value;
}

/** As the new server will start. */
async function loaded(disk: ServerDisk) {
  const store = createFolderStore("/data/live", { files: disk.files });
  const state = await store.load();
  return { state, ...(await loadLedger(store, state, nodeSignatures, startMs)) };
}

const chains = ["till1@s1", "till2@s1"];

test("every combination of a snapshot, a backup and rescue files gives their union; what is missing is named by device and sequence [LO2] [LO5]", async () => {
  const scattered = await scatteredShop();
  const { disk, holds } = scattered;
  const names = Object.keys(holds) as (keyof Shop["holds"])[];
  for (let chosen = 1; chosen < 1 << names.length; chosen++) {
    const some = names.filter((_, index) => chosen & (1 << index));
    const sources = await Promise.all(some.map((name) => sourceNamed(name, scattered)));
    const done = await united(disk, sources);
    const { ledger, deferred, state } = await loaded(disk);
    const union = [0, 1].map((nth) => Math.max(...some.map((name) => holds[name][nth] ?? 0)));
    // Rescue files of a till that has no neighbour's records promise nothing of them.
    expect([some, chains.map((chain) => ledger.head(chain).next)]).toEqual([some, union]);
    expect([some, done.missing, deferred, done.aside]).toEqual([some, [], [], undefined]);
    expect(done.sources.reduce((sum, { fresh }) => sum + fresh, 0)).toBe(
      done.state.counts.operations,
    );
    expect(summarise(ledger).hash).toBe(done.state.hash);
    const { trialBalance, counts } = done.state;
    expect(Object.values(trialBalance).reduce((sum, fen) => sum + fen, 0)).toBe(0);
    expect([counts.refused, counts.quarantined, done.missingKeys]).toEqual([0, 0, 0]);
    expect(state.keys).toHaveLength(counts.members);
  }
}, 30_000);

test("a damaged source is named and the others go on; what stands after a gap is kept for later and stops no server [LO4] [LO5]", async () => {
  const scattered = await scatteredShop();
  const { disk, early } = scattered;
  const [id = ""] = await new SnapshotFolder("/snapshots", early).ids();
  const manifest = await readSnapshot(new SnapshotFolder("/snapshots", early), id);
  const [page] = manifest ? pagesOf(manifest, journalDocument(1, "s1", lastMonth)) : [];
  if (!page) throw new Error("a page of the first month");
  early.change(disk.blobPath(page), new Uint8Array(page.bytes));
  const snapshots = snapshotsIn(early);
  const alone = await united(disk, [snapshots]);
  expect(alone.sources[0]?.damage[0]?.where).toContain(page.sha256);
  expect(alone.missing).toEqual([{ chain: "till1@s1", from: 0, to: 17 }]);
  expect(alone.aside?.operations).toBe(18);
  // A store in which something does not follow would be read-only.
  expect((await loaded(disk)).deferred).toEqual([]);
  const rest = rescueSource(alone.aside?.file ?? "", {
    files: disk.files,
    recovery: disk.organisation.recovery,
  });
  const both = await united(disk, [rest, await sourceNamed("first", scattered)]);
  expect(both).toMatchObject({ missing: [], aside: undefined });
  const garbage = rescueSource("/usb/garbage", {
    files: disk.files,
    recovery: disk.organisation.recovery,
  });
  await replaceFile(disk.files, "/usb/garbage", new Uint8Array(3000).fill(65));
  const broken: RecoverySource = {
    name: "pulled out",
    kind: "backup",
    pieces: () => {
      throw new Error("no such device");
    },
  };
  const first = await sourceNamed("first", scattered);
  const done = await united(disk, [garbage, broken, snapshots, first]);
  expect(done.missing).toEqual([]);
  expect(done.sources.map(({ name, operations, fresh }) => [name, operations, fresh])).toEqual([
    ["/usb/garbage", 0, 0],
    ["pulled out", 0, 0],
    ["snapshots", expect.any(Number), expect.any(Number)],
    [rescuePath("till1"), 39, 21],
  ]);
  expect(done.sources[1]?.damage).toEqual([{ where: "pulled out", what: "no such device" }]);
  expect(done.sources[0]?.damage.length).toBe(1);
}, 30_000);

test("what one source says of rights and another lacks is kept for the owner; the longest log goes on [LO6]", async () => {
  const scattered = await scatteredShop();
  const { disk } = scattered;
  const { organisation, till } = disk;
  const staff = { staff: "amy", name: "小王", role: "cashier", active: false } as const;
  await organisation.append({ kind: "StaffChanged", body: staff });
  await organisation.deliver(till);
  await rescue(disk, till);
  // Recovered once already, without that entry; then that server dies too.
  const snapshots = await sourceNamed("snapshots", scattered);
  const first = await united(disk, [snapshots]);
  expect(first).toMatchObject({ term: 2, lostEntries: 0 });
  const { ledger } = await loaded(disk);
  const entries = [...ledger.authorityTexts];
  const later: RecoverySource = {
    name: "the second server",
    kind: "rescue",
    async *pieces() {
      yield { type: "log", entries };
    },
  };
  const done = await united(disk, [later, await sourceNamed("first", scattered), snapshots]);
  expect(done).toMatchObject({ term: 3, authorityFrom: "the second server", lostEntries: 1 });
  const after = (await loaded(disk)).ledger.log;
  // A restriction is in force at once, whoever has not looked yet.
  expect(after.staff.get("amy")?.roles.at(-1)?.active).toBe(false);
  // Without the second server's log the longest is the till's.
  const simple = await united(disk, [snapshots, await sourceNamed("first", scattered)]);
  expect(simple).toMatchObject({ term: 2, authorityFrom: rescuePath("till1"), lostEntries: 0 });
}, 30_000);

test("a run that its device did not seal counts nowhere, whatever source brings it [LO5] [J2]", async () => {
  const scattered = await scatteredShop();
  const { disk, second, holds } = scattered;
  const { replica } = second;
  const [known = 0] = [holds.second[1] - 3];
  const runs = await replica.runsFrom(replica.chain, known, 10);
  const thief = signerOf("thief");
  const forged = await Promise.all(
    runs.map(async (run) => {
      const seal = readSeal(run.seal);
      if (!seal) throw new Error("a run has its seal");
      const { sig: _, ...unsigned } = seal;
      const sig = await thief.sign(sealedBytes(unsigned));
      return { operations: run.operations, seal: writeSeal({ ...unsigned, sig }) };
    }),
  );
  const source: RecoverySource = {
    name: "forged",
    kind: "rescue",
    async *pieces() {
      yield { type: "runs", runs: forged };
    },
  };
  const backup = await sourceNamed("backup", scattered);
  const done = await united(disk, [source, backup]);
  expect(done.sources[0]).toMatchObject({ operations: 0, fresh: 0, refused: forged.length });
  expect((await loaded(disk)).ledger.head(replica.chain).next).toBe(holds.backup[1]);
  // The right ones are not taken for the forged ones that came before.
  const both = await united(disk, [source, backup, await sourceNamed("second", scattered)]);
  expect(both.missing).toEqual([]);
  expect((await loaded(disk)).ledger.head(replica.chain).next).toBe(holds.second[1]);
});

test("another shop's file among the sources brings nothing, and another card changes nothing [LO2]", async () => {
  const scattered = await scatteredShop();
  const { disk } = scattered;
  const stranger = await BackupShop.open("stranger");
  await stranger.disk.snapshot();
  const strangers = snapshotSource(stranger.disk.folder, { name: "theirs", kind: "snapshots" });
  const first = await sourceNamed("first", scattered);
  const done = await united(disk, [strangers, first]);
  expect(done.sources.map(({ foreign, fresh }) => [foreign, fresh])).toEqual([
    [true, 0],
    [false, 39],
  ]);
  const paths = disk.files.paths();
  const recovery = newRecoveryKey(seededRandom("another card"));
  expect(await unite(disk, [first], { recovery })).toEqual({
    ok: false,
    refusal: { code: "wrong-recovery-key" },
  });
  expect(await unite(disk, [first], { moveAside: false })).toMatchObject({
    refusal: { code: "live-data" },
  });
  expect(await unite(disk, [])).toMatchObject({ refusal: { code: "nothing-readable" } });
  let read = 0;
  const isCancelled = () => read++ > 1;
  expect(await unite(disk, [first], { isCancelled })).toEqual({
    ok: false,
    refusal: { code: "cancelled" },
  });
  expect(disk.files.paths()).toEqual(paths);
}, 30_000);

test("killed at any step there is the old server or the new one, and a second run gives the whole [LO5]", async () => {
  const scattered = await scatteredShop();
  const { disk } = scattered;
  const before = disk.files;
  const names = ["snapshots", "first", "second"] as const;
  const run = async () =>
    unite(disk, await Promise.all(names.map((name) => sourceNamed(name, scattered))));
  let whole = 0;
  for (let steps = 0, isDone = false; !isDone; steps += 7) {
    disk.files = before.copy();
    disk.files.dieAfter(steps);
    isDone = await run().then(
      ({ ok }) => ok,
      (fault: Error) => fault.message.startsWith("EKILLED") && false,
    );
    disk.files.loseUnsynced();
    const live = disk.files.paths().filter((path) => path.startsWith("/data/live/"));
    if (!isDone && live.length === 0) expect(await run()).toMatchObject({ ok: true });
    const { ledger, deferred } = await loaded(disk);
    expect([steps, ledger.log.term, deferred]).toEqual([steps, 2, []]);
    whole ||= summarise(ledger).counts.operations;
    expect(summarise(ledger).counts.operations).toBe(whole);
    expect(disk.files.paths().join()).not.toContain("recovering");
  }
}, 60_000);
