import { expect, test } from "vitest";
import { TargetFault } from "../../server/backups/target.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { effort, patience } from "../harness/effort.ts";
import type { ForgetfulFiles } from "../harness/forgetful-files.ts";
import { BackupShop } from "./backup-shop.ts";

/** Every so many steps of a disk; in a soak every one. */
const stride = effort(17, 1);

interface Before {
  shop: BackupShop;
  files: ForgetfulFiles;
  usb: ForgetfulFiles;
  history: BackupShop["history"];
  ids: string[];
}

/** A shop with a full and an incremental, and something new. */
async function twoPoints(): Promise<Before> {
  const shop = await BackupShop.open();
  const ids = [(await shop.put("full")).id ?? ""];
  await shop.disk.trade(1);
  ids.push((await shop.put("incremental")).id ?? "");
  await shop.disk.trade(1);
  return { shop, files: shop.disk.files, usb: shop.usb, history: shop.history, ids };
}

function again({ shop, files, usb, history }: Before): void {
  shop.disk.files = files.copy();
  shop.usb = usb.copy();
  shop.history = history;
  // A process that was killed remembers nothing.
  shop.disk.memory.clear();
}

for (const which of ["the server", "the medium"] as const)
  test(`${which} dies at any step: all or nothing, and every point there was can be restored [BA4]`, {
    timeout: patience(240_000),
  }, async () => {
    const before = await twoPoints();
    const { shop, ids } = before;
    const live = summarise(shop.disk.organisation.serverLedger).hash;
    let steps = 0;
    for (let isDone = false; !isDone; steps += stride) {
      again(before);
      (which === "the server" ? shop.disk.files : shop.usb).dieAfter(steps);
      isDone = await shop.put("differential").then(
        () => true,
        () => false,
      );
      shop.disk.files.loseUnsynced();
      shop.usb.loseUnsynced();
      shop.disk.memory.clear();
      // Whoever comes with the card now finds the point before, or the new one; nothing half.
      expect((await shop.verify()).damage).toEqual([]);
      expect((await shop.restored("newest")).damage).toEqual([]);
      for (const id of ids) expect((await shop.restored(id)).report.damage).toEqual([]);
      await shop.put("differential");
      const { report, damage } = await shop.restored("newest");
      expect({ damage, hash: report.state?.hash }).toEqual({ damage: [], hash: live });
      expect(shop.disk.files.paths().filter((path) => path.includes("/spool/"))).toEqual([]);
    }
    expect(steps).toBeGreaterThan(30);
  });

test("an upload that was cut off goes on with the very same bytes [BA5]", async () => {
  const { shop, ids } = await twoPoints();
  const { usb } = shop;
  // Room for the keys and a part of the archive.
  usb.fillUpAfter(2_500);
  await expect(shop.put("full")).rejects.toThrow(TargetFault);
  const waiting = shop.disk.files.paths().filter((path) => path.includes("/spool/backups/"));
  const bytes = waiting.map((path) => shop.disk.files.content(path));
  usb.restart();
  expect((await shop.put("full")).id).toBeDefined();
  for (const [index, path] of waiting.entries()) {
    const name = path.replace("/data/backups/usb/spool/", "/usb/youbei/");
    expect(usb.content(name)).toEqual(bytes[index]);
  }
  expect(waiting.length).toBe(4);
  for (const id of ids) expect((await shop.restored(id)).report.damage).toEqual([]);
});

test("what waited and was lost since stands in nobody's way", async () => {
  const { shop } = await twoPoints();
  shop.usb.fillUpAfter(2_500);
  await expect(shop.put("full")).rejects.toThrow(TargetFault);
  shop.usb.restart();
  const { files } = shop.disk;
  const [path = ""] = files.paths().filter((known) => known.endsWith("full.tar.gz.age"));
  files.change(path, files.content(path).slice(0, 100));
  await shop.put("incremental");
  expect((await shop.verify()).damage).toEqual([]);
  expect((await shop.restored("newest")).report.damage).toEqual([]);
});

test("a disk that is nearly full is left to the shop: nothing is spooled, nothing stays [BA6]", async () => {
  const { shop } = await twoPoints();
  const paths = shop.disk.files.paths().filter((path) => path.startsWith("/data"));
  shop.freeBytes = 100 * 1024 * 1024;
  await expect(shop.put("full")).rejects.toThrow(StoreFault);
  expect(shop.disk.files.paths().filter((path) => path.startsWith("/data"))).toEqual(paths);
  shop.freeBytes = Number.POSITIVE_INFINITY;
  shop.disk.files.fillUpAfter(700);
  await expect(shop.put("full")).rejects.toThrow();
  shop.disk.files.restart();
  await shop.put("full");
  expect((await shop.restored("newest")).report.damage).toEqual([]);
});
