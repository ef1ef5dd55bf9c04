import { authorityHead } from "../access/authority-state.ts";
import type { ChainId } from "../journal/operation.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { LoadedLedger } from "./loaded-ledger.ts";
import type { OwnState } from "./server-watch.ts";
import type { StateSummary } from "./state-hash.ts";

/** What a device holds, as a witness of what its server says. */
export function ownStateOf(
  { ledger, reader, branches }: LoadedLedger,
  own: ChainId,
  { nowMs, summary }: { nowMs: number; summary: () => StateSummary },
): OwnState {
  return {
    nowMs,
    summary,
    hashAt: (chain, next) => reader.hashAt(chain, next),
    head: (chain) => ledger.head(chain),
    authorityAt: (seq) => ledger.log.heads[seq],
    isDisputed: (chain) =>
      chain === own || branches.list().some((branch) => branch.chain === chain),
    isSameHeads: ({ heads, apart, authority }: Checkpoint) => {
      const here = new Map([...ledger.heads()].filter(([, { next }]) => next > 0));
      const shown = heads.filter(([, next]) => next > 0);
      return (
        shown.length === here.size &&
        shown.every(([chain, next, hash]) => {
          const head = here.get(chain);
          return head?.next === next && head.hash === hash;
        }) &&
        apart.length === ledger.apart.size &&
        authority === authorityHead(ledger.log)
      );
    },
  };
}
