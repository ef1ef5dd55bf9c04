import { hashText } from "../../shared/journal/bytes.ts";
import { canonicalJson } from "../../shared/journal/canonical-json.ts";
import type { ChainHead, Heads } from "../../shared/journal/chain.ts";
import type { ChainId, OperationRef } from "../../shared/journal/operation.ts";
import type { RestoredMember, RestoreFacts } from "../../shared/restoring/restore-subject.ts";
import { subjectOfRestore } from "../../shared/restoring/restore-subject.ts";

/** `all`, `store:ID` or `member:REF`. */
export type RestoreScope = "all" | `store:${string}` | `member:${OperationRef}`;

/** Exactly what is to be done, as it is kept from the proposal to the deed. */
export interface RestorePlan {
  /** chain of this server in which it will stand */
  chain: ChainId;
  facts: RestoreFacts;
  /** up to where it was compared; what came later stands as it is */
  heads: Record<ChainId, ChainHead>;
  /** newest entry of the authority log then */
  authoritySeq: number;
  members: RestoredMember[];
}

export const subjectOf = ({ chain, facts, members }: RestorePlan): string =>
  subjectOfRestore(chain, facts, members);

/** What stands in an approval of where everything was. */
export const headsHash = (heads: Heads): string =>
  hashText(
    canonicalJson(
      [...heads]
        .filter(([, { next }]) => next > 0)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([chain, { next, hash }]) => [chain, next, hash]),
    ),
  );
