import { readEntry } from "../../shared/access/authority-entry.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import type { Run } from "../../shared/journal/run.ts";
import { readSeal } from "../../shared/journal/seal.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { linesOf, readRescue } from "../../shared/replica/rescue-file.ts";
import {
  emptyReport,
  type RescueFault,
  type RescueReport,
} from "../../shared/replica/take-rescue.ts";
import type { Relay } from "../relay/relay.ts";

/**
 * Takes what a rescue file holds and this server lacks, run by run, as if a device had brought it.
 * Members' keys stay sealed: devices bring them.
 */
export async function takeRescueAtServer(
  relay: Relay,
  text: AsyncIterable<string>,
): Promise<Result<RescueReport, RescueFault | "not-founded">> {
  if (!relay.authority) return refuse("not-founded");
  const report = emptyReport();
  let isRescueFile = false;
  for await (const piece of readRescue(linesOf(text))) {
    isRescueFile ||= piece.type !== "damaged";
    if (piece.type === "header") {
      if (piece.header.org !== relay.authority.org) return refuse("other-organisation");
      report.header = piece.header;
    } else if (piece.type === "authority")
      report.entries += await takeEntries(relay, piece.entries);
    else if (piece.type === "runs") for (const run of piece.runs) await takeRun(relay, run, report);
    else if (piece.type === "damaged") report.damagedLines.push(piece.line);
    else if (piece.type === "end") report.isCut = false;
  }
  if (!isRescueFile) return refuse("no-rescue-file");
  const heads = relay.heads();
  report.missing = (report.header?.heads ?? []).flatMap(([chain, next]) => {
    const from = heads.get(chain)?.next ?? 0;
    return next > from ? [{ chain, from, to: next - 1 }] : [];
  });
  return done(report);
}

async function takeRun(relay: Relay, run: Run, report: RescueReport): Promise<void> {
  const chain = readSeal(run.seal)?.chain ?? "";
  const before = chain === "" ? 0 : (relay.heads().get(chain)?.next ?? 0);
  const apart = relay.branches().length;
  report.operations += run.operations.length;
  const answer = await relay.submit(run);
  if (answer.ok) report.taken += answer.next - before;
  else if (answer.code === "apart" && relay.branches().length > apart)
    report.taken += run.operations.length;
  else if (answer.code !== "apart") report.refused++;
}

async function takeEntries(relay: Relay, entries: readonly string[]): Promise<number> {
  const known = relay.documentLength(authorityDocument);
  const fresh = entries.filter((text) => (readEntry(text)?.seq ?? -1) >= known);
  if (fresh.length === 0) return 0;
  const taken = await relay.tails.take(authorityDocument, known, fresh);
  return taken.code === undefined ? fresh.length : 0;
}
