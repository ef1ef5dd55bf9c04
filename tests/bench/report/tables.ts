import type { FoldRow } from "../parts/fold-part.ts";
import type { KillRow } from "../parts/kill-part.ts";
import type { LoadRow } from "../parts/load-part.ts";
import type { RefillRow } from "../parts/refill-part.ts";
import type { SnapshotRow } from "../parts/snapshot-part.ts";
import type { StoredRow } from "../parts/stored-part.ts";

export interface BenchResults {
  /** yyyy-mm-dd */
  date: string;
  machine: { cpu: string; cores: number; memoryGb: number; node: string };
  saturated: LoadRow[];
  steady: LoadRow[];
  kill: KillRow[];
  stored: StoredRow[];
  refill: RefillRow[];
  fold: FoldRow[];
  snapshots: SnapshotRow[];
}

/** Everything that was measured, as Markdown. */
export function tablesOf(results: BenchResults): string {
  const { date, machine, saturated, steady, kill, stored, refill, fold, snapshots } = results;
  const loadHead = [
    "system",
    "clients",
    "acknowledged means",
    "updates/s",
    "ack p50 · p99, ms",
    "seen by another p50 · p99, ms",
    "server CPU per update, µs",
    "generator busy",
  ];
  const parts = [
    `${date}, ${machine.cores} cores (${machine.cpu}), ${machine.memoryGb} GB, Node ${machine.node}`,
    section("20 clients, as fast as acknowledgements come", loadHead, saturated.map(loadCells)),
    section("20 clients, 400 updates a second together", loadHead, steady.map(loadCells)),
    section(
      "kill -9 after 200 acknowledgements",
      ["system", "pace", "acknowledged", "of these lost"],
      kill.map(({ system, pace, acknowledged, lost }) => [system, pace, acknowledged, lost]),
    ),
    section(
      "A server starts on what is stored",
      [
        "system",
        "operations",
        "listens after, s",
        "first client has all, s",
        "second, s",
        "complete",
        "RSS, MB",
        "CPU, s",
        "written for one more operation",
      ],
      stored.map((row) => [
        row.system,
        row.operations,
        row.startSeconds.toFixed(1),
        row.firstSeconds.toFixed(1),
        row.secondSeconds.toFixed(1),
        row.complete ? "yes" : "no",
        Math.round(row.rssMb),
        row.cpuSeconds.toFixed(1),
        bytesText(row.bytesPerOperation),
      ]),
    ),
    section(
      "An emptied server is refilled by one device",
      ["system", "operations", "came back", "s", "written, MB", "a device's own first fetch, s"],
      refill.map((row) => [
        row.system,
        row.operations,
        row.cameBack,
        row.refillSeconds.toFixed(1),
        Math.round(row.diskMb),
        row.joinSeconds?.toFixed(1) ?? "",
      ]),
    ),
    section(
      "Ours alone",
      ["what", "count", "s", "a second", "state hash, s", "RSS, MB"],
      fold.map(({ what, count, seconds, stateHashSeconds, rssMb }) => [
        what,
        count,
        seconds.toFixed(2),
        Math.round(count / seconds),
        stateHashSeconds?.toFixed(2) ?? "",
        Math.round(rssMb),
      ]),
    ),
    section(
      "Versions on the server's own disk",
      ["what", "members", "operations", "s", "written"],
      snapshots.map(({ what, members, operations, seconds, bytes }) => [
        what,
        members,
        operations,
        seconds.toFixed(2),
        bytesText(bytes),
      ]),
    ),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

const loadCells = (row: LoadRow): (string | number)[] => [
  row.system,
  row.clients,
  row.acknowledgedMeans,
  Math.round(row.perSecond),
  `${row.ackMs.p50.toFixed(1)} · ${row.ackMs.p99.toFixed(1)}`,
  `${row.propagationMs.p50.toFixed(1)} · ${row.propagationMs.p99.toFixed(1)}`,
  Math.round((row.serverBusy * row.seconds * 1e6) / row.updates),
  `${Math.round(row.generatorBusy * 100)} %`,
];

function section(
  title: string,
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  if (rows.length === 0) return "";
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [`### ${title}`, "", line(head), line(head.map(() => "---")), ...rows.map(line)].join(
    "\n",
  );
}

function bytesText(bytes: number): string {
  if (bytes < 10_000) return `${Math.round(bytes)} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
