import { type CanonicalValue, canonicalJson } from "../../shared/journal/canonical-json.ts";
import type { Signatures } from "../../shared/journal/ports.ts";
import type { Ledger } from "../../shared/replica/ledger.ts";
import { type StateSummary, summarise } from "../../shared/replica/state-hash.ts";
import { type AuditedDocuments, auditDocuments } from "./audit-documents.ts";
import { isFolded } from "./document-heads.ts";
import type { Finding } from "./finding.ts";
import { checkKeys, type KeyEntry, readKeyringPage } from "./keyring-pages.ts";
import { readSnapshot } from "./list-snapshots.ts";
import { isSignedBy, type Manifest } from "./manifest.ts";
import { readOutsideKeyring } from "./outside-keyring.ts";
import { piecesOfSnapshot, readNamedBlob } from "./pieces.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";
import type { SnapshotId } from "./snapshot-id.ts";

export interface SnapshotReport {
  id: SnapshotId;
  /** nothing in it is damaged: it can be restored to what its manifest says */
  ok: boolean;
  damage: Finding[];
  /** members whose key the server did not have when the snapshot was taken */
  missingKeys: number;
  checked: AuditedDocuments["checked"];
  manifest: Manifest | undefined;
  /** rebuilt from the snapshot alone */
  state: StateSummary | undefined;
  /** for whoever goes on with what was rebuilt */
  ledger: Ledger | undefined;
  keys: KeyEntry[];
}

const nothingChecked = { documents: 0, elements: 0, authorityEntries: 0, seals: 0 };

/** Reads a snapshot back: every blob rehashed, everything rebuilt, and compared with what it says. */
export async function verifySnapshot(
  folder: SnapshotFolder,
  id: SnapshotId,
  { signatures, nowMs }: { signatures: Signatures; nowMs: number },
): Promise<SnapshotReport> {
  const manifest = await readSnapshot(folder, id);
  if (!manifest) return unreadable(folder, id);
  const documents = new Map(manifest.documents.map((document) => [document.name, document]));
  const audited = await auditDocuments(
    [...documents.keys()],
    async function* (name) {
      const document = documents.get(name);
      if (document) yield* piecesOfSnapshot(folder, document);
    },
    { signatures, nowMs },
  );
  const { ledger, members, checked } = audited;
  const keyring = await findKeyring(folder, manifest);
  const damage = [...audited.damage, ...keyring.damage];
  if (ledger.authority) await checkSignature(manifest, ledger, signatures, damage);
  const { missing, wrong } = checkKeys(members, keyring.entries);
  // A comparison says something only where everything could be read.
  const state = ledger.authority && damage.length === 0 ? summarise(ledger) : undefined;
  if (state) {
    compareState(manifest, state, damage);
    const missingKeys = missing.length + wrong.length;
    compareContents(manifest, ledger, keyring.isOutside ? undefined : missingKeys, damage);
  }
  return {
    id,
    ok: damage.length === 0,
    damage,
    missingKeys: missing.length + wrong.length,
    checked,
    manifest,
    state,
    ledger: ledger.authority ? ledger : undefined,
    keys: keyring.entries,
  };
}

async function unreadable(folder: SnapshotFolder, id: SnapshotId): Promise<SnapshotReport> {
  const isThere = (await folder.ids()).includes(id);
  const what = isThere ? "is damaged: it is no manifest as we write them" : "is missing";
  return {
    id,
    ok: false,
    damage: [{ where: `manifests/${id}.json`, what }],
    missingKeys: 0,
    checked: nothingChecked,
    manifest: undefined,
    state: undefined,
    ledger: undefined,
    keys: [],
  };
}

interface ReadKeyring {
  entries: KeyEntry[];
  damage: Finding[];
}

/** The snapshot's own keys; or those that were put beside it, where its own are not all here. */
async function findKeyring(
  folder: SnapshotFolder,
  manifest: Manifest,
): Promise<ReadKeyring & { isOutside: boolean }> {
  const own = await readKeyring(folder, manifest.keyring);
  if (own.damage.length === 0) return { ...own, isOutside: false };
  const outside = readOutsideKeyring((await folder.outsideKeyringText()) ?? "");
  return outside
    ? { ...(await readKeyring(folder, outside)), isOutside: true }
    : { ...own, isOutside: false };
}

async function readKeyring(
  folder: SnapshotFolder,
  keyring: Pick<Manifest["keyring"], "pages" | "count">,
): Promise<ReadKeyring> {
  const entries: KeyEntry[] = [];
  const damage: Finding[] = [];
  for (const page of keyring.pages) {
    const { bytes, fault } = await readNamedBlob(folder, page);
    const read = bytes && readKeyringPage(bytes);
    if (read?.length === page.count && page.from === entries.length + lostIn(damage))
      for (const entry of read) entries.push(entry);
    else {
      const last = page.from + page.count - 1;
      const what = `${fault ?? "holds other keys than the manifest says"}: keys ${page.from} to ${last}`;
      damage.push({
        where: `blobs/${page.sha256}`,
        what,
        blob: page.sha256,
        elements: { first: page.from, last },
      });
    }
  }
  if (damage.length === 0 && entries.length !== keyring.count)
    damage.push({
      where: "keyring",
      what: `its pages hold ${entries.length} of ${keyring.count} keys`,
    });
  return { entries, damage };
}

const lostIn = (damage: readonly Finding[]): number =>
  damage.reduce(
    (sum, { elements }) => sum + (elements ? elements.last - elements.first + 1 : 0),
    0,
  );

/** By the key of the server that it names, as the authority log inside the snapshot has it. */
async function checkSignature(
  manifest: Manifest,
  { log }: Ledger,
  signatures: Signatures,
  damage: Finding[],
): Promise<void> {
  const server = log.devices.get(manifest.server);
  const where = `manifests/${manifest.id}.json`;
  if (!server?.server) damage.push({ where, what: `${manifest.server} is no server of this shop` });
  else if (!(await isSignedBy(manifest, server.key, signatures)))
    damage.push({ where, what: `was not signed by the server ${manifest.server}` });
}

function compareState({ id, state: said }: Manifest, state: StateSummary, damage: Finding[]): void {
  const names = Object.keys(said) as (keyof Manifest["state"])[];
  for (const name of names) {
    const [before, now] = [said[name], state[name]].map((value) =>
      canonicalJson(value as unknown as CanonicalValue),
    );
    if (before !== now)
      damage.push({
        where: `manifests/${id}.json`,
        what: `says ${name} ${before}; what was rebuilt has ${now}`,
      });
  }
}

function compareContents(
  manifest: Manifest,
  ledger: Ledger,
  missingKeys: number | undefined,
  damage: Finding[],
): void {
  const { log } = ledger;
  const where = `manifests/${manifest.id}.json`;
  const { organisation, term, documents, keyring } = manifest;
  if (organisation.id !== log.org || organisation.name !== log.name || term !== log.term)
    damage.push({ where, what: "names another organisation or term than its authority log" });
  if (!isFolded(documents, ledger.heads()))
    damage.push({ where, what: "names other heads than its documents lead to" });
  if (missingKeys !== undefined && keyring.missing.count !== missingKeys)
    damage.push({
      where,
      what: `says that ${keyring.missing.count} keys are missing; it is ${missingKeys}`,
    });
}
