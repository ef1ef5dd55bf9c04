import type { DocumentName } from "../../shared/documents/document-name.ts";
import { readUpdate } from "../../shared/documents/update-reader.ts";
import { writeUpdate } from "../../shared/documents/update-writer.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import { checksum } from "./checksum.ts";
import type { PageRow } from "./database.ts";

const pageBytesMax = 1024 * 1024;

/** Elements as pages of at most 1 MiB; a single larger element has a page to itself. */
export function pagesOf(name: DocumentName, from: number, elements: readonly string[]): PageRow[] {
  if (elements.length === 0) return [];
  const bytes = writeUpdate(name, from, elements);
  if (bytes.length <= pageBytesMax || elements.length === 1)
    return [{ name, from, length: elements.length, bytes, sum: checksum(bytes) }];
  const half = elements.length >> 1;
  return [
    ...pagesOf(name, from, elements.slice(0, half)),
    ...pagesOf(name, from + half, elements.slice(half)),
  ];
}

export const isWhole = (page: PageRow): boolean =>
  page.bytes instanceof Uint8Array && checksum(page.bytes) === page.sum;

/** @throws StoreFault when the page is not what `pagesOf` wrote */
function elementsOfPage(page: PageRow): string[] {
  const read = readUpdate(page.name, page.bytes);
  if (!read.ok || read.value.from !== page.from || read.value.elements.length !== page.length)
    throw new StoreFault("broken", `page ${page.name} ${page.from} is damaged`);
  return read.value.elements;
}

/** Decoded pages that were read last: histories jump about in a few of them. */
export class PageCache {
  readonly #pages = new Map<string, { elements: string[]; bytes: number }>();
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  elementsOf(page: PageRow): string[] {
    const key = `${page.name} ${page.from} ${page.length} ${page.sum}`;
    const known = this.#pages.get(key);
    if (known) {
      this.#pages.delete(key);
      this.#pages.set(key, known);
      return known.elements;
    }
    const elements = elementsOfPage(page);
    this.#pages.set(key, { elements, bytes: page.bytes.length });
    this.#bytes += page.bytes.length;
    for (const [oldest, { bytes }] of this.#pages) {
      if (this.#bytes <= this.#bytesMax || oldest === key) break;
      this.#pages.delete(oldest);
      this.#bytes -= bytes;
    }
    return elements;
  }
}

/** Neighbouring small pages as few large ones. */
export function joinPages(pages: readonly PageRow[]): PageRow[] {
  const joined: PageRow[] = [];
  let group: PageRow[] = [];
  let bytes = 0;
  const finish = () => {
    const [first] = group;
    if (first && group.length > 1)
      joined.push(...pagesOf(first.name, first.from, group.flatMap(elementsOfPage)));
    else joined.push(...group);
    group = [];
    bytes = 0;
  };
  for (const page of pages) {
    if (bytes + page.bytes.length > pageBytesMax) finish();
    group.push(page);
    bytes += page.bytes.length;
  }
  finish();
  return joined;
}
