import { readEntry } from "../access/authority-entry.ts";
import { authorityDocument } from "../documents/document-name.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import type { DeviceReplica } from "./device-replica.ts";
import type { RescueHeader, RescuePiece, RescueProgress } from "./rescue-file.ts";
import type { Missing } from "./witness.ts";

/** What a rescue file brought. */
export interface RescueReport {
  /** whose replica it was, and when; undefined where the file's first line is damaged */
  header: RescueHeader | undefined;
  /** operations in the file, and those of them that were new here */
  operations: number;
  taken: number;
  /** runs that do not check */
  refused: number;
  /** entries of the authority log that were new here */
  entries: number;
  /** numbers of the lines that are damaged; what stood in them is missing unless it is here */
  damagedLines: number[];
  /** the file ends before its end */
  isCut: boolean;
  /** operations that the file's beginning promises and that are not here */
  missing: Missing[];
}

/** Nothing was read yet: as if the file had been cut off before its first line. */
export const emptyReport = (): RescueReport => ({
  header: undefined,
  operations: 0,
  taken: 0,
  refused: 0,
  entries: 0,
  damagedLines: [],
  isCut: true,
  missing: [],
});

export type RescueFault = "no-rescue-file" | "other-organisation" | "cancelled";

/**
 * Takes what a rescue file holds and this device lacks; nothing here is overwritten, and what comes is
 * checked like everything else. What is new goes on to the server by itself.
 * @throws StoreFault
 */
export async function takeRescue(
  replica: DeviceReplica,
  pieces: AsyncIterable<RescuePiece>,
  options: { onProgress?: (progress: RescueProgress) => void; shouldStop?: () => boolean } = {},
): Promise<Result<RescueReport, RescueFault>> {
  const report = emptyReport();
  let isRescueFile = false;
  for await (const piece of pieces) {
    if (options.shouldStop?.()) return refuse("cancelled");
    if (piece.type === "header" && piece.header.org !== replica.authority.org)
      return refuse("other-organisation");
    isRescueFile ||= piece.type !== "damaged";
    await takePiece(replica, piece, report);
    options.onProgress?.({ done: report.operations, total: promisedBy(report.header) });
  }
  if (!isRescueFile) return refuse("no-rescue-file");
  report.missing = missingOf(replica, report.header);
  return done(report);
}

async function takePiece(
  replica: DeviceReplica,
  piece: RescuePiece,
  report: RescueReport,
): Promise<void> {
  switch (piece.type) {
    case "header":
      report.header = piece.header;
      return;
    case "authority":
      report.entries += await takeEntries(replica, piece.entries);
      return;
    case "runs": {
      report.operations += piece.runs.reduce((sum, { operations }) => sum + operations.length, 0);
      const { taken, refused } = await replica.receiveRuns(piece.runs);
      report.taken += taken;
      report.refused += refused;
      return;
    }
    case "damaged":
      report.damagedLines.push(piece.line);
      return;
    case "end":
      report.isCut = false;
      return;
    case "keys":
      return;
  }
}

/** Only what goes on from our own log is taken. */
async function takeEntries(replica: DeviceReplica, entries: readonly string[]): Promise<number> {
  const known = replica.documentLength(authorityDocument);
  const fresh = entries.filter((text) => (readEntry(text)?.seq ?? -1) >= known);
  if (fresh.length === 0) return 0;
  const taken = await replica.receive(authorityDocument, known, fresh);
  return taken.ok ? fresh.length : 0;
}

const promisedBy = (header: RescueHeader | undefined): number =>
  header?.heads.reduce((sum, [, next]) => sum + next, 0) ?? 0;

function missingOf(replica: DeviceReplica, header: RescueHeader | undefined): Missing[] {
  const here = replica.heads();
  return (header?.heads ?? []).flatMap(([chain, next]) => {
    const from = here.get(chain)?.next ?? 0;
    return next > from ? [{ chain, from, to: next - 1 }] : [];
  });
}
