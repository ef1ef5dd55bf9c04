import { authorityDocument } from "../../shared/documents/document-name.ts";
import { runsIn } from "../../shared/replica/operation-places.ts";
import { readKeyringPage } from "../snapshots/keyring-pages.ts";
import { readSnapshot } from "../snapshots/list-snapshots.ts";
import type { Manifest, SnapshotDocument } from "../snapshots/manifest.ts";
import { readOutsideKeyring } from "../snapshots/outside-keyring.ts";
import { piecesOfSnapshot, readNamedBlob } from "../snapshots/pieces.ts";
import type { SnapshotFolder } from "../snapshots/snapshot-folder.ts";
import type { RecoverySource, SourceDamage, SourcePiece } from "./recovery-source.ts";

/**
 * A folder of snapshots: the newest; where something of that is damaged the one before too, until one
 * is whole. Runs certify themselves, so a page that is lost costs nothing but what stood in it.
 */
export const snapshotSource = (
  folder: SnapshotFolder,
  { name, kind }: Pick<RecoverySource, "name" | "kind">,
): RecoverySource => ({
  name,
  kind,
  async *pieces(): AsyncGenerator<SourcePiece> {
    for (const id of (await folder.ids()).toReversed()) {
      const manifest = await readSnapshot(folder, id);
      let isWhole = manifest !== undefined;
      if (!manifest) yield damageOf({ where: `manifests/${id}.json`, what: "cannot be read" });
      for await (const piece of manifest ? piecesOf(folder, manifest) : []) {
        isWhole &&= piece.type !== "damage";
        yield piece;
      }
      if (isWhole) return;
    }
  },
});

async function* piecesOf(folder: SnapshotFolder, manifest: Manifest): AsyncGenerator<SourcePiece> {
  for (const document of manifest.documents) {
    const heads = Object.entries(document.heads).map(([chain, { next }]) => [chain, next] as const);
    yield { type: "promise", heads };
    yield* document.name === authorityDocument
      ? entriesOf(folder, document)
      : runsOf(folder, document);
  }
  yield* keysOf(folder, manifest);
}

async function* entriesOf(
  folder: SnapshotFolder,
  document: SnapshotDocument,
): AsyncGenerator<SourcePiece> {
  for await (const piece of piecesOfSnapshot(folder, document))
    yield "damage" in piece
      ? damageOf(piece.damage)
      : { type: "log" as const, entries: piece.elements };
}

async function* runsOf(
  folder: SnapshotFolder,
  document: SnapshotDocument,
): AsyncGenerator<SourcePiece> {
  let tail: string[] = [];
  for await (const piece of piecesOfSnapshot(folder, document)) {
    if ("damage" in piece) {
      // The run around it is lost with it.
      tail = [];
      yield damageOf(piece.damage);
      continue;
    }
    const all = [...tail, ...piece.elements];
    const { runs, whole } = runsIn(all, 0);
    tail = all.slice(whole);
    yield { type: "runs", runs: runs.map(({ run }) => run) };
  }
}

/** Those that were put beside it where there are any: they are the newer ones. */
async function* keysOf(folder: SnapshotFolder, manifest: Manifest): AsyncGenerator<SourcePiece> {
  const outside = readOutsideKeyring((await folder.outsideKeyringText()) ?? "");
  for (const page of (outside ?? manifest.keyring).pages) {
    const { bytes, fault } = await readNamedBlob(folder, page);
    const keys = bytes && readKeyringPage(bytes);
    yield keys
      ? { type: "keys", keys }
      : damageOf({ where: `blobs/${page.sha256}`, what: fault ?? "holds no keys" });
  }
}

const damageOf = ({ where, what }: SourceDamage): SourcePiece => ({
  type: "damage",
  damage: { where, what },
});
