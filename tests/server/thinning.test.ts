import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultRetention } from "../../server/snapshots/keep-by-time.ts";
import { listSnapshots } from "../../server/snapshots/list-snapshots.ts";
import { type KeptVersion, planThinning } from "../../server/snapshots/plan-thinning.ts";
import { thinSnapshots } from "../../server/snapshots/thin-snapshots.ts";
import { verifySnapshot } from "../../server/snapshots/verify-snapshot.ts";
import { jsSignatures } from "../harness/organisation.ts";
import { ServerDisk } from "../harness/server-disk.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const nowMs = Date.UTC(2026, 10, 23, 12);

const versionAt = (atMs: number, told: Partial<KeptVersion> = {}): KeptVersion => ({
  id: `${new Date(atMs).toISOString().replace(/[-:.]/g, "")}-abc123`,
  time: new Date(atMs).toISOString(),
  reason: "hourly",
  server: "srv1",
  term: 1,
  ...told,
});

const plan = (versions: readonly KeptVersion[], held: string[] = [], at = nowMs) =>
  planThinning(versions, { nowMs: at, policy: defaultRetention, held });

const hourly = (days: number, untilMs = nowMs): KeptVersion[] =>
  Array.from({ length: days * 24 }, (_, at) => versionAt(untilMs - at * hourMs)).reverse();

/** What stays, told without the product. */
function promisedOf(versions: readonly KeptVersion[], at = nowMs): Set<string> {
  const kept = new Set<string>();
  const newestOf = (period: (iso: string, ms: number) => string, ms: number) => {
    const last = new Map<string, KeptVersion>();
    for (const version of versions)
      last.set(period(version.time, Date.parse(version.time)), version);
    for (const { id, time } of last.values()) if (at - Date.parse(time) <= ms) kept.add(id);
  };
  for (const { id, time } of versions) if (at - Date.parse(time) <= 48 * hourMs) kept.add(id);
  newestOf((iso) => iso.slice(0, 10), 30 * dayMs);
  newestOf((_, ms) => String(Math.floor((ms - 4 * dayMs) / (7 * dayMs))), 366 * dayMs);
  newestOf((iso) => iso.slice(0, 7), 7 * 366 * dayMs);
  return kept;
}

describe("thinning by time", () => {
  test("keeps exactly all of 48 hours and the newest of each day, week and month [VE4]", () => {
    void fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 900 * 24 }), { minLength: 1 }), (hours) => {
        const versions = [...new Set([0, ...hours])]
          .sort((a, b) => b - a)
          .map((ago) => versionAt(nowMs - ago * hourMs));
        const { removable, hasLeapt } = plan(versions);
        if (hasLeapt) return removable.length === 0;
        const promised = promisedOf(versions);
        return versions.every(({ id }) => !promised.has(id) || !removable.includes(id));
      }),
      { numRuns: 200 },
    );
    const versions = hourly(90);
    const { removable } = plan(versions);
    const promised = promisedOf(versions);
    expect(versions.map(({ id }) => id).filter((id) => !removable.includes(id))).toEqual(
      versions.map(({ id }) => id).filter((id) => promised.has(id)),
    );
    expect(promised.size).toBeLessThan(95);
  });

  test("twice comes to the same as once [VE4]", () => {
    const versions = hourly(90);
    const { removable } = plan(versions);
    const left = versions.filter(({ id }) => !removable.includes(id));
    expect(plan(left).removable).toEqual([]);
  });

  test("the newest stays, and that of each term, however old; so does what is held [VE4]", () => {
    const old = [1, 2, 3].map((term) => versionAt(nowMs - (3000 - term) * dayMs, { term }));
    const ids = old.map(({ id }) => id);
    const [, , third = ""] = ids;
    const silent = versionAt(nowMs - 2990 * dayMs, { term: 3 });
    const versions = [...old, silent, ...hourly(8).map((each) => ({ ...each, term: 3 }))];
    const goneWith = (held: string[]) =>
      plan(versions, held).removable.filter((id) => [...ids, silent.id].includes(id));
    expect(goneWith([])).toEqual([third]);
    expect(goneWith([third])).toEqual([]);
    expect(plan(old).removable).toEqual([]);
  });

  test("what was taken before an act stays for thirty days [VE4]", () => {
    const versions = hourly(40).map((version) =>
      version.time.endsWith("T05:00:00.000Z") ? { ...version, reason: "before import" } : version,
    );
    const { removable } = plan(versions);
    const gone = versions.filter(
      ({ id, reason }) => reason === "before import" && removable.includes(id),
    );
    expect(gone.length).toBeGreaterThan(5);
    for (const { time } of gone) expect(nowMs - Date.parse(time)).toBeGreaterThan(30 * dayMs);
  });

  test("a flood of versions from the future, or from the past, pushes out none [VE5]", () => {
    const good = hourly(60);
    const flood = Array.from({ length: 500 }, (_, at) => ({
      ...versionAt(nowMs + 400 * dayMs + at),
      time: new Date(at % 2 ? nowMs + 300 * dayMs + at : nowMs - 20 * dayMs + at).toISOString(),
    }));
    const { removable, doubtful } = plan([...good, ...flood]);
    expect(new Set(doubtful)).toEqual(new Set(flood.map(({ id }) => id)));
    expect(removable).toEqual(plan(good).removable);
  });

  test("a clock that leapt removes nothing for a week, and not the last from before it then [VE5]", () => {
    const good = hourly(60);
    const leapt = nowMs + 3000 * dayMs;
    expect(plan(good, [], leapt)).toMatchObject({ removable: [], hasLeapt: true });
    const after = [...good, ...hourly(6, leapt + 6 * dayMs)];
    expect(plan(after, [], leapt + 6 * dayMs)).toMatchObject({ removable: [], hasLeapt: true });
    const late = plan([...good, ...hourly(8, leapt + 8 * dayMs)], [], leapt + 8 * dayMs);
    expect(late.hasLeapt).toBe(false);
    expect(late.removable).not.toContain(good.at(-1)?.id);
  });
});

/** A shop with versions of sixty days, a sale in each, and the newest of today. */
async function shopWithVersions(days = [60, 59.9, 45.5, 45.2, 20, 10.5, 10.2, 1]) {
  const disk = await ServerDisk.open();
  const { clock } = disk.organisation;
  const today = clock.now;
  const ids: string[] = [];
  for (const ago of [...days, 0]) {
    const source = await disk.source();
    clock.now = today - ago * dayMs;
    ids.push((await disk.snapshot({ source, reason: "hourly" })).manifest.id);
    clock.now = today;
    if (ago > 0) await disk.trade(1);
  }
  const { state } = disk.organisation;
  if (!state) throw new Error("the shop was founded");
  const options = { authority: state, signatures: jsSignatures, nowMs: today, held: [] };
  return { disk, ids, options };
}

const idsOn = async (disk: ServerDisk) =>
  (await listSnapshots(disk.folder)).snapshots.map(({ id }) => id);

/** Each version that is listed comes back from what is there. */
async function expectWhole(disk: ServerDisk, nowMs: number): Promise<void> {
  for (const id of await idsOn(disk))
    expect(
      (await verifySnapshot(disk.folder, id, { signatures: jsSignatures, nowMs })).damage,
    ).toEqual([]);
}

test("what is thinned is gone with its blobs, and the rest comes back whole [VE4]", async () => {
  const { disk, ids, options } = await shopWithVersions();
  const { nowMs } = options;
  const blobs = disk.blobs().length;
  const preview = await thinSnapshots(disk.folder, { ...options, dryRun: true });
  expect(await idsOn(disk)).toEqual(ids);
  const thinned = await thinSnapshots(disk.folder, options);
  expect(thinned).toEqual(preview);
  expect(thinned.removed.length).toBeGreaterThan(2);
  expect(thinned.freedBytes).toBeGreaterThan(0);
  expect(await idsOn(disk)).toEqual(ids.filter((id) => !thinned.removed.includes(id)));
  expect(disk.blobs().length).toBeLessThan(blobs);
  await expectWhole(disk, nowMs);
  disk.files.loseUnsynced();
  await expectWhole(disk, nowMs);
});

test("what is not signed, or lacks something, pushes out none and stays; no blob goes beside what cannot be read [VE5]", async () => {
  const { disk, ids, options } = await shopWithVersions();
  const clean = await thinSnapshots(disk.folder, { ...options, dryRun: true });
  // Each is later on its day than a version that stays: it would take that one's place.
  const [victim = ""] =
    clean.removed.length > 0 ? ids.filter((id) => !clean.removed.includes(id)) : [];
  const text = (await disk.folder.manifestText(victim)) ?? "";
  const later = victim.replace(/-.*$/, "-zzzzzz");
  const forged = text.replaceAll(victim, later);
  await disk.folder.writeManifest(later, forged);
  const garbage = "20991231T000000000Z-aaaaaa";
  await disk.folder.writeManifest(garbage, "{}");
  const blobs = disk.blobs().length;
  const thinned = await thinSnapshots(disk.folder, options);
  expect(thinned.removed).toEqual(clean.removed);
  expect(thinned.unsound).toEqual([later, garbage].sort());
  expect(disk.blobs().length).toBe(blobs);
  await disk.folder.removeManifests([garbage]);
  expect((await thinSnapshots(disk.folder, options)).freedBytes).toBeGreaterThan(0);
  await expectWholeBut(disk, later, options.nowMs);
});

async function expectWholeBut(disk: ServerDisk, unsigned: string, nowMs: number): Promise<void> {
  for (const id of await idsOn(disk)) {
    const { ok } = await verifySnapshot(disk.folder, id, { signatures: jsSignatures, nowMs });
    expect(ok).toBe(id !== unsigned);
  }
}

test.each(["killed", "without power", "killed, then without power"])(
  "a server that is %s at any step of thinning leaves every listed version whole [VE6]",
  async (how) => {
    const { disk, ids, options } = await shopWithVersions([60, 59.9, 59.8, 20, 1]);
    const before = disk.files;
    const kept = new Set(ids);
    for (const id of (await thinSnapshots(disk.folder, { ...options, dryRun: true })).removed)
      kept.delete(id);
    let steps = 0;
    for (let isDone = false; !isDone; steps++) {
      disk.files = before.copy();
      disk.files.dieAfter(steps);
      isDone = await thinSnapshots(disk.folder, options).then(
        () => true,
        () => false,
      );
      if (how === "without power") disk.files.loseUnsynced();
      else disk.files.restart();
      if (how === "killed, then without power") {
        // The next run finds what this one began, and the power goes before the disk has kept it.
        await thinSnapshots(disk.folder, options);
        disk.files.loseUnsynced();
      }
      const left = await idsOn(disk);
      for (const id of kept) expect(left).toContain(id);
      await expectWhole(disk, options.nowMs);
      await thinSnapshots(disk.folder, options);
      expect(await idsOn(disk)).toEqual([...kept]);
      expect(disk.files.paths().filter((path) => path.endsWith(".new"))).toEqual([]);
    }
    expect(steps).toBeGreaterThan(5);
  },
);

test("a name from the end of time keeps no new version from a name of its own [VE5]", async () => {
  const disk = await ServerDisk.open();
  await disk.folder.prepare();
  await disk.folder.writeManifest("99991231T235959999Z-zzzzzz", "{}");
  const { id } = (await disk.snapshot()).manifest;
  expect(id).toMatch(/^2026/);
  expect(await idsOn(disk)).toEqual([id]);
});
