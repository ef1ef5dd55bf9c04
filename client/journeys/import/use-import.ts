import { useState } from "react";
import type { ImportPlan } from "../../../shared/imports/import-plan.ts";
import { type MappedTable, planImport } from "../../../shared/imports/plan-import.ts";
import type { Refusal } from "../../../shared/replica/commands.ts";
import { useStaffAtTill } from "../../shop/staff-at-till.ts";
import { useShop } from "../../shop/use-shop.tsx";
import type { ReadFile } from "./read-file.ts";

export interface ImportWork {
  progress: { what: "plan" | "run"; done: number; total: number } | undefined;
  fault: "stopped" | undefined;
  refusal: Refusal | { code: "cancelled" } | { code: "unknown-outcome" } | undefined;
  imported: string | undefined;
  plan(
    members: ReadFile | undefined,
    purchases: ReadFile | undefined,
    shouldStop: () => boolean,
  ): Promise<ImportPlan | undefined>;
  run(plan: ImportPlan, files: readonly ReadFile[], shouldStop: () => boolean): Promise<void>;
}

/** The two long steps of an import, each with its progress and a way to stop. */
export function useImport(): ImportWork {
  const shop = useShop();
  const { current } = useStaffAtTill();
  const [progress, setProgress] = useState<ImportWork["progress"]>();
  const [fault, setFault] = useState<"stopped">();
  const [refusal, setRefusal] = useState<ImportWork["refusal"]>();
  const [imported, setImported] = useState<string>();
  return {
    progress,
    fault,
    refusal,
    imported,
    async plan(members, purchases, shouldStop) {
      setFault(undefined);
      setRefusal(undefined);
      const cards = new Set<string>();
      const phones = new Set<string>();
      for (const { fields } of shop.members()) {
        if (fields["card"]) cards.add(fields["card"]);
        if (fields["phone"]) phones.add(fields["phone"]);
      }
      const result = await planImport(
        { members: mapped(members), purchases: mapped(purchases), known: { cards, phones } },
        {
          shouldStop,
          pause: nextTurn,
          onProgress: (done, total) => setProgress({ what: "plan", done, total }),
        },
      );
      setProgress(undefined);
      if (result.ok) return result.value;
      setFault("stopped");
      return undefined;
    },
    async run(plan, files, shouldStop) {
      if (!current) return setRefusal({ code: "not-permitted", kind: "ImportOpened" });
      setRefusal(undefined);
      setProgress({ what: "run", done: 0, total: plan.members.length });
      const sources = files.map(({ name, hash, table }) => ({
        name,
        hash,
        rows: table.rows.length,
      }));
      try {
        const result = await shop.importMembers(plan, sources, current.id, {
          shouldStop,
          onProgress: ({ done, total }) => setProgress({ what: "run", done, total }),
        });
        if (result.ok) setImported(result.value.batch);
        else setRefusal(result.refusal);
      } catch {
        setRefusal({ code: "unknown-outcome" });
      } finally {
        setProgress(undefined);
      }
    },
  };
}

const mapped = (file: ReadFile | undefined): MappedTable | undefined =>
  file && { table: file.table, mapping: file.mapping };

/** Lets the screen draw and hear a tap. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
