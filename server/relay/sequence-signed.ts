import type { AuthorityProposal } from "../../shared/access/authority-entry.ts";
import { type AuthorityKey, signEntry } from "../../shared/access/sign-entry.ts";
import { type Result, refuse } from "../../shared/outcome/result.ts";
import type { Relay } from "./relay.ts";

const triesMost = 5;

/** Signs an entry on this machine and has it sequenced; signs again where another one came first. */
export async function sequenceSigned(
  relay: Pick<Relay, "ledger" | "sequence">,
  proposal: AuthorityProposal,
  keys: readonly AuthorityKey[],
  nowMs: number,
): Promise<Result<string, string>> {
  for (let tried = 0; tried < triesMost; tried++) {
    const text = await signEntry(relay.ledger.log, proposal, keys, nowMs);
    const sequenced = await relay.sequence(text);
    if (sequenced.ok || sequenced.refusal !== "not-next") return sequenced;
  }
  return refuse("not-next");
}
