import type { Operation } from "../journal/operation.ts";
import { chainOf, citedSequence } from "../journal/operation.ts";
import { type AuthorityState, type Device, roleAt } from "./authority-state.ts";
import { isAutomatic, isKnownKind, mayRecord } from "./permissions.ts";
import { capRole } from "./roles.ts";

export type QuarantineReason =
  | "unknown-device"
  | "other-store"
  | "unknown-staff"
  | "not-permitted"
  | "after-cut"
  | "other-organisation";

export type Verdict =
  | { verdict: "accepted"; late: boolean }
  /** stored and relayed, shown with its reason, counted for nothing */
  | { verdict: "quarantined"; reason: QuarantineReason }
  /** cites an authority entry that is not here yet */
  | { verdict: "waiting" }
  /** a kind of a later version: stored and relayed, not counted until this replica is updated */
  | { verdict: "unknown-kind" };

/**
 * Whether an operation counts: a pure function of the operation and the authority log, the same on
 * every replica. No wall clock takes part, so back-dating changes nothing.
 */
export function judge(operation: Operation, state: AuthorityState): Verdict {
  if (operation.org !== state.org) return quarantined("other-organisation");
  const seq = citedSequence(operation);
  const known = state.heads[seq];
  if (known === undefined) return { verdict: "waiting" };
  if (known !== operation.auth) return quarantined("not-permitted");
  const device = state.devices.get(operation.device);
  if (!device || device.since > seq) return quarantined("unknown-device");
  if (!device.server && device.store !== operation.store) return quarantined("other-store");
  if (device.server && !state.stores.has(operation.store)) return quarantined("other-store");
  if (!isKnownKind(operation.kind)) return { verdict: "unknown-kind" };
  const refusal = refusalOfPerson(operation, state, device, seq);
  if (refusal) return quarantined(refusal);
  if (!isBeyondCut(operation, device)) return { verdict: "accepted", late: false };
  // What an old server had already given out when it died still counts.
  return device.server && operation.kind === "ValueMoved"
    ? { verdict: "accepted", late: true }
    : quarantined("after-cut");
}

function refusalOfPerson(
  operation: Operation,
  state: AuthorityState,
  device: Device,
  seq: number,
): QuarantineReason | undefined {
  if (operation.staff === "") return isAutomatic(operation.kind) ? undefined : "not-permitted";
  const role = roleAt(state.staff.get(operation.staff), seq);
  if (role === undefined) return "unknown-staff";
  return mayRecord(capRole(role, device.ceiling), operation.kind) ? undefined : "not-permitted";
}

function isBeyondCut(operation: Operation, device: Device): boolean {
  if (!device.closed) return false;
  return operation.seq >= (device.closed.cut[chainOf(operation)]?.next ?? 0);
}

const quarantined = (reason: QuarantineReason): Verdict => ({ verdict: "quarantined", reason });
