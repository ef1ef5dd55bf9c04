import { join } from "node:path";
import { readAuthorityLog } from "../../shared/access/authority-log.ts";
import type { RecoveryKey } from "../../shared/access/recovery-key.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { assert } from "../../shared/outcome/assert.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { loadLedger } from "../../shared/replica/load-ledger.ts";
import { newId } from "../../shared/replica/new-id.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";
import { type StateSummary, summarise } from "../../shared/replica/state-hash.ts";
import { lockFolder, stampFolder } from "../data/data-lock.ts";
import { liveFolder, snapshotsFolder, writeIdentity } from "../data/open-data.ts";
import type { ServerPlatform } from "../platform.ts";
import { readSnapshot } from "../snapshots/list-snapshots.ts";
import { piecesOfSnapshot } from "../snapshots/pieces.ts";
import { SnapshotFolder } from "../snapshots/snapshot-folder.ts";
import type { SnapshotId } from "../snapshots/snapshot-id.ts";
import { type SnapshotReport, verifySnapshot } from "../snapshots/verify-snapshot.ts";
import { fileOfDocument } from "../storage/elements-file.ts";
import { makeFolders } from "../storage/whole-files.ts";
import { authorityOf, type FoundLog, longestLog } from "./longest-log.ts";
import { isRecoveryKeyOf, openNextTerm } from "./open-next-term.ts";
import { rebuildStore } from "./rebuild-store.ts";
import type { RecoveryRefusal } from "./recovery-refusal.ts";

export type RecoverPlatform = Pick<
  ServerPlatform,
  "clock" | "random" | "signatures" | "signer" | "files" | "lockFiles" | "processes" | "folderStore"
>;

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

/** Setting of a store that says where it came from, as JSON. */
export const recoveredFromSetting = "recovered-from";

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
  if (await isOthers(folder, id, recovery, signatures))
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

/** Asked first, because verifying may take minutes. */
async function isOthers(
  folder: SnapshotFolder,
  id: SnapshotId,
  recovery: RecoveryKey,
  signatures: RecoverPlatform["signatures"],
): Promise<boolean> {
  const manifest = await readSnapshot(folder, id);
  const [first] = manifest ? await authorityOf(folder, manifest) : [];
  const log = first === undefined ? undefined : await readAuthorityLog([first], signatures);
  return log?.ok === true && !isRecoveryKeyOf(log.value, recovery);
}

/** What lies where the new store shall be. @returns where it is to be moved, if there is anything */
async function existingStore(
  { dir, moveAside }: RecoverOptions,
  { files, random }: RecoverPlatform,
): Promise<Result<string | undefined, RecoveryRefusal>> {
  const live = liveFolder(dir);
  if ((await files.list(live)).length === 0) return done(undefined);
  const log = await files.stat(join(live, fileOfDocument(authorityDocument)));
  if (log && !moveAside) return refuse({ code: "live-data", folder: live });
  return done(`${live}.before-recovery-${newId(random, 6)}`);
}

async function build(
  folder: SnapshotFolder,
  { report, log }: Chosen,
  moveTo: string | undefined,
  { dir, recovery }: RecoverOptions,
  platform: RecoverPlatform,
): Promise<Recovered> {
  const { files, random, clock, signer } = platform;
  const { manifest, ledger, keys } = report;
  assert(ledger, "a verified snapshot was folded");
  const scratch = `${liveFolder(dir)}.recovering`;
  await clearFolder(files, scratch);
  await makeFolders(files, scratch);
  await stampFolder(scratch, "server", platform);
  const identity = { device: newId(random), seed: random.bytes(32) };
  await writeIdentity(scratch, identity, platform);
  const server = { device: identity.device, key: signer(identity.seed).publicKey };
  const entry = await openNextTerm(
    log.state,
    { heads: ledger.heads(), server },
    recovery,
    clock.nowMs(),
  );
  const term = log.state.term + 1;
  const from = { snapshot: manifest.id, time: manifest.time, term: manifest.term };
  await withStore(platform.folderStore(scratch), (store) =>
    rebuildStore(store, {
      documents: manifest.documents,
      piecesOf: (document) => piecesOfSnapshot(folder, document),
      keys,
      authority: [...log.entries, entry],
      term,
      settings: { [recoveredFromSetting]: JSON.stringify(from) },
    }),
  );
  const state = await withStore(platform.folderStore(scratch), (store) =>
    readBack(store, platform),
  );
  assert(
    state.label.heads === manifest.state.label.heads,
    "what was recovered is what the snapshot holds",
  );
  if (moveTo !== undefined) await files.rename(liveFolder(dir), moveTo);
  await files.rename(scratch, liveFolder(dir));
  await files.syncFolder(dir);
  return {
    snapshot: manifest.id,
    authorityFrom: log.snapshot,
    term,
    server: identity.device,
    closed: log.state.server,
    state,
    missingKeys: report.missingKeys,
    movedTo: moveTo,
  };
}

async function withStore<Answer>(
  store: ReplicaStore,
  use: (store: ReplicaStore) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await use(store);
  } finally {
    await store.close();
  }
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

/** Clears away what an interrupted recovery left. */
async function clearFolder(files: RecoverPlatform["files"], folder: string): Promise<void> {
  for (const name of await files.list(folder)) {
    const path = join(folder, name);
    if ((await files.stat(path))?.folder) await clearFolder(files, path);
    else await files.remove(path);
  }
}
