import type { DocumentName } from "../../shared/documents/document-name.ts";
import { writeUpdate } from "../../shared/documents/update-writer.ts";
import type { ChainHead } from "../../shared/journal/chain.ts";
import { type ChainId, readOperation, refOf } from "../../shared/journal/operation.ts";
import { isSealText, readSeal } from "../../shared/journal/seal.ts";
import type { MemberId } from "../../shared/members/member-kinds.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import type { BlobPage, SnapshotDocument } from "./manifest.ts";

/** Pages begin at fixed multiples and wherever the bytes ran out, so that full ones never change. */
const pageElementsMax = 1000;
export const pageBytesMax = 256 * 1024;
/** What one element costs in an update beside its text, at most. */
const elementHeadBytes = 8;

export interface DocumentSource {
  read(name: DocumentName, from: number, most: number): Promise<string[]>;
}

/** What a snapshot needs to know of a page besides its bytes. */
export interface WrittenPage {
  page: BlobPage;
  /** last seal of each chain in it, but for what stands apart */
  heads: ReadonlyMap<ChainId, ChainHead>;
  /** members added in it, with the hash of their key */
  members: readonly [MemberId, string][];
}

/** Full pages of earlier snapshots of the same process: documents only grow, so they are not read again. */
export type PageMemory = Map<DocumentName, WrittenPage[]>;

/** Writes a document's pages; `apart` are hashes of seals that do not count. @returns its entry in the manifest, and the members that it adds */
export async function writeDocument(
  { name, length }: { name: DocumentName; length: number },
  source: DocumentSource,
  writePage: (bytes: Uint8Array) => Promise<{ sha256: string; bytes: number }>,
  memory: PageMemory,
  apart: ReadonlySet<string>,
): Promise<{ document: SnapshotDocument; members: [MemberId, string][] }> {
  const full = memory.get(name) ?? [];
  memory.set(name, full);
  const pages = [...full];
  for (let at = endOf(pages); at < length; at = endOf(pages)) {
    const room = pageElementsMax - (at % pageElementsMax);
    const elements = await source.read(name, at, Math.min(room, length - at));
    if (elements.length === 0)
      throw new StoreFault("broken", `${name}: element ${at} of ${length} cannot be read`);
    const count = elementsOfPage(elements);
    const own = elements.slice(0, count);
    const blob = await writePage(writeUpdate(name, at, own));
    const written = { page: { ...blob, from: at, count }, ...factsOf(own, apart) };
    pages.push(written);
    if (count === room || count < elements.length) full.push(written);
  }
  const heads = new Map(pages.flatMap((page) => [...page.heads]));
  return {
    document: {
      name,
      elements: length,
      pages: pages.map(({ page }) => page),
      heads: Object.fromEntries([...heads].sort(([a], [b]) => (a < b ? -1 : 1))),
    },
    members: pages.flatMap(({ members }) => members),
  };
}

const endOf = (pages: readonly WrittenPage[]): number => {
  const last = pages.at(-1)?.page;
  return last ? last.from + last.count : 0;
};

function elementsOfPage(elements: readonly string[]): number {
  let bytes = 0;
  let count = 0;
  for (const element of elements) {
    bytes += Buffer.byteLength(element) + elementHeadBytes;
    if (count > 0 && bytes > pageBytesMax) break;
    count++;
  }
  return count;
}

function factsOf(
  elements: readonly string[],
  apart: ReadonlySet<string>,
): Pick<WrittenPage, "heads" | "members"> {
  const heads = new Map<ChainId, ChainHead>();
  const members: [MemberId, string][] = [];
  for (const text of elements.toReversed()) {
    if (isSealText(text)) {
      if (heads.has(chainIn(text))) continue;
      const seal = readSeal(text);
      if (seal && !apart.has(seal.head))
        heads.set(seal.chain, { next: seal.last + 1, hash: seal.head });
    } else {
      const added = memberAdded(text);
      if (added) members.push(added);
    }
  }
  return { heads, members: members.toReversed() };
}

/** The chain of a seal, without parsing all of it. */
function chainIn(sealText: string): ChainId {
  const start = '{"chain":"'.length;
  return sealText.slice(start, sealText.indexOf('"', start));
}

/** @returns the member that an operation adds, and the hash of the key that opens it */
export function memberAdded(text: string): [MemberId, string] | undefined {
  if (!text.includes('"kind":"MemberAdded"')) return undefined;
  const operation = readOperation(text);
  const keyHash = operation?.kind === "MemberAdded" ? operation.body["keyHash"] : undefined;
  return operation && typeof keyHash === "string" ? [refOf(operation), keyHash] : undefined;
}
