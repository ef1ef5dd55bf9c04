import { createHash } from "node:crypto";

/**
 * How large files lie on a WebDAV server, which can neither append to a file nor join files: a folder
 * `<name>.parts-<bytes>` of parts in order, each named after its place and content. Put together in the
 * order of their names (`cat`), the parts are the file.
 */
export const partBytes = 8 * 1024 * 1024;

const partsPattern = /^(.+)\.parts-(\d{1,15})$/;

export const partsFolder = (name: string, bytes: number): string => `${name}.parts-${bytes}`;

/** @returns what file a folder holds the parts of */
export function readPartsFolder(folder: string): { name: string; bytes: number } | undefined {
  const [, name, bytes] = partsPattern.exec(folder) ?? [];
  return name === undefined ? undefined : { name, bytes: Number(bytes) };
}

/** @param index from 0 */
export const partName = (index: number, content: Uint8Array): string =>
  `part-${String(index + 1).padStart(6, "0")}-${digestOf(content)}`;

const digestOf = (content: Uint8Array): string =>
  createHash("sha256").update(content).digest("hex").slice(0, 32);

/** The place and the digest that a part's name states. */
export function readPartName(name: string): { index: number; digest: string } | undefined {
  const [, place, digest = ""] = /^part-(\d{6})-([0-9a-f]{32})$/.exec(name) ?? [];
  return place === undefined ? undefined : { index: Number(place) - 1, digest };
}

/** Tells whether bytes that come piece by piece are what a part's name says. */
export function partCheck(name: string): { add(bytes: Uint8Array): void; isWhole(): boolean } {
  const hash = createHash("sha256");
  return {
    add(bytes) {
      hash.update(bytes);
    },
    isWhole: () => hash.digest("hex").startsWith(readPartName(name)?.digest ?? "?"),
  };
}
