import { purseFor } from "../../shared/access/authority-state.ts";
import { type Operation, type OperationRef, refOf } from "../../shared/journal/operation.ts";
import type { Books } from "../../shared/replica/books.ts";
import type { Ledger } from "../../shared/replica/ledger.ts";
import type { MemberRestored } from "../../shared/restoring/restore-kinds.ts";
import type { Restore } from "../../shared/restoring/restore-rules.ts";
import type { RestoredMember } from "../../shared/restoring/restore-subject.ts";
import { inParts, listingFor } from "./plan-restore.ts";
import { headsHash, type RestorePlan } from "./restore-plan.ts";

/** A batch that reverses this one and counts; of several the first by reference. */
export const undoingOf = (books: Books, ref: OperationRef): Restore | undefined =>
  [...books.restores.values()]
    .filter(({ closed, opened }) => closed && opened.undoes === ref)
    .sort((a, b) => (a.ref < b.ref ? -1 : 1))[0];

/**
 * The exact reversal of what one batch did: every amount the other way round, every field and listing as
 * it was before, unless somebody has changed it since.
 * @param operations of the batch, in sequence
 */
export function planUndo(
  restore: Restore,
  operations: readonly Operation[],
  now: Ledger,
  { reason, store }: { reason: string; store: string },
): RestorePlan {
  const { log } = now;
  const heads = now.heads();
  const { snapshot, time, scope } = restore.opened;
  const members = operations
    .filter(({ kind }) => kind === "MemberRestored")
    .flatMap((operation) => inParts(reversalOf(operation, now)))
    .filter(({ fields, listing, value }) =>
      Boolean(Object.keys(fields).length > 0 || listing || value.length > 0),
    );
  const facts = { snapshot, time, scope, reason, heads: headsHash(heads), undoes: restore.ref };
  return {
    chain: purseFor(log, log.server, store),
    facts,
    heads: Object.fromEntries(heads),
    authoritySeq: log.heads.length - 1,
    members,
  };
}

function reversalOf(operation: Operation, { books, log }: Ledger): RestoredMember {
  const ref = refOf(operation);
  const { member, fields, listing, value } = operation.body as unknown as MemberRestored;
  const record = books.members.get(member);
  const back: RestoredMember["fields"] = {};
  for (const [field, { cites }] of Object.entries(fields)) {
    const history = record?.historyByField.get(field);
    const [shown, ...others] = history?.heads() ?? [];
    if (shown?.ref !== ref || others.length > 0) continue;
    back[field] = { cites: [ref], from: history?.firstOf(cites)?.source };
  }
  const isLast = listing && record?.listing?.ref === ref;
  return {
    member,
    fields: back,
    listing: isLast ? listingFor(books, record, listing.is !== "hidden") : undefined,
    value: value.map((line) => ({
      ...line,
      purse: purseFor(log, log.server, line.store),
      term: log.term,
      principal: 0 - line.principal,
      bonus: 0 - line.bonus,
    })),
  };
}
