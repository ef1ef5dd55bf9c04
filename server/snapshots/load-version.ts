import type { Signatures } from "../../shared/journal/ports.ts";
import type { Ledger } from "../../shared/replica/ledger.ts";
import { loadLedger } from "../../shared/replica/load-ledger.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import { type KeyEntry, readKeyringPage } from "./keyring-pages.ts";
import type { Manifest } from "./manifest.ts";
import { piecesOfSnapshot, readNamedBlob } from "./pieces.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";
import type { DocumentSource } from "./write-document.ts";

/** A version, folded: what it held, to be looked at or compared. */
export interface LoadedVersion extends DocumentSource {
  ledger: Ledger;
  keys: readonly KeyEntry[];
  documents: readonly { name: string; length: number }[];
}

/**
 * Folds a snapshot as a server folds its own store: every blob is rehashed and every chain recomputed;
 * that seals were signed is what `verifySnapshot` looks at.
 * @throws StoreFault `broken` naming what is damaged
 */
export async function loadVersion(
  folder: SnapshotFolder,
  manifest: Manifest,
  { signatures, nowMs }: { signatures: Signatures; nowMs: number },
): Promise<LoadedVersion> {
  const documents = manifest.documents.map(({ name, elements }) => ({ name, length: elements }));
  const { read } = readerOf(folder, manifest);
  const { ledger } = await loadLedger({ read }, { documents, outbox: [] }, signatures, nowMs);
  return { ledger, keys: await keysOf(folder, manifest), documents, read };
}

/** The members' keys that are there: without one a name cannot be read, but its money counts. */
async function keysOf(folder: SnapshotFolder, { keyring }: Manifest): Promise<KeyEntry[]> {
  const keys: KeyEntry[] = [];
  for (const page of keyring.pages) {
    const { bytes } = await readNamedBlob(folder, page);
    for (const entry of (bytes && readKeyringPage(bytes)) ?? []) keys.push(entry);
  }
  return keys;
}

/** Documents are read from their beginning on; of one document what was read last is kept. */
function readerOf(folder: SnapshotFolder, manifest: Manifest): DocumentSource {
  let kept: { name: string; elements: string[] } | undefined;
  return {
    async read(name, from, most) {
      if (kept?.name !== name) kept = { name, elements: await elementsOf(folder, manifest, name) };
      return kept.elements.slice(from, from + most);
    },
  };
}

async function elementsOf(
  folder: SnapshotFolder,
  manifest: Manifest,
  name: string,
): Promise<string[]> {
  const document = manifest.documents.find((known) => known.name === name);
  const elements: string[] = [];
  if (!document) return elements;
  for await (const piece of piecesOfSnapshot(folder, document)) {
    if ("damage" in piece) {
      const { where, what } = piece.damage;
      throw new StoreFault("broken", `snapshot ${manifest.id} is damaged: ${where} ${what}`);
    }
    for (const text of piece.elements) elements.push(text);
  }
  return elements;
}
