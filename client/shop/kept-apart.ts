import { deviceOfChain, type Operation, readOperation } from "../../shared/journal/operation.ts";
import type { DeviceReplica } from "../../shared/replica/device-replica.ts";
import { ruleByKind } from "../../shared/replica/kind-rules.ts";
import type { HistoryEntry } from "../../shared/replica/member-history.ts";
import { readHistory } from "../../shared/replica/read-history.ts";

/** What a device recorded in a second history: kept everywhere, counted nowhere. */
export interface KeptApart {
  device: string;
  /** operations */
  count: number;
  /** sales and top-ups among them, as far as they can be read, fen */
  amountFen: number;
  /** newest first, at most `listedMax` */
  newest: HistoryEntry[];
}

const listedMax = 50;

type Source = Pick<DeviceReplica, "branches" | "runOf" | "books">;

/** All second histories, by device; read from the store. */
export async function readKeptApart(replica: Source): Promise<KeptApart[]> {
  const byDevice = new Map<string, Operation[]>();
  for (const branch of replica.branches()) {
    const device = deviceOfChain(branch.chain);
    const operations = byDevice.get(device) ?? [];
    byDevice.set(device, operations);
    for (const text of (await replica.runOf(branch))?.operations ?? []) {
      const operation = readOperation(text);
      if (operation) operations.push(operation);
    }
  }
  return [...byDevice].map(([device, operations]) => {
    const entries = entriesOf(operations, replica);
    const amountFen = entries.reduce((sum, { amount }) => sum + amount, 0);
    return { device, count: operations.length, amountFen, newest: entries.slice(0, listedMax) };
  });
}

/** Their numbers are also those of operations that count: nothing of those may be told of these. */
function entriesOf(operations: readonly Operation[], { books }: Source): HistoryEntry[] {
  const facts = { books, fold: { exception: () => undefined }, open: () => ({}) };
  return operations
    .filter(({ kind, body }) => ruleByKind[kind]?.read(body) !== undefined)
    .flatMap((operation) => readHistory([operation], facts))
    .map((entry, index) => ({ ...entry, index }))
    .sort((a, b) => b.atMs - a.atMs || b.index - a.index)
    .map(({ index: _, ...entry }) => ({
      ...entry,
      member: entry.kind === "MemberAdded" ? undefined : entry.member,
      reversedBy: undefined,
      standing: "quarantined",
      reason: "apart",
    }));
}
