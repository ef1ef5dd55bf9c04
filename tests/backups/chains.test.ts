import { describe, expect, test } from "vitest";
import type { BackupKind } from "../../server/backups/backup-note.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { effort, patience } from "../harness/effort.ts";
import { seededRandom } from "../harness/organisation.ts";
import { BackupShop } from "./backup-shop.ts";

const points = effort(30, 200);

/** What lies on a copy of the medium is only what this keeps. */
function onlyWith(shop: BackupShop, keep: (name: string) => boolean) {
  const usb = shop.usb.copy();
  for (const name of shop.names())
    if (name.startsWith("backups/") && !keep(name)) usb.change(`/usb/youbei/${name}`, undefined);
  return usb;
}

const isOf =
  (...kinds: BackupKind[]) =>
  (name: string) =>
    kinds.some((kind) => name.includes(`-${kind}.`));

describe("chains", () => {
  test(`full and differential, full and incrementals, and the live shop agree at ${points} points [BA2]`, {
    timeout: patience(240_000),
  }, async () => {
    const shop = await BackupShop.open();
    const dice = seededRandom("kinds of backups");
    const live: { id: string; snapshot: string; hash: string; trialBalance: object }[] = [];
    while (live.length < points) {
      await shop.disk.trade(1);
      // Beside a full or a differential lies the incremental of the same instant.
      const isFull = live.length > 0 && (dice.bytes(1)[0] ?? 0) < 20;
      const { id = "", snapshot } = await shop.put(isFull ? "full" : "differential");
      const { hash, trialBalance } = summarise(shop.disk.organisation.serverLedger);
      live.push({ id, snapshot, hash, trialBalance });
    }
    const withDifferentials = onlyWith(shop, isOf("full", "differential"));
    for (const { id, hash, trialBalance } of live) {
      const { chain, report } = await shop.restored(id, withDifferentials);
      expect(chain.length).toBeLessThanOrEqual(2);
      expect(report).toMatchObject({ damage: [], state: { hash, trialBalance } });
    }
    // On the way to the last point all others are passed.
    const [first, last] = [live[0], live.at(-1)];
    const incrementals = (name: string) =>
      name.includes(first?.id ?? "") || isOf("incremental")(name);
    const { chain, folder } = await shop.restored(last?.id ?? "", onlyWith(shop, incrementals));
    expect(chain.length).toBe(points);
    for (const { snapshot, hash, trialBalance } of live)
      expect(await shop.verified(folder, snapshot)).toMatchObject({
        damage: [],
        state: { hash, trialBalance },
      });
  });

  test("a differential holds what came since the full, an incremental what came last [BA1]", async () => {
    const shop = await BackupShop.open();
    const first = await shop.put("incremental");
    expect(first).toMatchObject({ kinds: ["full"], isFullBecause: "first" });
    await shop.disk.trade(1);
    const second = await shop.put("incremental");
    expect(second).toMatchObject({ kinds: ["incremental"], isFullBecause: undefined });
    await shop.disk.trade(1);
    expect((await shop.put("differential")).kinds).toEqual(["incremental", "differential"]);
    await shop.disk.trade(1);
    expect((await shop.put("full")).kinds).toEqual(["incremental", "full"]);
    expect(second.bytes).toBeLessThan(first.bytes / 2);
  });

  test("nothing is put where nothing changed", async () => {
    const shop = await BackupShop.open();
    await shop.put("full");
    const names = shop.names();
    expect(await shop.put("incremental")).toMatchObject({ id: undefined, kinds: [] });
    expect(await shop.put("differential")).toMatchObject({ id: undefined, kinds: [] });
    expect(shop.names()).toEqual(names);
    // To shorten a chain a full may hold what is there already.
    expect((await shop.put("full")).kinds).toEqual(["full"]);
  });

  test("a lost link is named, and the other chain used [BA3]", async () => {
    const shop = await BackupShop.open();
    const ids: string[] = [];
    for (const kind of ["full", "incremental", "differential", "incremental"] as const) {
      await shop.disk.trade(1);
      ids.push((await shop.put(kind)).id ?? "");
    }
    const [full, second, third, fourth] = ids as [string, string, string, string];
    const { hash } = summarise(shop.disk.organisation.serverLedger);
    const whole = await shop.restored(fourth);
    expect(whole.chain.length).toBe(3);
    shop.damage(`backups/${third}-differential.tar.gz.age`, "gone");
    const other = await shop.restored(fourth);
    expect(other.chain).toEqual([
      `backups/${full}-full.tar.gz.age`,
      ...[second, third, fourth].map((id) => `backups/${id}-incremental.tar.gz.age`),
    ]);
    expect(other.report.state?.hash).toBe(hash);
    expect(other.damage).toEqual([
      { where: `backups/${third}-differential.tar.gz.age`, what: "is missing" },
    ]);
    shop.damage(`backups/${second}-incremental.tar.gz.age`, "gone");
    expect(await shop.restore({ which: fourth })).toMatchObject({
      ok: false,
      refusal: {
        code: "unreachable",
        point: fourth,
        missing: [{ archive: `backups/${third}-incremental.tar.gz.age`, backup: second }],
        newestReachable: full,
      },
    });
    expect((await shop.restored(full)).report.damage).toEqual([]);
  });

  test("a base that is gone, from there or from here, makes it a full", async () => {
    const shop = await BackupShop.open();
    const full = await shop.put("full");
    await shop.disk.trade(1);
    shop.damage(`backups/${full.id}-full.tar.gz.age`, "gone");
    const again = await shop.put("incremental");
    expect(again).toMatchObject({ kinds: ["full"], isFullBecause: "base-is-gone" });
    await shop.disk.trade(1);
    shop.disk.files.change(`/snapshots/manifests/${again.snapshot}.json`, undefined);
    const third = await shop.put("incremental");
    expect(third).toMatchObject({ kinds: ["full"], isFullBecause: "base-is-gone" });
    expect((await shop.restored("newest")).report.damage).toEqual([]);
  });

  test("for another key for drills it is a full again", async () => {
    const shop = await BackupShop.open();
    await shop.put("full");
    await shop.disk.trade(1);
    shop.disk.files.change("/data/backups/drill.key", undefined);
    expect(await shop.put("incremental")).toMatchObject({ isFullBecause: "other-keys" });
    const { identity } = await shop.drillKey();
    expect(await shop.restore({ identity })).toMatchObject({ ok: true });
  });
});
