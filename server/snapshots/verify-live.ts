import type { Signatures } from "../../shared/journal/ports.ts";
import type { MemberId } from "../../shared/members/member-kinds.ts";
import type { Ledger } from "../../shared/replica/ledger.ts";
import type { Damage, ReplicaStore } from "../../shared/replica/ports.ts";
import { type StateSummary, summarise } from "../../shared/replica/state-hash.ts";
import type { Files } from "../storage/files.ts";
import { type AuditedDocuments, auditDocuments } from "./audit-documents.ts";
import { auditFiles, findingOf, isTornTail } from "./audit-files.ts";
import { endsOf } from "./document-heads.ts";
import type { Finding } from "./finding.ts";
import { checkKeys } from "./keyring-pages.ts";
import type { Manifest } from "./manifest.ts";
import { piecesOfStore } from "./pieces.ts";
import type { SnapshotId } from "./snapshot-id.ts";

export interface LiveReport {
  ok: boolean;
  damage: Finding[];
  /** what a crash left and start-up cleared away; nothing of it had been acknowledged */
  notes: Damage[];
  /** members whose key is not here; a device may bring it */
  missingKeys: MemberId[];
  checked: AuditedDocuments["checked"] & { keys: number };
  /** the snapshot that must be contained in what is live */
  against: SnapshotId | undefined;
  /** rebuilt from what was read; undefined when the authority log is lost */
  state: StateSummary | undefined;
}

export interface VerifyLiveDeps {
  store: ReplicaStore;
  files: Files;
  /** folder of the live store */
  live: string;
  signatures: Signatures;
  nowMs: number;
  /** manifest of the newest snapshot, if there is one */
  newest: Manifest | undefined;
}

/**
 * Reads a whole live store back, in use or not: every record, chain, seal and signature, every key
 * against the member's, and whether it still holds what the newest snapshot holds.
 */
export async function verifyLive(deps: VerifyLiveDeps): Promise<LiveReport> {
  const { store, files, live, signatures, nowMs, newest } = deps;
  const { documents, keys, damaged } = await store.load();
  const lengths = new Map(documents.map(({ name, length }) => [name, length]));
  const damage = damaged
    .filter((found) => !isTornTail(found))
    .map((found) => findingOf(found, lengths));
  const known = new Set(damaged.map(({ where }) => where));
  for (const found of await auditFiles(files, live))
    if (!known.has(found.where)) damage.push(found);
  const audited = await auditDocuments(
    [...lengths.keys()],
    (name) => piecesOfStore(store, name, lengths.get(name) ?? 0),
    { signatures, nowMs },
  );
  const { ledger } = audited;
  damage.push(...audited.damage);
  const { missing, wrong } = checkKeys(audited.members, keys);
  for (const member of wrong)
    damage.push({ where: "keyring", what: `the key of ${member} is not the one it was given` });
  if (newest) compareWithSnapshot(newest, lengths, ledger, damage);
  return {
    ok: damage.length === 0,
    damage,
    notes: damaged.filter(isTornTail),
    missingKeys: missing,
    checked: { ...audited.checked, keys: keys.length },
    against: newest?.id,
    state: ledger.authority ? summarise(ledger) : undefined,
  };
}

/** What a snapshot holds was acknowledged: if it is gone, the live store was cut or rolled back. */
function compareWithSnapshot(
  { id, documents, term }: Manifest,
  lengths: ReadonlyMap<string, number>,
  ledger: Ledger,
  damage: Finding[],
): void {
  if (!ledger.authority) return;
  // After a recovery the documents have other names; the chains go on.
  if (ledger.authority.term === term)
    for (const { name, elements } of documents) {
      const length = lengths.get(name) ?? 0;
      if (length < elements)
        damage.push({
          where: name,
          what: `has ${length} elements; snapshot ${id} holds ${elements}`,
          document: name,
          elements: { first: length, last: elements - 1 },
        });
    }
  const heads = ledger.heads();
  for (const [chain, head] of endsOf(documents)) {
    const here = heads.get(chain)?.next ?? 0;
    const last = head.next - 1;
    if (here >= head.next) continue;
    const what = `operations ${here} to ${last} cannot be read here; snapshot ${id} holds them`;
    damage.push({ where: chain, what, chain, operations: { first: here, last } });
  }
}
