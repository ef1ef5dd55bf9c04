import type { AuthorityProposal } from "../../shared/access/authority-entry.ts";
import {
  newRecoveryKey,
  type RecoveryKey,
  recoveryPublic,
  recoverySigner,
} from "../../shared/access/recovery-key.ts";
import { subjectOfReplacement } from "../../shared/access/replace-recovery.ts";
import type { AuthorityKey } from "../../shared/access/sign-entry.ts";
import { seededRandom } from "./organisation.ts";

export const cardNamed = (name: string): RecoveryKey => newRecoveryKey(seededRandom(name));

export const cardKey = (card: RecoveryKey): AuthorityKey => ({
  by: "recovery",
  signer: recoverySigner(card),
});

/** That a new card is wanted; the new card signs it besides whoever wants it. */
export function replacementBy(card: RecoveryKey, proposal = "r1"): AuthorityProposal {
  const recovery = recoveryPublic(card);
  const subject = subjectOfReplacement(recovery);
  const text = "换恢复卡";
  return {
    kind: "ActProposed",
    body: { proposal, act: "replace-recovery-key", subject, text, recovery },
  };
}

export const replaced = (card: RecoveryKey, proposal = "r1"): AuthorityProposal => ({
  kind: "RecoveryKeyReplaced",
  body: { proposal, recovery: recoveryPublic(card) },
});
