import { readFileSync } from "node:fs";
import { type ColumnMapping, guessColumns } from "../../shared/imports/column-mapping.ts";
import { decodeText } from "../../shared/imports/decode-text.ts";
import type { FileKind } from "../../shared/imports/import-fields.ts";
import type { ImportPlan, KnownMembers } from "../../shared/imports/import-plan.ts";
import {
  type ImportWatch,
  type MappedTable,
  type PlanRefusal,
  planImport,
} from "../../shared/imports/plan-import.ts";
import { readTable, type Table } from "../../shared/imports/read-table.ts";
import type { Result } from "../../shared/outcome/result.ts";

const sampleBytes = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../fixtures/imports/${name}`, import.meta.url)));

export const membersBytes = sampleBytes("members-export.csv");
export const purchasesBytes = sampleBytes("purchases-export.csv");

/** The sample's text by Node's own decoder, for turning it into other encodings. */
export const gb18030 = (bytes: Uint8Array): string => new TextDecoder("gb18030").decode(bytes);

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export const nobodyKnown: KnownMembers = { cards: new Set(), phones: new Set() };

export function tableOf(source: Uint8Array | string): Table {
  const decoded = decodeText(typeof source === "string" ? utf8(source) : source);
  if (!decoded.ok) throw new Error(decoded.refusal);
  const table = readTable(decoded.value.text);
  if (!table.ok) throw new Error(table.refusal);
  return table.value;
}

/** Read and mapped without a person's help. */
export function mapped(source: Uint8Array | string, kind: FileKind): MappedTable {
  const table = tableOf(source);
  const guess = guessColumns(table);
  if (guess.kind !== kind) throw new Error(`taken for ${guess.kind}`);
  return { table, mapping: guess.mapping };
}

export const mappedBy = (source: string, mapping: ColumnMapping): MappedTable => ({
  table: tableOf(source),
  mapping,
});

export interface Sources {
  members?: Uint8Array | string;
  purchases?: Uint8Array | string;
  known?: KnownMembers;
}

export function dryRun(
  { members, purchases, known = nobodyKnown }: Sources,
  watch?: ImportWatch,
): Promise<Result<ImportPlan, PlanRefusal>> {
  return planImport(
    {
      members: members === undefined ? undefined : mapped(members, "members"),
      purchases: purchases === undefined ? undefined : mapped(purchases, "purchases"),
      known,
    },
    watch,
  );
}

export async function planOf(sources: Sources): Promise<ImportPlan> {
  const plan = await dryRun(sources);
  if (!plan.ok) throw new Error(JSON.stringify(plan.refusal));
  return plan.value;
}

export const rejectsOf = (plan: ImportPlan): [number, string][] =>
  plan.rejects.map(({ row, reason }) => [row, reason]);

export const warningsOf = (plan: ImportPlan): [string, number[]][] =>
  plan.warnings.map(({ code, rows }) => [code, rows]);
