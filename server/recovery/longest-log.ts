import { readAuthorityLog } from "../../shared/access/authority-log.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import type { Signatures } from "../../shared/journal/ports.ts";
import { readSnapshot } from "../snapshots/list-snapshots.ts";
import type { Manifest } from "../snapshots/manifest.ts";
import { piecesOfSnapshot } from "../snapshots/pieces.ts";
import type { SnapshotFolder } from "../snapshots/snapshot-folder.ts";
import type { SnapshotId } from "../snapshots/snapshot-id.ts";

export interface FoundLog {
  entries: string[];
  state: AuthorityState;
  /** where it was found */
  snapshot: SnapshotId;
}

/**
 * The longest authority log of a folder that continues the chosen snapshot's. Going back to an older
 * version of the shop must not bring back a device that was locked out since.
 */
export async function longestLog(
  folder: SnapshotFolder,
  chosen: Manifest,
  signatures: Signatures,
): Promise<FoundLog | undefined> {
  const own = await authorityOf(folder, chosen);
  const manifests = [];
  for (const id of await folder.ids()) {
    const manifest = await readSnapshot(folder, id);
    if (manifest && lengthOf(manifest) >= own.length) manifests.push(manifest);
  }
  let best: FoundLog | undefined;
  // Of equals the chosen one's own.
  const rank = (manifest: Manifest) => lengthOf(manifest) * 2 + (manifest.id === chosen.id ? 1 : 0);
  for (const manifest of manifests.sort((a, b) => rank(b) - rank(a))) {
    if (best && lengthOf(manifest) <= best.entries.length) break;
    const entries = await authorityOf(folder, manifest);
    const continues = own.every((text, at) => entries[at] === text);
    if (!continues || entries.length <= (best?.entries.length ?? 0)) continue;
    const read = await readAuthorityLog(entries, signatures);
    if (read.ok) best = { entries, state: read.value, snapshot: manifest.id };
  }
  return best;
}

/** A snapshot's authority log, up to where it can be read. */
async function authorityOf(folder: SnapshotFolder, manifest: Manifest): Promise<string[]> {
  const document = manifest.documents.find(({ name }) => name === authorityDocument);
  const entries: string[] = [];
  if (!document) return entries;
  for await (const piece of piecesOfSnapshot(folder, document)) {
    if ("damage" in piece) break;
    entries.push(...piece.elements);
  }
  return entries;
}

const lengthOf = (manifest: Manifest): number =>
  manifest.documents.find(({ name }) => name === authorityDocument)?.elements ?? 0;
