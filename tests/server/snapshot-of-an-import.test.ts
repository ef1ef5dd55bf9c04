import { expect, test } from "vitest";
import { recoverFromSnapshot } from "../../server/recovery/recover-from-snapshot.ts";
import { verifySnapshot } from "../../server/snapshots/verify-snapshot.ts";
import { journalDocument } from "../../shared/documents/document-name.ts";
import { jsSignatures, month, startMs } from "../harness/organisation.ts";
import { fixtureSources, planFixtures } from "../harness/plan-fixtures.ts";
import { pagesOf, ServerDisk } from "../harness/server-disk.ts";

const checks = { signatures: jsSignatures, nowMs: startMs };
const november = journalDocument(1, "s1", month);

/** A shop that has moved in: 2,357 members with balances and what they ever bought. */
async function moveIn(): Promise<ServerDisk> {
  const disk = await ServerDisk.open();
  const imported = await disk.till.replica.importMembers(
    await planFixtures(),
    fixtureSources,
    "boss",
  );
  if (!imported.ok) throw new Error(JSON.stringify(imported.refusal));
  await disk.organisation.collect(disk.till);
  return disk;
}

test("a shop that moved in is recovered to the fen, and each sale costs its last pages only", async () => {
  const disk = await moveIn();
  const { manifest: first } = await disk.snapshot();
  const own = { members: 12, principal: 800_86, bonus: 44_48 };
  expect(first.state.counts).toMatchObject({ members: 2357 + own.members, oldPurchases: 6919 });
  const { principal, bonus } = first.state.liabilities;
  expect(principal + bonus).toBe(931_618_22 + own.principal + own.bonus);
  expect(first.state.oldPurchasesFen).toBe(244_091_94);
  const pages = pagesOf(first, november);
  expect(pages.length).toBeGreaterThan(5);

  const blobs = disk.blobs().length;
  await disk.trade(1);
  const source = await disk.source();
  const read: number[] = [];
  const { manifest: second } = await disk.snapshot({
    source: {
      ...source,
      read: (name, from, most) => {
        if (name === november) read.push(from);
        return source.read(name, from, most);
      },
    },
  });
  expect(pagesOf(second, november).slice(0, -1)).toEqual(pages.slice(0, -1));
  expect(read).toEqual([pages.at(-1)?.from]);
  expect(second.keyring.pages.slice(0, -1)).toEqual(first.keyring.pages.slice(0, -1));
  expect(disk.blobs().length - blobs).toBe(2);

  // A full page that somebody deleted is written again, though this process has it in mind.
  disk.files.change(disk.blobPath(pages[1] ?? { sha256: "" }), undefined);
  const { manifest: third } = await disk.snapshot();
  expect((await verifySnapshot(disk.folder, third.id, checks)).damage).toEqual([]);
  const recovered = await recoverFromSnapshot(
    {
      dir: "/data",
      snapshots: "/snapshots",
      which: "newest",
      recovery: disk.organisation.recovery,
      moveAside: false,
    },
    disk.platform(),
  );
  if (!recovered.ok) throw new Error(recovered.refusal.code);
  expect(recovered.value.state.hash).toBe(third.state.hash);
  expect(recovered.value.state.trialBalance).toEqual(third.state.trialBalance);
  expect(recovered.value.state.liabilities).toEqual(third.state.liabilities);
});
