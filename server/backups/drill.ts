import { join } from "node:path";
import type { DocumentName } from "../../shared/documents/document-name.ts";
import { type CanonicalValue, canonicalJson } from "../../shared/journal/canonical-json.ts";
import type { Clock, Signatures } from "../../shared/journal/ports.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { auditDocuments } from "../snapshots/audit-documents.ts";
import type { Finding } from "../snapshots/finding.ts";
import type { Manifest } from "../snapshots/manifest.ts";
import { piecesOfStore } from "../snapshots/pieces.ts";
import { SnapshotFolder } from "../snapshots/snapshot-folder.ts";
import { type SnapshotReport, verifySnapshot } from "../snapshots/verify-snapshot.ts";
import type { DocumentSource } from "../snapshots/write-document.ts";
import type { Files } from "../storage/files.ts";
import { removeTree } from "../storage/whole-files.ts";
import type { NoteCache } from "./read-notes.ts";
import { type RestoredPoint, type RestoreRefusal, restorePoint } from "./restore-point.ts";
import type { Target, TransferOptions } from "./target.ts";
import type { DrillFacts } from "./target-history.ts";

/** The shop as it is now. */
export interface LiveSource extends DocumentSource {
  /** undefined while there is no organisation */
  term(): number | undefined;
  /** elements of a document that are durable */
  lengthOf(name: DocumentName): number;
}

export interface DrillDeps {
  target: Target;
  files: Files;
  cache: NoteCache | undefined;
  /** a folder for the restore, which is taken away again */
  scratch: string;
  /** of drills */
  identity: string;
  signatures: Signatures;
  clock: Clock;
  live: LiveSource;
}

/**
 * Proves that a target can be restored from: its newest point is restored into a scratch place, read
 * back whole, rebuilt, and compared with its manifest and with the live shop at that very point.
 * @throws TargetFault StoreFault when the target could not be read; that is no failed drill
 */
export async function drill(deps: DrillDeps, options: TransferOptions = {}): Promise<DrillFacts> {
  const { files, clock, identity, target, cache, scratch } = deps;
  const startMs = clock.nowMs();
  await removeTree(files, scratch);
  const to = join(scratch, "restored");
  try {
    const which = { which: "newest", identity, to, ...options };
    const restored = await restorePoint({ target, files, cache }, which);
    const restoredMs = clock.nowMs();
    if (!restored.ok) return failedDrill(restored.refusal, startMs, restoredMs);
    const folder = new SnapshotFolder(to, files);
    const { snapshot } = restored.value;
    const nowMs = clock.nowMs();
    const report = await verifySnapshot(folder, snapshot, { signatures: deps.signatures, nowMs });
    const compared = await compareWithLive(report, deps);
    const times = { startMs, restoredMs, endMs: clock.nowMs() };
    return factsOf(restored.value, report, compared, times);
  } finally {
    await removeTree(files, scratch);
  }
}

interface Compared {
  isAsLive: boolean | undefined;
  damage: Finding[];
}

/** The live shop, folded once more up to where the snapshot ends, as its own disk has it. */
async function compareWithLive(
  { manifest, state }: SnapshotReport,
  { live, signatures, clock }: DrillDeps,
): Promise<Compared> {
  // After a recovery the documents have other names: nothing can be compared element by element.
  if (!manifest || !state || manifest.term !== live.term())
    return { isAsLive: undefined, damage: [] };
  const lengths = new Map(manifest.documents.map(({ name, elements }) => [name, elements]));
  const damage = tooShort(manifest, live);
  if (damage.length > 0) return { isAsLive: false, damage };
  const { ledger } = await auditDocuments(
    [...lengths.keys()],
    (name) => piecesOfStore(live, name, lengths.get(name) ?? 0),
    { signatures, nowMs: clock.nowMs() },
  );
  const here = ledger.authority && summarise(ledger);
  const isAsLive = textOf(here) === textOf(state);
  const what = "the live shop at this point has another state than the backup";
  return { isAsLive, damage: isAsLive ? [] : [{ where: manifest.id, what }] };
}

function tooShort({ documents }: Manifest, live: LiveSource): Finding[] {
  return documents.flatMap(({ name, elements }) => {
    const length = live.lengthOf(name);
    const what = `has ${length} elements here; the backup holds ${elements}`;
    return length < elements ? [{ where: name, what, document: name }] : [];
  });
}

const textOf = (value: unknown): string => canonicalJson((value ?? null) as CanonicalValue);

function factsOf(
  { point, snapshot, chain, bytes, damage }: RestoredPoint,
  report: SnapshotReport,
  compared: Compared,
  { startMs, restoredMs, endMs }: { startMs: number; restoredMs: number; endMs: number },
): DrillFacts {
  const { state, missingKeys } = report;
  // A chain that had to stand in for another one is proven; the damage is told all the same.
  const isProven = report.ok && compared.isAsLive !== false;
  const lostKeys = missingKeys > (report.manifest?.keyring.missing.count ?? 0);
  return {
    atMs: startMs,
    ok: isProven && !lostKeys,
    point,
    snapshot,
    archives: chain.length,
    bytes,
    restoreMs: restoredMs - startMs,
    verifyMs: endMs - restoredMs,
    state: state && { hash: state.hash, trialBalance: state.trialBalance },
    isAsLive: compared.isAsLive,
    members: state?.counts.members ?? 0,
    missingKeys,
    damage: [...damage, ...report.damage, ...compared.damage],
  };
}

function failedDrill(refusal: RestoreRefusal, startMs: number, endMs: number): DrillFacts {
  const reasons: Record<RestoreRefusal["code"], string> = {
    "no-backup": "there is no backup",
    "no-such-point": "there is no backup that is whole",
    "folder-in-use": "the scratch folder is in use",
    "wrong-key": "the backups are sealed for another key than the drill key of this server",
    unreachable: "no chain of whole archives leads to the newest point",
  };
  const named =
    refusal.code === "unreachable"
      ? [
          ...refusal.damage,
          ...refusal.missing.map(({ archive, backup }) => ({
            where: archive,
            what: `builds on backup ${backup}, which is not here`,
          })),
        ]
      : [];
  return {
    atMs: startMs,
    ok: false,
    point: refusal.code === "unreachable" ? refusal.point : "",
    snapshot: "",
    archives: 0,
    bytes: 0,
    restoreMs: endMs - startMs,
    verifyMs: 0,
    state: undefined,
    isAsLive: undefined,
    members: 0,
    missingKeys: 0,
    damage: [{ where: "drill", what: reasons[refusal.code] }, ...named],
  };
}
