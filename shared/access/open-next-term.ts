import type { Heads } from "../journal/chain.ts";
import { deviceOfChain } from "../journal/operation.ts";
import type { AuthorityProposal } from "./authority-entry.ts";
import type { AuthorityState } from "./authority-state.ts";
import { type RecoveryKey, recoveryPublic, recoverySigner } from "./recovery-key.ts";
import { signEntry } from "./sign-entry.ts";

/** Whether the words on the card are those of this organisation. */
export const isRecoveryKeyOf = (state: AuthorityState, recovery: RecoveryKey): boolean =>
  state.recovery.sign === recoveryPublic(recovery).sign;

/**
 * The entry that closes the old server's identity and opens a new server's: the same shop under a new
 * term. What the old server did up to the cut counts; the new one inherits its purse.
 * @param heads how far the old server's chains are known
 * @returns the entry's text, signed by the recovery key
 */
export function openNextTerm(
  state: AuthorityState,
  { heads, server: { device, key } }: { heads: Heads; server: { device: string; key: string } },
  recovery: RecoveryKey,
  nowMs: number,
): Promise<string> {
  const own = [...heads].filter(
    ([chain, { next }]) => deviceOfChain(chain) === state.server && next > 0,
  );
  const proposal: AuthorityProposal = {
    kind: "TermOpened",
    body: {
      term: state.term + 1,
      // Never the whole of it: whoever opens a server also has its secret.
      server: { device, key },
      closes: state.server,
      cut: Object.fromEntries(own.map(([chain, { next, hash }]) => [chain, { next, hash }])),
    },
  };
  return signEntry(state, proposal, [{ by: "recovery", signer: recoverySigner(recovery) }], nowMs);
}
