import type { Clock, RandomSource, Signer } from "../../shared/journal/ports.ts";
import type { MemberId } from "../../shared/members/member-kinds.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import type { Ledger } from "../../shared/replica/ledger.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import { type StateSummary, summarise } from "../../shared/replica/state-hash.ts";
import { faultOf } from "../storage/fault-of.ts";
import {
  closeMonths,
  compareMonths,
  forgetChangedMonths,
  type MonthFault,
  recallMonths,
  type WrittenMonth,
} from "./closed-months.ts";
import { isFolded } from "./document-heads.ts";
import { checkKeys, type KeyEntry, keyringPages } from "./keyring-pages.ts";
import {
  type Manifest,
  pagesOf,
  readManifest,
  signManifest,
  type UnsignedManifest,
  writeManifest,
} from "./manifest.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";
import { newSnapshotId } from "./snapshot-id.ts";
import { type DocumentSource, type PageMemory, writeDocument } from "./write-document.ts";

/** The live server, as far as a snapshot reads it. */
export interface SnapshotSource extends DocumentSource {
  /** What is durable and folded, both at the instant of the call. */
  cut(): { ledger: Ledger; documents: readonly { name: string; length: number }[] };
  /** The keyring as it is by now, in order; asked when the documents are written. */
  keys(): readonly KeyEntry[];
  /** this server's identity, by which the manifest is signed */
  device: string;
  signer: Signer;
}

export interface SnapshotDeps {
  folder: SnapshotFolder;
  source: SnapshotSource;
  clock: Clock;
  random: RandomSource;
  /** lives as long as the source: full pages in it are not read again */
  memory: PageMemory;
  /** told of closed months that are not what they were */
  onMonthFault?: (fault: MonthFault) => void;
}

export interface CreateOptions {
  /** for people: why it was taken */
  reason: string;
  /** an automatic one is not written where the newest says the same */
  unlessSame: boolean;
}

/** `not-founded`: there is nothing yet; `damaged`: the disk does not hold what was folded. */
export type SnapshotRefusal = "not-founded" | "damaged";

export interface Created {
  manifest: Manifest;
  isNew: boolean;
}

const missingNamed = 100;

/**
 * Takes a version of everything: documents up to lengths that are noted at one instant, then the
 * keyring. Documents only grow, so the server goes on accepting meanwhile.
 * @throws StoreFault when it cannot be written; nothing of it is listed then
 */
export async function createSnapshot(
  deps: SnapshotDeps,
  options: CreateOptions,
): Promise<Result<Created, SnapshotRefusal>> {
  const written: string[] = [];
  try {
    await deps.folder.prepare();
    return await create(deps, options, written);
  } catch (error) {
    deps.memory.clear();
    await deps.folder.discard(written).catch(() => undefined);
    throw faultOf(error);
  }
}

async function create(
  deps: SnapshotDeps,
  { reason, unlessSame }: CreateOptions,
  written: string[],
): Promise<Result<Created, SnapshotRefusal>> {
  const { folder, source, clock, random, memory } = deps;
  const newest = (await folder.ids()).at(-1);
  const months = await recallMonths(deps);
  await forgetLostPages(deps);
  const { ledger, documents } = source.cut();
  if (!ledger.authority) return refuse("not-founded");
  // Nothing is awaited until all of the cut is noted: state, heads and lengths belong together.
  const state = summarise(ledger);
  const heads = ledger.heads();
  const apart = new Set(ledger.apart);
  // Which of two histories counts may have changed since the pages were remembered.
  if (apart.size > 0) memory.clear();
  const { org, name, term } = ledger.authority;
  const lengths = documents.map((document) => ({ name: document.name, length: document.length }));
  const faults = [...months.faults, ...forgetChangedMonths(months.records, lengths, memory)];
  if (unlessSame && faults.length === 0) {
    const same = await sameAsNewest(folder, newest, { state, lengths, keys: source.keys().length });
    if (same) return done({ manifest: same, isNew: false });
  }

  const writePage = async (bytes: Uint8Array) => {
    const { isNew, ...blob } = await folder.writeBlob(bytes);
    if (isNew) written.push(blob.sha256);
    return blob;
  };
  const parts: WrittenMonth[] = [];
  for (const document of lengths.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    parts.push(await writeDocument(document, source, writePage, memory, apart));
  }
  const entries = parts.map((part) => part.document);
  const members = parts.flatMap((part) => part.members);
  faults.push(...compareMonths(months.records, entries));
  for (const fault of faults) deps.onMonthFault?.(fault);
  if (!isFolded(entries, heads)) return refuse("damaged");
  const unsigned: UnsignedManifest = {
    format: "youbei-snapshot",
    version: 1,
    id: newSnapshotId(clock.nowMs(), newest, random),
    time: new Date(clock.nowMs()).toISOString(),
    reason: reason.slice(0, 200),
    organisation: { id: org, name },
    term,
    server: source.device,
    documents: entries,
    // As it is at this instant: it goes on growing while it is written.
    keyring: await writeKeyring([...source.keys()], members, writePage),
    state,
  };
  const manifest = await signManifest(unsigned, source.signer);
  await folder.writeManifest(manifest.id, writeManifest(manifest));
  // The version is whole, and what it names stays; a month that cannot be closed now is closed with the next one.
  written.length = 0;
  await closeMonths(deps, parts, { organisation: org, term }).catch(onlyTheDisk);
  return done({ manifest, isNew: true });
}

/** What the disk refuses shows itself elsewhere; anything else is ours to mend. */
function onlyTheDisk(error: unknown): void {
  if (!(faultOf(error) instanceof StoreFault)) throw error;
}

async function writeKeyring(
  keys: readonly KeyEntry[],
  members: readonly [MemberId, string][],
  writePage: (bytes: Uint8Array) => Promise<{ sha256: string; bytes: number }>,
): Promise<UnsignedManifest["keyring"]> {
  const pages = [];
  for (const { from, count, bytes } of keyringPages(keys))
    pages.push({ ...(await writePage(bytes)), from, count });
  const { missing, wrong } = checkKeys(members, keys);
  const without = [...missing, ...wrong].sort();
  return {
    pages,
    count: keys.length,
    missing: { count: without.length, members: without.slice(0, missingNamed) },
  };
}

/** Pages whose blobs somebody took away, or changed, are written again. */
async function forgetLostPages({ folder, memory }: SnapshotDeps): Promise<void> {
  for (const [name, pages] of memory)
    for (const { page } of pages) if (!(await folder.holds(page))) memory.delete(name);
}

async function sameAsNewest(
  folder: SnapshotFolder,
  newest: string | undefined,
  now: { state: StateSummary; lengths: { name: string; length: number }[]; keys: number },
): Promise<Manifest | undefined> {
  const text = newest === undefined ? undefined : await folder.manifestText(newest);
  const manifest = text === undefined ? undefined : readManifest(text);
  if (!manifest) return undefined;
  const { state, documents, keyring } = manifest;
  const isSame =
    state.hash === now.state.hash &&
    state.label.heads === now.state.label.heads &&
    state.label.authority === now.state.label.authority &&
    keyring.count === now.keys &&
    documents.length === now.lengths.length &&
    now.lengths.every(({ name, length }) =>
      documents.some((document) => document.name === name && document.elements === length),
    );
  if (!isSame) return undefined;
  for (const page of pagesOf(manifest)) if (!(await folder.holds(page))) return undefined;
  return manifest;
}
