import type { AuthorityBody, AuthorityEntry } from "./authority-entry.ts";
import { type AuthorityState, isStoppable, roleNow } from "./authority-state.ts";
import { openThrough } from "./lost-path.ts";
import { faultOfProposal } from "./proposals.ts";

export type AuthorityFault =
  | "malformed"
  | "other-organisation"
  | "not-next"
  | "bad-signature"
  | "not-entitled"
  | "already-used"
  | "unknown-subject"
  | "beyond-invitation";

/** Who may write an entry, and whether it fits what the log already says. */
export function faultOf(
  state: AuthorityState,
  entry: AuthorityEntry,
  signed: ReadonlySet<string>,
): AuthorityFault | undefined {
  const byRecovery = signed.has(`recovery ${state.recovery.sign}`);
  const byOwner = [...state.staff.values()].some(
    (person) =>
      roleNow(person) === "owner" &&
      person.keys.some((key) => signed.has(`staff:${person.id} ${key}`)),
  );
  switch (entry.kind) {
    case "OrganisationFounded":
      return "not-entitled";
    case "TermOpened":
      if (!byRecovery) return "not-entitled";
      if (entry.body.term !== state.term + 1 || entry.body.closes !== state.server)
        return "unknown-subject";
      return state.devices.has(entry.body.server.device) ? "already-used" : undefined;
    case "DeviceEnrolled":
      return faultOfEnrolment(state, entry.body, signed, byRecovery);
    case "DeviceSucceeded":
      return faultOfSuccession(state, entry.body, signed);
    case "DeviceFrozen":
      if (!byOwner && !byRecovery && !isSignedByDevice(state, state.server, signed))
        return "not-entitled";
      return isToBeStopped(state, entry.body.device) ? undefined : "unknown-subject";
    case "LostEntriesRecorded":
      // Whoever carries them, they are signed by those entitled, and grant nothing by themselves.
      return byOwner || byRecovery || isSignedByDevice(state, state.server, signed)
        ? undefined
        : "not-entitled";
    case "ActProposed":
    case "ActApproved":
    case "ActWithdrawn":
    case "ActDone":
    case "RecoveryKeyReplaced":
      return faultOfProposal(state, entry);
    default:
      if (!byOwner && !byRecovery) return "not-entitled";
  }
  switch (entry.kind) {
    case "StoreAdded":
      return state.stores.has(entry.body.store) ? "already-used" : undefined;
    case "StaffAdded":
      return state.staff.has(entry.body.staff) ? "already-used" : undefined;
    case "StaffChanged":
      return state.staff.has(entry.body.staff) ? undefined : "unknown-subject";
    case "DeviceInvited": {
      const { key, store, staff, replaces } = entry.body;
      if (state.invitations.has(key)) return "already-used";
      if (!state.stores.has(store)) return "unknown-subject";
      if (staff !== undefined && !state.staff.has(staff)) return "unknown-subject";
      return replaces !== undefined && !isReplaceable(state, replaces)
        ? "unknown-subject"
        : undefined;
    }
    case "SuccessionSettled": {
      const closed = state.devices.get(entry.body.device)?.closed;
      if (!closed?.by) return "unknown-subject";
      return closed.settledSince === undefined ? undefined : "already-used";
    }
    case "EntriesReinstated":
    case "EntriesDismissed": {
      const open = openThrough(state, entry.body.through);
      if (!open) return "unknown-subject";
      const isAnswered = open.every(
        ({ standing }) => standing === "dismissed" && entry.kind === "EntriesDismissed",
      );
      return isAnswered ? "already-used" : undefined;
    }
    case "TopUpPresetsSet":
      return undefined;
  }
}

function faultOfEnrolment(
  state: AuthorityState,
  body: AuthorityBody<"DeviceEnrolled">,
  signed: ReadonlySet<string>,
  byRecovery: boolean,
): AuthorityFault | undefined {
  if (state.devices.has(body.device)) return "already-used";
  if (!state.stores.has(body.store)) return "unknown-subject";
  if (body.staff !== undefined && !state.staff.has(body.staff)) return "unknown-subject";
  if (body.replaces !== undefined && (!body.cut || !isReplaceable(state, body.replaces)))
    return "unknown-subject";
  if (byRecovery) return undefined;
  const invitation = [...state.invitations.values()].find((open) =>
    signed.has(`invitation:${open.key} ${open.key}`),
  );
  if (!invitation) return "not-entitled";
  if (invitation.used) return "already-used";
  const within =
    invitation.store === body.store &&
    invitation.ceiling === body.ceiling &&
    invitation.till === body.till &&
    invitation.staff === body.staff &&
    invitation.replaces === body.replaces &&
    (body.staffKey === undefined || body.staff !== undefined);
  return within ? undefined : "beyond-invitation";
}

/** Its own key vouches for the same device under another name, once. */
function faultOfSuccession(
  state: AuthorityState,
  { device, key, replaces, cut }: AuthorityBody<"DeviceSucceeded">,
  signed: ReadonlySet<string>,
): AuthorityFault | undefined {
  if (!isSignedByDevice(state, replaces, signed)) return "not-entitled";
  if (state.devices.has(device)) return "already-used";
  if ([...state.devices.values()].some((known) => known.key === key)) return "already-used";
  if (!isReplaceable(state, replaces)) return "unknown-subject";
  if (state.devices.get(replaces)?.closed?.why === "revoked") return "not-entitled";
  return cut || state.devices.get(replaces)?.closed ? undefined : "unknown-subject";
}

function isSignedByDevice(state: AuthorityState, id: string, signed: ReadonlySet<string>): boolean {
  const key = state.devices.get(id)?.key;
  return key !== undefined && signed.has(`device:${id} ${key}`);
}

/** In use, or frozen and without a successor yet. */
export function isReplaceable(state: AuthorityState, id: string): boolean {
  const device = state.devices.get(id);
  return device !== undefined && !device.server && device.closed?.by === undefined;
}

function isToBeStopped(state: AuthorityState, id: string): boolean {
  const device = state.devices.get(id);
  return device !== undefined && isStoppable(device);
}
