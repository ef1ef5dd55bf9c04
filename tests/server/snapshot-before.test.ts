import { expect, test } from "vitest";
import { listSnapshots, type SnapshotListing } from "../../server/snapshots/list-snapshots.ts";
import { ServerSnapshots } from "../../server/snapshots/server-snapshots.ts";
import { verifySnapshot } from "../../server/snapshots/verify-snapshot.ts";
import { journalDocument } from "../../shared/documents/document-name.ts";
import { createMemoryStore } from "../contracts/memory-store.ts";
import { jsSignatures, month, startMs } from "../harness/organisation.ts";
import { ServerDisk } from "../harness/server-disk.ts";

const checks = { signatures: jsSignatures, nowMs: startMs };

async function snapshotsOf(disk: ServerDisk, store = disk.live()): Promise<ServerSnapshots> {
  let kept: SnapshotListing[] = [];
  return new ServerSnapshots({
    folder: disk.folder,
    source: await disk.source(store),
    catalogue: {
      snapshots: () => kept,
      async keep(listings) {
        kept = listings;
      },
    },
    clock: disk.organisation.clock,
    random: disk.organisation.random,
    onMonthFault: () => undefined,
  });
}

test("before an act there is a whole version that says what for, though nothing has changed [VE1]", async () => {
  const disk = await ServerDisk.open();
  const snapshots = await snapshotsOf(disk);
  await snapshots.take({ reason: "hourly", unlessSame: true });
  const before = await snapshots.snapshotBefore("pruning USB");
  if (!before.ok || !before.value) throw new Error("a version was taken");
  const { id, reason } = before.value.manifest;
  expect(reason).toBe("before pruning USB");
  expect((await snapshots.list()).snapshots.at(-1)?.id).toBe(id);
  expect((await verifySnapshot(disk.folder, id, checks)).damage).toEqual([]);
});

test("without a version there is no act: on a full disk, and where the store is damaged [VE1]", async () => {
  const disk = await ServerDisk.open();
  const store = disk.live();
  const snapshots = await snapshotsOf(disk, store);
  disk.files.fillUpAfter(1000);
  await expect(snapshots.snapshotBefore("import")).rejects.toMatchObject({ reason: "full" });
  disk.files.restart();
  const elements = store.content.documents.get(journalDocument(1, "s1", month)) ?? [];
  elements.splice(-2, 2, "{}", "{}");
  expect(await snapshots.snapshotBefore("import")).toEqual({ ok: false, refusal: "damaged" });
  expect((await listSnapshots(disk.folder)).snapshots).toEqual([]);
});

test("a server without an organisation has nothing to lose [VE1]", async () => {
  const disk = await ServerDisk.open();
  const snapshots = await snapshotsOf(disk, createMemoryStore());
  expect(await snapshots.snapshotBefore("import")).toEqual({ ok: true, value: undefined });
});
