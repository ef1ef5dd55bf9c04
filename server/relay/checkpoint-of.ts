import { authorityHead } from "../../shared/access/authority-state.ts";
import type { Checkpoint } from "../../shared/replica/checkpoint.ts";
import type { Ledger } from "../../shared/replica/ledger.ts";

/** What a server holds, as it would be signed; without the state hash. */
export function checkpointOf(
  ledger: Ledger,
  facts: { device: string; nowMs: number; documents: readonly { name: string; length: number }[] },
): Checkpoint {
  const { log, books } = ledger;
  const heads = [...ledger.heads()].filter(([, { next }]) => next > 0);
  return {
    v: 1,
    org: log.org,
    term: log.term,
    server: facts.device,
    at: facts.nowMs,
    authority: authorityHead(log),
    fold: log.fold,
    documents: facts.documents.map(({ name, length }) => [name, length]),
    heads: heads.map(([chain, { next, hash }]) => [chain, next, hash]),
    apart: [...ledger.apart].sort(),
    operations: heads.reduce((sum, [, { next }]) => sum + next, 0),
    members: books.members.size,
    trialBalance: books.accounts.accounts(),
    state: "",
  };
}
