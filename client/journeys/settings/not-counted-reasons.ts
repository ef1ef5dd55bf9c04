import type { records } from "../../i18n/sayings/records.ts";

export type KnownReason = Exclude<keyof typeof records.reasons, "other">;
export type NextStep = keyof typeof records.next;

/** What a shop does about an operation that does not count, by the reason. */
const nextByReason: Readonly<Record<KnownReason, NextStep>> = {
  "unknown-device": "record-again",
  "other-store": "record-again",
  "unknown-staff": "permit",
  "not-permitted": "permit",
  "after-cut": "record-again",
  "other-organisation": "nothing",
  "lost-rights": "go-online",
  "rights-not-reinstated": "permit",
  malformed: "check-device",
  "not-its-batch": "import-again",
  "batch-incomplete": "import-again",
  "unsound-line": "check-device",
  "credit-named-twice": "check-device",
  overspent: "settle",
  "not-own-purse": "settle",
  "not-that-credit": "settle",
  "not-a-member": "check-device",
  "builds-on-uncounted": "record-again",
  "tenders-do-not-sum": "check-device",
  "lot-and-purse-differ": "check-device",
  "not-a-lot": "check-device",
  "other-term": "check-device",
  "does-not-balance": "check-device",
  "other-batch": "check-device",
  "not-the-whole-lot": "check-device",
  "discount-does-not-fit": "check-device",
  "stored-value-does-not-fit": "check-device",
  "another-members-value": "settle",
  "cannot-be-reversed": "check-device",
  "not-an-import": "check-device",
  "batch-open": "import-again",
  "already-done": "nothing",
  "not-a-value": "check-device",
  "needs-record": "go-online",
  "needs-value": "go-online",
  "newer-version": "update",
};

/** @returns undefined for a reason of a later version, which is then shown as it came */
export function nextStepOf(reason: string): { reason: KnownReason; next: NextStep } | undefined {
  if (!Object.hasOwn(nextByReason, reason)) return undefined;
  const known = reason as KnownReason;
  return { reason: known, next: nextByReason[known] };
}
