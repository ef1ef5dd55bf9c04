import { citedSequence, type Operation } from "../journal/operation.ts";
import type { AuthorityState, Device } from "./authority-state.ts";

const serversKinds: ReadonlySet<string> = new Set([
  "RestoreOpened",
  "MemberRestored",
  "RestoreClosed",
  "DisputeSettled",
]);

/**
 * Going back to a version is a server's to record, and its opening names the approval that it rests on:
 * of exactly this plan, used up in an entry of our log that it cites or that came before.
 */
export function mayRestore(
  operation: Operation,
  { server }: Device,
  { proposals, heads }: AuthorityState,
): boolean {
  const { kind, auth, body } = operation;
  if (!serversKinds.has(kind)) return true;
  if (!server || kind !== "RestoreOpened") return server;
  const { proposal, subject } = body;
  const approved = typeof proposal === "string" ? proposals.get(proposal) : undefined;
  const cited = citedSequence(operation);
  return (
    approved?.act === "restore-version" &&
    approved.subject === subject &&
    approved.doneSeq !== undefined &&
    approved.doneSeq <= cited &&
    heads[cited] === auth
  );
}
