import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { guessColumns } from "../../shared/imports/column-mapping.ts";
import { decodeText } from "../../shared/imports/decode-text.ts";
import type { ImportPlan } from "../../shared/imports/import-plan.ts";
import { planImport } from "../../shared/imports/plan-import.ts";
import { readTable } from "../../shared/imports/read-table.ts";

const folder = join(import.meta.dirname, "../fixtures/imports");

/** The dry run of the two sample files, as the wizard makes it. */
export async function planFixtures(): Promise<ImportPlan> {
  const [members, purchases] = await Promise.all(
    ["members-export.csv", "purchases-export.csv"].map(async (name) => {
      const decoded = decodeText(new Uint8Array(await readFile(join(folder, name))));
      if (!decoded.ok) throw new Error(JSON.stringify(decoded.refusal));
      const table = readTable(decoded.value.text);
      if (!table.ok) throw new Error(table.refusal);
      return { table: table.value, mapping: guessColumns(table.value).mapping };
    }),
  );
  if (!members || !purchases) throw new Error("two files");
  const known = { cards: new Set<string>(), phones: new Set<string>() };
  const plan = await planImport({ members, purchases, known });
  if (!plan.ok) throw new Error(JSON.stringify(plan.refusal));
  return plan.value;
}

export const fixtureSources = [
  { name: "members-export.csv", hash: "m", rows: 2357 },
  { name: "purchases-export.csv", hash: "p", rows: 6919 },
];
