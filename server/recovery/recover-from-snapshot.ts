import { isRecoveryKeyOf, openNextTerm } from "../../shared/access/open-next-term.ts";
import type { RecoveryKey } from "../../shared/access/recovery-key.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { assert } from "../../shared/outcome/assert.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { loadLedger } from "../../shared/replica/load-ledger.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";
import { type StateSummary, summarise } from "../../shared/replica/state-hash.ts";
import { lockFolder } from "../data/data-lock.ts";
import { snapshotsFolder } from "../data/open-data.ts";
import { readSnapshot } from "../snapshots/list-snapshots.ts";
import { piecesOfSnapshot } from "../snapshots/pieces.ts";
import { SnapshotFolder } from "../snapshots/snapshot-folder.ts";
import type { SnapshotId } from "../snapshots/snapshot-id.ts";
import { type SnapshotReport, verifySnapshot } from "../snapshots/verify-snapshot.ts";
import {
  buildAside,
  existingStore,
  type RecoverPlatform,
  recoveredFromSetting,
} from "./build-aside.ts";
import { type FoundLog, longestLog } from "./longest-log.ts";
import { rebuildStore } from "./rebuild-store.ts";
import type { RecoveryRefusal } from "./recovery-refusal.ts";

export interface RecoverOptions {
  /** data folder of the new server; its `live` part must not hold an organisation */
  dir: string;
  /** where the snapshots are, when not in the data folder */
  snapshots?: string | undefined;
  which: SnapshotId | "newest";
  recovery: RecoveryKey;
  /** a live store that is there, damaged perhaps, is moved aside; it is never deleted */
  moveAside: boolean;
}

export interface Recovered {
  snapshot: SnapshotId;
  /** snapshot whose authority log was taken: the longest there is */
  authorityFrom: SnapshotId;
  term: number;
  /** identity of the new server, and of the old one that was closed */
  server: string;
  closed: string;
  state: StateSummary;
  /** members whose key was not in the snapshot; a device may bring it */
  missingKeys: number;
  /** where a live store that was there is now */
  movedTo: string | undefined;
}

/**
 * Makes a new server of a snapshot: same shop, next term. The snapshot is verified before anything is
 * written, and the new store is put in place when it is whole.
 * @throws DataUnavailable StoreFault
 */
export async function recoverFromSnapshot(
  options: RecoverOptions,
  platform: RecoverPlatform,
): Promise<Result<Recovered, RecoveryRefusal>> {
  const folder = new SnapshotFolder(
    options.snapshots ?? snapshotsFolder(options.dir),
    platform.files,
  );
  const chosen = await chooseSnapshot(folder, options, platform);
  if (!chosen.ok) return chosen;
  const unlock = await lockFolder(options.dir, platform);
  try {
    const old = await existingStore(options, platform);
    if (!old.ok) return old;
    return done(await build(folder, chosen.value, old.value, options, platform));
  } finally {
    await unlock();
  }
}

interface Chosen {
  report: SnapshotReport & { manifest: NonNullable<SnapshotReport["manifest"]> };
  log: FoundLog;
}

async function chooseSnapshot(
  folder: SnapshotFolder,
  { which, recovery }: RecoverOptions,
  { signatures, clock }: RecoverPlatform,
): Promise<Result<Chosen, RecoveryRefusal>> {
  const ids = await folder.ids();
  const id = which === "newest" ? ids.at(-1) : ids.find((known) => known === which);
  if (id === undefined) return refuse({ code: "no-snapshot" });
  if (await isOthers(folder, id, { recovery, signatures }))
    return refuse({ code: "wrong-recovery-key" });
  const checks = { signatures, nowMs: clock.nowMs() };
  const report = await verifySnapshot(folder, id, checks);
  const { manifest } = report;
  const log = manifest && report.ok ? await longestLog(folder, manifest, signatures) : undefined;
  if (!manifest || !log) {
    let newestUndamaged: SnapshotId | undefined;
    for (const other of ids.toReversed())
      if (other !== id && (await verifySnapshot(folder, other, checks)).ok) {
        newestUndamaged = other;
        break;
      }
    const { damage } = report;
    return refuse({ code: "snapshot-damaged", snapshot: id, damage, newestUndamaged });
  }
  if (!isRecoveryKeyOf(log.state, recovery)) return refuse({ code: "wrong-recovery-key" });
  return done({ report: { ...report, manifest }, log });
}

/** Asked first, because verifying may take minutes: by the longest log, as far as it can be read. */
async function isOthers(
  folder: SnapshotFolder,
  id: SnapshotId,
  { recovery, signatures }: { recovery: RecoveryKey; signatures: RecoverPlatform["signatures"] },
): Promise<boolean> {
  const manifest = await readSnapshot(folder, id);
  const log = manifest && (await longestLog(folder, manifest, signatures));
  return log !== undefined && !isRecoveryKeyOf(log.state, recovery);
}

async function build(
  folder: SnapshotFolder,
  { report, log }: Chosen,
  moveTo: string | undefined,
  { dir, recovery }: RecoverOptions,
  platform: RecoverPlatform,
): Promise<Recovered> {
  const { manifest, ledger, keys } = report;
  assert(ledger, "a verified snapshot was folded");
  const term = log.state.term + 1;
  const from = { snapshot: manifest.id, time: manifest.time, term: manifest.term };
  const { device, answer: state } = await buildAside(
    { dir, moveTo },
    platform,
    async (store, server) => {
      const next = { heads: ledger.heads(), server };
      const entry = await openNextTerm(log.state, next, recovery, platform.clock.nowMs());
      await rebuildStore(store, {
        documents: manifest.documents,
        piecesOf: (document) => piecesOfSnapshot(folder, document),
        keys,
        authority: [...log.entries, entry],
        term,
        settings: { [recoveredFromSetting]: JSON.stringify(from) },
      });
    },
    async (store) => {
      const read = await readBack(store, platform);
      assert(
        read.label.heads === manifest.state.label.heads,
        "what was recovered is what the snapshot holds",
      );
      return read;
    },
  );
  return {
    snapshot: manifest.id,
    authorityFrom: log.snapshot,
    term,
    server: device,
    closed: log.state.server,
    state,
    missingKeys: report.missingKeys,
    movedTo: moveTo,
  };
}

/** From the disk, as the next start will read it. */
async function readBack(
  store: ReplicaStore,
  { signatures, clock }: RecoverPlatform,
): Promise<StateSummary> {
  const state = await store.load();
  const { documents } = state;
  const { ledger } = await loadLedger(store, state, signatures, clock.nowMs());
  assert(
    documents.some(({ name }) => name === authorityDocument),
    "a recovered store has its authority log",
  );
  return summarise(ledger);
}
