import { type Operation, readOperation, refOf, splitRef } from "../../shared/journal/operation.ts";
import type { Run } from "../../shared/journal/run.ts";
import { readSeal } from "../../shared/journal/seal.ts";
import type { DeviceReplica } from "../../shared/replica/device-replica.ts";
import type { Exception } from "../../shared/replica/fold-journal.ts";
import { ruleByKind } from "../../shared/replica/kind-rules.ts";
import type { HistoryEntry } from "../../shared/replica/member-history.ts";
import { readHistory } from "../../shared/replica/read-history.ts";

/** Operations that do not count for one reason: how many, and the newest of them in plain. */
export interface NotCounted {
  standing: Exception["standing"];
  reason: string;
  count: number;
  /** newest first, at most `listedMax` */
  newest: HistoryEntry[];
}

const listedMax = 50;

/** Everything that is kept but not counted, by standing and reason; read from the store. */
export async function readNotCounted(
  replica: Pick<DeviceReplica, "exceptions" | "runsFrom" | "books">,
): Promise<NotCounted[]> {
  const groups = new Map<string, Exception[]>();
  for (const exception of replica.exceptions()) {
    const key = `${exception.standing} ${reasonOf(exception)}`;
    const group = groups.get(key);
    if (group) group.push(exception);
    else groups.set(key, [exception]);
  }
  const runs = new Map<string, Promise<Run | undefined>>();
  const found: NotCounted[] = [];
  for (const group of groups.values()) {
    const [first] = group;
    if (!first) continue;
    const newest = await entriesOf(group.slice(-listedMax), replica, runs);
    found.push({ standing: first.standing, reason: reasonOf(first), count: group.length, newest });
  }
  return found;
}

/** A waiting operation names what it waits for: an operation, or a part of a balance. */
export function reasonOf({ standing, reason }: Pick<Exception, "standing" | "reason">): string {
  if (standing === "unknown-kind") return "newer-version";
  if (standing !== "waiting" || reason === "batch-open") return reason;
  return reason.includes("#") ? "needs-value" : "needs-record";
}

async function entriesOf(
  exceptions: readonly Exception[],
  replica: Pick<DeviceReplica, "runsFrom" | "books">,
  runs: Map<string, Promise<Run | undefined>>,
): Promise<HistoryEntry[]> {
  const operations: Operation[] = [];
  for (const { ref } of exceptions) {
    const operation = await operationAt(ref, replica, runs);
    if (operation) operations.push(operation);
  }
  const byRef = new Map(exceptions.map((exception) => [exception.ref, exception]));
  const kindByRef = new Map(operations.map((operation) => [refOf(operation), operation.kind]));
  const facts = {
    books: replica.books,
    fold: { exception: (ref: string) => byRef.get(ref) },
    open: () => ({}),
  };
  return readHistory(operations.map(readable), facts).map((entry) => ({
    ...entry,
    kind: kindByRef.get(entry.ref) ?? entry.kind,
  }));
}

/** Runs are read once: what does not count often came together. */
async function operationAt(
  ref: string,
  replica: Pick<DeviceReplica, "runsFrom">,
  runs: Map<string, Promise<Run | undefined>>,
): Promise<Operation | undefined> {
  const { chain, seq } = splitRef(ref);
  const reading =
    runs.get(ref) ?? replica.runsFrom(chain, seq, 1).then(([run]): Run | undefined => run);
  const run = await reading;
  const seal = run && readSeal(run.seal);
  if (!run || !seal) return undefined;
  for (let at = seal.first; at <= seal.last; at++) runs.set(`${chain}:${at}`, reading);
  return readOperation(run.operations[seq - seal.first] ?? "");
}

/** Of a body that is not what its kind says, only the member is read, if it is one. */
function readable(operation: Operation): Operation {
  if (ruleByKind[operation.kind]?.read(operation.body) !== undefined) return operation;
  const { member } = operation.body as { member?: unknown };
  return { ...operation, kind: "", body: typeof member === "string" ? { member } : {} };
}
