import type { DocumentName } from "../../shared/documents/document-name.ts";
import { readUpdate } from "../../shared/documents/update-reader.ts";
import { writeUpdate } from "../../shared/documents/update-writer.ts";
import { utf8 } from "../../shared/journal/bytes.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import {
  type BlobPage,
  type Manifest,
  readManifest,
  type SnapshotDocument,
  writeManifest,
} from "../snapshots/manifest.ts";
import { readNamedBlob } from "../snapshots/pieces.ts";
import { type SnapshotFolder, sha256Hex } from "../snapshots/snapshot-folder.ts";
import { type ArchiveEntry, ArchiveFault, textOfEntry } from "./ustar.ts";

const manifestPattern = /^manifests\/([^/]+)\.json$/;
const blobPattern = /^blobs\/([0-9a-f]{64})$/;
const pagePattern = /^pages\/([0-9a-f]{64})$/;

/** Where a page of a manifest is. */
interface PlacedPage {
  page: BlobPage;
  name: DocumentName;
}

/**
 * What an archive holds: the manifest, then each blob that is not in the snapshot before it. Of a page
 * that only grew, as the running month's last one does, there is `pages/<sha256>` instead: the Yjs
 * update of what came to it.
 * @param base what whoever restores has already; nothing for a full
 * @throws StoreFault when a blob of the snapshot is not as its manifest says
 */
export async function* contentOf(
  folder: SnapshotFolder,
  manifest: Manifest,
  base: Manifest | undefined,
): AsyncGenerator<ArchiveEntry> {
  const text = writeManifest(manifest);
  yield { name: `manifests/${manifest.id}.json`, bytes: utf8(text) };
  const known = new Set(base && [...pagesOf(base)].map(({ page }) => page.sha256));
  for (const placed of pagesOf(manifest)) {
    const { sha256 } = placed.page;
    if (known.has(sha256)) continue;
    known.add(sha256);
    const { bytes, fault } = await readNamedBlob(folder, placed.page);
    if (!bytes) throw new StoreFault("broken", `snapshot ${manifest.id}: blob ${sha256} ${fault}`);
    const grown = base && growth(bytes, placed, grownFrom(base, placed));
    yield grown ?? { name: `blobs/${sha256}`, bytes };
  }
}

function growth(
  bytes: Uint8Array,
  { page, name }: PlacedPage,
  before: BlobPage | undefined,
): ArchiveEntry | undefined {
  const read = before && readUpdate(name, bytes);
  if (!before || !read?.ok) return undefined;
  const { elements } = read.value;
  // It must be exactly what whoever restores will have.
  const old = writeUpdate(name, before.from, elements.slice(0, before.count));
  if (sha256Hex(old) !== before.sha256) return undefined;
  const came = writeUpdate(name, before.from + before.count, elements.slice(before.count));
  return { name: `pages/${page.sha256}`, bytes: came };
}

/** The page that a page was before elements came to it. */
function grownFrom(base: Manifest, { page, name }: PlacedPage): BlobPage | undefined {
  const document = base.documents.find((known) => known.name === name);
  return document?.pages.find(({ from, count }) => from === page.from && count < page.count);
}

function* pagesOf({ documents }: Manifest): Generator<PlacedPage> {
  for (const { name, pages } of documents as readonly SnapshotDocument[])
    for (const page of pages) yield { page, name };
}

/**
 * Takes an archive's content into a folder; its manifest last, so that a snapshot is there whole or not
 * at all. Nothing is written that the manifest does not name.
 * @param base of the snapshot that the archive builds on, which the folder must hold
 * @returns the snapshot's manifest
 * @throws ArchiveFault StoreFault
 */
export async function takeContent(
  entries: AsyncIterable<ArchiveEntry>,
  folder: SnapshotFolder,
  base: Manifest | undefined,
): Promise<Manifest> {
  let manifest: Manifest | undefined;
  let placed = new Map<string, PlacedPage>();
  for await (const entry of entries) {
    if (!manifest) {
      manifest = manifestIn(entry);
      placed = new Map([...pagesOf(manifest)].map((each) => [each.page.sha256, each]));
      continue;
    }
    await folder.writeBlob(await blobIn(entry, placed, folder, base));
  }
  if (!manifest) throw new ArchiveFault("it is empty");
  for (const { page } of placed.values())
    if ((await folder.blobSize(page.sha256)) !== page.bytes)
      throw new ArchiveFault(`it does not bring blob ${page.sha256}`);
  await folder.writeManifest(manifest.id, writeManifest(manifest));
  return manifest;
}

/** @throws ArchiveFault */
function manifestIn(entry: ArchiveEntry): Manifest {
  const id = manifestPattern.exec(entry.name)?.[1];
  const manifest = id === undefined ? undefined : readManifest(textOfEntry(entry));
  if (!manifest || manifest.id !== id)
    throw new ArchiveFault(`${entry.name} is no manifest as we write them`);
  return manifest;
}

async function blobIn(
  { name, bytes }: ArchiveEntry,
  placed: ReadonlyMap<string, PlacedPage>,
  folder: SnapshotFolder,
  base: Manifest | undefined,
): Promise<Uint8Array> {
  const sha256 = (blobPattern.exec(name) ?? pagePattern.exec(name))?.[1] ?? "";
  const wanted = placed.get(sha256);
  if (!wanted) throw new ArchiveFault(`${name} is not in the manifest`);
  const blob = blobPattern.test(name) ? bytes : await grown(bytes, wanted, folder, base);
  if (!blob || blob.length !== wanted.page.bytes || sha256Hex(blob) !== sha256)
    throw new ArchiveFault(`${name} is not what the manifest says`);
  return blob;
}

async function grown(
  came: Uint8Array,
  placed: PlacedPage,
  folder: SnapshotFolder,
  base: Manifest | undefined,
): Promise<Uint8Array | undefined> {
  const before = base && grownFrom(base, placed);
  const old = before && (await folder.readBlob(before.sha256));
  const [first, rest] = [old && readUpdate(placed.name, old), readUpdate(placed.name, came)];
  if (!first?.ok || !rest.ok) return undefined;
  const elements = [...first.value.elements, ...rest.value.elements];
  return writeUpdate(placed.name, placed.page.from, elements);
}

/**
 * Whether an archive's content is what its manifest says, as far as that can be told without what it
 * builds on. @throws ArchiveFault
 */
export async function checkContent(entries: AsyncIterable<ArchiveEntry>): Promise<Manifest> {
  let manifest: Manifest | undefined;
  let placed = new Map<string, PlacedPage>();
  for await (const entry of entries) {
    if (!manifest) {
      manifest = manifestIn(entry);
      placed = new Map([...pagesOf(manifest)].map((each) => [each.page.sha256, each]));
      continue;
    }
    const { name, bytes } = entry;
    const blob = placed.get(blobPattern.exec(name)?.[1] ?? "");
    const page = placed.get(pagePattern.exec(name)?.[1] ?? "");
    const isGood = blob
      ? sha256Hex(bytes) === blob.page.sha256
      : page !== undefined && readUpdate(page.name, bytes).ok;
    if (!isGood) throw new ArchiveFault(`${name} is not what the manifest says`);
  }
  if (!manifest) throw new ArchiveFault("it is empty");
  return manifest;
}
