import type { Operation } from "../journal/operation.ts";
import { chainOf, citedSequence } from "../journal/operation.ts";
import {
  type AuthorityState,
  type Closing,
  type Cut,
  type Device,
  type Rights,
  roleAt,
  roleNow,
} from "./authority-state.ts";
import { isInForce } from "./lost-path.ts";
import { isAutomatic, isKnownKind, mayRecord } from "./permissions.ts";
import { mayRestore } from "./restoring-rights.ts";
import { capRole, type Role } from "./roles.ts";

export type QuarantineReason =
  | "unknown-device"
  | "other-store"
  | "unknown-staff"
  | "not-permitted"
  | "after-cut"
  | "other-organisation"
  /** cites an entry that a recovery left behind and that nobody has brought */
  | "lost-rights"
  /** by rights that a recovery left behind and that the owner has not given again */
  | "rights-not-reinstated";

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
  const cited = citedRights(operation, state);
  if ("verdict" in cited) return cited;
  const { rights, before } = cited;
  const seq = citedSequence(operation);
  const device = rights.devices.get(operation.device);
  if (!device || device.since > seq) return quarantined("unknown-device");
  if (!device.server && device.store !== operation.store) return quarantined("other-store");
  if (device.server && !rights.stores.has(operation.store)) return quarantined("other-store");
  if (!isKnownKind(operation.kind)) return { verdict: "unknown-kind" };
  const refusal = refusalOfPerson(
    operation,
    device,
    roleAt(rights.staff.get(operation.staff), seq),
  );
  if (refusal) return quarantined(refusal);
  if (!mayRestore(operation, device, state)) return quarantined("not-permitted");
  const isGivenAgain = !before || isGivenBefore(operation, before, state);
  if (!isGivenAgain) return quarantined("rights-not-reinstated");
  const { closed } = state.devices.get(operation.device) ?? device;
  const knewSince = device.closed?.since ?? Number.POSITIVE_INFINITY;
  const standing = standingAtCut(operation, closed, { knew: seq >= knewSince });
  return standing === "beyond"
    ? quarantined("after-cut")
    : { verdict: "accepted", late: standing === "late" };
}

/**
 * Beyond a cut counts what was recorded in good faith: by a device of which nobody knew where it stood
 * when another was enrolled in its place, or given out by a server that had died. Not so where the
 * device was stopped, where its other history counts, or where it knew that it had been replaced.
 * @param knew whether the author had seen the entry that closed it
 */
function standingAtCut(
  operation: Operation,
  closed: Closing | undefined,
  { knew }: { knew: boolean },
): "in time" | "late" | "beyond" {
  if (!closed) return "in time";
  if (closed.end && isBeyond(operation, closed.end)) return "beyond";
  if (!isBeyond(operation, closed.cut)) return "in time";
  if (closed.why === "replaced") return knew ? "beyond" : "late";
  const isGivenOut = closed.why === "server-replaced" && operation.kind === "ValueMoved";
  return isGivenOut ? "late" : "beyond";
}

/**
 * The rights by which an operation is judged: of our log, or of one that a recovery left behind.
 * @returns with `before` where of the latter only those count that it shared with ours
 */
function citedRights(
  operation: Operation,
  state: AuthorityState,
): { rights: Rights; before?: Rights } | Verdict {
  const { auth, term } = operation;
  const known = state.heads[citedSequence(operation)];
  if (known === auth) return { rights: state };
  const lost = state.lost.get(auth);
  if (lost) {
    const { rights, before } = lost;
    return isInForce(state, auth) ? { rights } : { rights, before };
  }
  if (known === undefined && term >= state.term) return { verdict: "waiting" };
  return quarantined(term < state.term ? "lost-rights" : "not-permitted");
}

/** Whether the device and the person had the right before the logs parted, or have it by ours today. */
function isGivenBefore(operation: Operation, before: Rights, state: AuthorityState): boolean {
  const { device: id, staff } = operation;
  const device = before.devices.get(id) ?? state.devices.get(id);
  if (!device) return false;
  return refusalOfPerson(operation, device, roleNow(before.staff.get(staff))) === undefined;
}

function refusalOfPerson(
  { staff, kind }: Operation,
  { ceiling }: Device,
  role: Role | undefined,
): QuarantineReason | undefined {
  if (staff === "") return isAutomatic(kind) ? undefined : "not-permitted";
  if (role === undefined) return "unknown-staff";
  return mayRecord(capRole(role, ceiling), kind) ? undefined : "not-permitted";
}

const isBeyond = (operation: Operation, cut: Cut): boolean =>
  operation.seq >= (cut[chainOf(operation)]?.next ?? 0);

const quarantined = (reason: QuarantineReason): Verdict => ({ verdict: "quarantined", reason });
