import { utf8 } from "../../shared/journal/bytes.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import type { Manifest } from "../snapshots/manifest.ts";
import {
  type OutsideKeyring,
  readOutsideKeyring,
  writeOutsideKeyring,
} from "../snapshots/outside-keyring.ts";
import { readNamedBlob } from "../snapshots/pieces.ts";
import { type SnapshotFolder, sha256Hex } from "../snapshots/snapshot-folder.ts";
import { type ArchiveEntry, ArchiveFault, textOfEntry } from "./ustar.ts";

const listName = "keyring.json";

/** Tells one version of the keys from another without any key in it. */
export const keyringDigest = ({ keyring }: Manifest): string =>
  sha256Hex(utf8(keyring.pages.map(({ sha256 }) => sha256).join("\n")));

/**
 * All keys of a snapshot, to be unpacked into its folder.
 * @throws StoreFault when a blob of the snapshot is not as its manifest says
 */
export async function* keyringContent(
  folder: SnapshotFolder,
  { id, time, keyring }: Manifest,
): AsyncGenerator<ArchiveEntry> {
  const { pages, count } = keyring;
  const list: OutsideKeyring = {
    format: "youbei-keyring",
    version: 1,
    snapshot: id,
    time,
    count,
    pages,
  };
  yield { name: listName, bytes: utf8(writeOutsideKeyring(list)) };
  for (const page of pages) {
    const { bytes, fault } = await readNamedBlob(folder, page);
    if (!bytes) throw new StoreFault("broken", `snapshot ${id}: keys ${page.sha256} ${fault}`);
    yield { name: `blobs/${page.sha256}`, bytes };
  }
}

/**
 * Reads keys back; nothing is kept before all of it is known to be whole.
 * @throws ArchiveFault
 */
export async function readKeyringContent(
  entries: AsyncIterable<ArchiveEntry>,
): Promise<{ keyring: OutsideKeyring; blobs: Uint8Array[] }> {
  let keyring: OutsideKeyring | undefined;
  const blobs: Uint8Array[] = [];
  for await (const entry of entries) {
    if (!keyring) {
      keyring = entry.name === listName ? readOutsideKeyring(textOfEntry(entry)) : undefined;
      if (!keyring) throw new ArchiveFault(`${entry.name} is no list of keys as we write them`);
      continue;
    }
    const page = keyring.pages[blobs.length];
    if (entry.name !== `blobs/${page?.sha256}` || sha256Hex(entry.bytes) !== page?.sha256)
      throw new ArchiveFault(`${entry.name} is not what the list of keys says`);
    blobs.push(entry.bytes);
  }
  if (!keyring || blobs.length !== keyring.pages.length)
    throw new ArchiveFault("keys are missing in it");
  return { keyring, blobs };
}
