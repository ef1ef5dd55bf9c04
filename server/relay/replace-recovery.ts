import type { AuthorityState } from "../../shared/access/authority-state.ts";
import type { Proposal } from "../../shared/access/proposal.ts";
import { needsCard, openProposals, standingOf } from "../../shared/access/proposals.ts";
import { mayTimeReplace, replaceWaitMs } from "../../shared/access/replace-recovery.ts";
import type { AuthorityKey } from "../../shared/access/sign-entry.ts";
import type { RaiseAlarm } from "./alarms.ts";
import type { Relay } from "./relay.ts";
import { sequenceSigned } from "./sequence-signed.ts";

export interface ReplacingDeps {
  relay: Pick<Relay, "authority" | "ledger" | "sequence">;
  /** this server's own name and key */
  key: AuthorityKey;
  alarm: RaiseAlarm;
  nowMs: number;
}

/**
 * The server's part in replacing the recovery card: it lets the day begin where an owner is alone and
 * has no card, and puts the new card in force once it was approved and the time has come.
 * @returns proposals by which the card was replaced
 */
export async function settleReplacements(deps: ReplacingDeps): Promise<string[]> {
  const replaced: string[] = [];
  for (const proposal of replacementsIn(deps.relay.authority)) {
    if (await begin(deps, proposal)) continue;
    if (await putInForce(deps, proposal)) replaced.push(proposal.id);
  }
  return replaced;
}

const replacementsIn = (authority: AuthorityState | undefined): Proposal[] =>
  authority ? openProposals(authority).filter(({ act }) => act === "replace-recovery-key") : [];

async function begin({ relay, key, nowMs }: ReplacingDeps, proposal: Proposal): Promise<boolean> {
  const { authority } = relay;
  if (!authority || proposal.approval) return false;
  if (!mayTimeReplace(authority, proposal, needsCard(authority, proposal))) return false;
  const until = nowMs + replaceWaitMs;
  const body = { proposal: proposal.id, until };
  const begun = await sequenceSigned(relay, { kind: "ActApproved", body }, [key], nowMs);
  return begun.ok;
}

async function putInForce(
  { relay, key, alarm, nowMs }: ReplacingDeps,
  { id, recovery }: Proposal,
): Promise<boolean> {
  const { authority } = relay;
  const proposal = authority?.proposals.get(id);
  if (!authority || !proposal || !recovery) return false;
  if (standingOf(authority, proposal, nowMs).is !== "approved") return false;
  const body = { proposal: id, recovery };
  const replaced = await sequenceSigned(relay, { kind: "RecoveryKeyReplaced", body }, [key], nowMs);
  if (replaced.ok) alarm({ kind: "recovery-key-replaced", detail: { what: proposal.text } });
  return replaced.ok;
}

/** Somebody has until then to withdraw it. */
export const waitingAlarm = ({ text }: Proposal, untilMs: number) =>
  ({
    kind: "approval-waiting",
    detail: { what: text, until: new Date(untilMs).toISOString() },
  }) as const;
