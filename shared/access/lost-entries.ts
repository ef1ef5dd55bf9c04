import type { AuthorityHead } from "../journal/operation.ts";
import { type AuthorityBody, type AuthorityEntry, readEntry } from "./authority-entry.ts";
import { type AuthorityState, isStoppable, type LostEntry, roleNow } from "./authority-state.ts";
import { isReplaceable } from "./entry-faults.ts";
import {
  foldEnrolment,
  foldEntry,
  foldSuccession,
  serverDevice,
  stopDevice,
} from "./fold-entry.ts";
import { lostPath, openThrough } from "./lost-path.ts";
import type { ReplayedEntries } from "./replay-lost.ts";
import { capRole } from "./roles.ts";

/**
 * Keeps lost entries that were checked. What they restrict is in force from here on, whoever is away;
 * what they grant waits for the owner.
 * @param seq of the entry that carries them
 */
export function foldLost(
  state: AuthorityState,
  { fresh, log }: ReplayedEntries,
  seq: number,
): void {
  for (const [head, lost] of fresh) {
    // What that log had itself kept of one before it comes first.
    if (lost.entry.kind === "LostEntriesRecorded")
      for (const [inner, kept] of log.lost)
        if (!state.lost.has(inner) && state.heads[kept.entry.seq] !== inner)
          keep(state, inner, { ...kept, standing: "open" }, seq);
    keep(state, head, { ...lost, standing: "open" }, seq);
  }
}

function keep(state: AuthorityState, head: AuthorityHead, lost: LostEntry, seq: number): void {
  if (restrict(state, lost, seq)) lost.standing = "applied";
  state.lost.set(head, lost);
}

/** The owner has looked: all that lost entries say is in force, as far as it still fits. */
export function reinstateLost(state: AuthorityState, through: AuthorityHead, seq: number): void {
  for (const lost of openThrough(state, through) ?? []) {
    // Its own number where that is smaller: what cites it may come from before.
    grant(state, lost, { seq, since: Math.min(lost.entry.seq, seq) });
    lost.standing = "reinstated";
  }
}

/** The owner has looked, and leaves it as it is. */
export function dismissLost(state: AuthorityState, through: AuthorityHead): void {
  for (const lost of lostPath(state, through) ?? [])
    if (lost.standing === "open") lost.standing = "dismissed";
}

/** @returns whether nothing that the entry says is left to be granted */
function restrict(state: AuthorityState, lost: LostEntry, seq: number): boolean {
  const { entry } = lost;
  switch (entry.kind) {
    case "DeviceFrozen": {
      const device = state.devices.get(entry.body.device);
      if ((!device || isStoppable(device)) && !isStillEntitled(state, lost)) return false;
      stopDevice(state, entry, { body: entry.body, seq });
      return device !== undefined;
    }
    case "StaffChanged":
      if (isStillEntitled(state, lost)) demote(state, entry.body, seq);
      return isAsChanged(state, entry.body);
    case "DeviceSucceeded":
      // It has no more rights than the device that vouches for it, and may come by itself any day.
      return succeed(state, entry.body, { seq, since: Math.min(entry.seq, seq) });
    case "TermOpened":
      return insertServer(state, entry.body, Math.min(entry.seq, seq));
    case "LostEntriesRecorded":
    case "EntriesDismissed":
      return true;
    // No approval outlives the server that it was given to.
    case "ActProposed":
    case "ActApproved":
    case "ActWithdrawn":
    case "ActDone":
    // Nor a replaced card: the server that knows of this one was opened by the card that is in force.
    case "RecoveryKeyReplaced":
      return true;
    default:
      return false;
  }
}

/** Signed by the card, by a server, or by somebody who is an owner today with the same key. */
function isStillEntitled(state: AuthorityState, { entry, rights }: LostEntry): boolean {
  return entry.sigs.some(({ by, key }) => {
    if (by === "recovery") return key === state.recovery.sign;
    const id = by.slice(by.indexOf(":") + 1);
    if (by.startsWith("device:")) {
      const device = rights.devices.get(id);
      return device?.server === true && device.key === key;
    }
    const person = state.staff.get(id);
    return roleNow(person) === "owner" && person?.keys.includes(key) === true;
  });
}

/** Never to more than the person may do today. */
function demote(
  state: AuthorityState,
  { staff, role, active }: AuthorityBody<"StaffChanged">,
  seq: number,
): void {
  const person = state.staff.get(staff);
  const now = roleNow(person);
  if (!person || now === undefined) return;
  const less = capRole(role, now);
  if (!active || less !== now) person.roles.push({ since: seq, role: less, active });
}

function isAsChanged(
  { staff }: AuthorityState,
  { staff: id, name, role, active }: AuthorityBody<"StaffChanged">,
): boolean {
  const person = staff.get(id);
  return person?.name === name && roleNow(person) === (active ? role : undefined);
}

function succeed(
  state: AuthorityState,
  body: AuthorityBody<"DeviceSucceeded">,
  { seq, since }: { seq: number; since: number },
): boolean {
  const { device, key, replaces } = body;
  const old = state.devices.get(replaces);
  if (!old) return false;
  const isTaken =
    state.devices.has(device) || [...state.devices.values()].some((known) => known.key === key);
  if (isTaken || old.server) return true;
  if (isReplaceable(state, replaces) && old.closed?.why !== "revoked")
    foldSuccession(state, { seq, since }, body);
  // Somebody else goes on in that place, or nobody may: what this one recorded is beyond any cut.
  else if (old.closed)
    state.devices.set(device, {
      ...old,
      id: device,
      key,
      since,
      replaces: undefined,
      closed: { ...old.closed, since: seq, cut: {}, settledSince: since },
    });
  return true;
}

/**
 * A server of the same term that died without anybody knowing: what it gave out counts as that of any
 * server that was closed, and its place is between the one that it followed and the next.
 */
function insertServer(
  state: AuthorityState,
  { closes, server }: AuthorityBody<"TermOpened">,
  since: number,
): boolean {
  const before = state.devices.get(closes);
  const next = state.devices.get(before?.closed?.by ?? "");
  if (!before?.closed || !next || state.devices.has(server.device)) return true;
  state.devices.set(server.device, {
    ...serverDevice(server, before.store, since),
    replaces: closes,
    closed: { ...before.closed, since, cut: {} },
  });
  before.closed = { ...before.closed, by: server.device };
  next.replaces = server.device;
  return true;
}

function grant(
  state: AuthorityState,
  lost: LostEntry,
  { seq, since }: { seq: number; since: number },
): void {
  const { entry } = lost;
  switch (entry.kind) {
    case "StoreAdded":
      if (!state.stores.has(entry.body.store)) foldEntry(state, entry);
      return;
    case "StaffAdded":
      if (!state.staff.has(entry.body.staff)) foldEntry(state, { ...entry, seq });
      return;
    case "StaffChanged":
      // What was said of a person since then is newer: it is not undone.
      if (isSaidSince(state, lost, "StaffChanged", entry.body.staff))
        demote(state, entry.body, seq);
      else foldEntry(state, { ...entry, seq });
      return;
    case "DeviceInvited":
      if (!state.invitations.has(entry.body.key)) foldEntry(state, entry);
      return;
    case "DeviceEnrolled":
      enrol(state, entry, entry.body, { seq, since });
      return;
    case "DeviceFrozen":
      stopDevice(state, entry, { body: entry.body, seq });
      return;
    case "DeviceSucceeded":
      succeed(state, entry.body, { seq, since });
      return;
    case "SuccessionSettled":
      settle(state, lost, entry.body, since);
      return;
    case "TopUpPresetsSet":
      if (!isSaidSince(state, lost, "TopUpPresetsSet")) foldEntry(state, entry);
      return;
    case "EntriesReinstated":
      reinstateLost(state, entry.body.through, seq);
      return;
  }
}

/** The device is one of ours again; the place of another it takes only if that is still free. */
function enrol(
  state: AuthorityState,
  entry: AuthorityEntry,
  body: AuthorityBody<"DeviceEnrolled">,
  place: { seq: number; since: number },
): void {
  if (state.devices.has(body.device) || !state.stores.has(body.store)) return;
  const { replaces, cut, ...alone } = body;
  const isFree = replaces !== undefined && isReplaceable(state, replaces);
  foldEnrolment(state, entry, isFree ? { ...alone, replaces, cut } : alone, place);
}

function settle(
  state: AuthorityState,
  { rights }: LostEntry,
  { device }: AuthorityBody<"SuccessionSettled">,
  since: number,
): void {
  const closed = state.devices.get(device)?.closed;
  // The owner had looked at that heir, and at no other.
  if (!closed || closed.settledSince !== undefined) return;
  if (closed.by !== undefined && closed.by === rights.devices.get(device)?.closed?.by)
    closed.settledSince = since;
}

/** Whether our log has said something of the kind since the other one parted from it. */
function isSaidSince(
  { texts }: AuthorityState,
  { commonSeq }: LostEntry,
  kind: "StaffChanged" | "TopUpPresetsSet",
  staff?: string,
): boolean {
  return texts.slice(commonSeq + 1).some((text) => {
    const said = readEntry(text);
    return (
      said?.kind === kind &&
      (said.kind !== "StaffChanged" || staff === undefined || said.body.staff === staff)
    );
  });
}
