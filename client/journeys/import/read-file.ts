import {
  type ColumnMapping,
  guessColumns,
  guessMapping,
} from "../../../shared/imports/column-mapping.ts";
import {
  type DecodeFault,
  decodeText,
  type TextEncoding,
} from "../../../shared/imports/decode-text.ts";
import type { FileKind } from "../../../shared/imports/import-fields.ts";
import { readTable, type Table, type TableFault } from "../../../shared/imports/read-table.ts";
import { toBase64Url } from "../../../shared/journal/bytes.ts";
import { done, type Result, refuse } from "../../../shared/outcome/result.ts";

/** One file that was dropped: read, and what it seems to be. Plain data, for people to correct. */
export interface ReadFile {
  name: string;
  hash: string;
  bytes: Uint8Array<ArrayBuffer>;
  encoding: TextEncoding;
  damaged: boolean;
  table: Table;
  kind: FileKind | undefined;
  doubt: "top-up-list" | "no-known-heading" | undefined;
  mapping: ColumnMapping;
}

export type ReadFault = DecodeFault | TableFault;

export async function readFile(file: File): Promise<Result<ReadFile, ReadFault>> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const hash = toBase64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  return readBytes({ name: file.name.slice(0, 200), hash, bytes }, undefined);
}

/** Reads the same bytes again in an encoding that a person chose. */
export const readAgain = (
  { name, hash, bytes }: ReadFile,
  encoding: TextEncoding,
): Result<ReadFile, ReadFault> => readBytes({ name, hash, bytes }, encoding);

function readBytes(
  file: { name: string; hash: string; bytes: Uint8Array<ArrayBuffer> },
  encoding: TextEncoding | undefined,
): Result<ReadFile, ReadFault> {
  const decoded = decodeText(file.bytes, encoding);
  if (!decoded.ok) return refuse(decoded.refusal);
  const table = readTable(decoded.value.text);
  if (!table.ok) return refuse(table.refusal);
  const { kind, mapping, doubt } = guessColumns(table.value);
  return done({
    ...file,
    encoding: decoded.value.encoding,
    damaged: decoded.value.warnings.length > 0,
    table: table.value,
    kind,
    doubt,
    mapping,
  });
}

/** A person said what the file is: guess its columns anew. */
export const asKind = (file: ReadFile, kind: FileKind): ReadFile => ({
  ...file,
  kind,
  doubt: undefined,
  mapping: guessMapping(file.table, kind),
});
