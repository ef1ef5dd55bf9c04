import { hashText } from "../journal/bytes.ts";
import { type AuthorityBody, type AuthorityEntry, headOfEntry } from "./authority-entry.ts";
import { type AuthorityState, type Closing, type Device, isStoppable } from "./authority-state.ts";
import { isSignedByOwnerOrCard } from "./entitled.ts";
import { foldProposal } from "./proposals.ts";

/** What entry 0 says. */
export function foundOrganisation(
  entry: AuthorityEntry,
  body: AuthorityBody<"OrganisationFounded">,
  text: string,
): AuthorityState {
  const { owner, server, store } = body;
  return {
    org: entry.org,
    name: body.name,
    timeZone: body.timeZone,
    recovery: body.recovery,
    recoveries: [{ ...body.recovery, since: 0, byCard: false }],
    term: 1,
    server: server.device,
    fold: body.fold,
    heads: [headOfEntry(0, text)],
    lastHash: hashText(text),
    texts: [text],
    openedSeq: 0,
    openings: [0],
    lost: new Map(),
    stores: new Map([[store.id, { id: store.id, name: store.name }]]),
    staff: new Map([
      [
        owner.staff,
        {
          id: owner.staff,
          name: owner.name,
          keys: owner.key === undefined ? [] : [owner.key],
          roles: [{ since: 0, role: "owner", active: true }],
        },
      ],
    ]),
    devices: new Map([[server.device, serverDevice(server, store.id, 0)]]),
    invitations: new Map(),
    presets: [],
    proposals: new Map(),
  };
}

export const serverDevice = (
  server: { device: string; key: string },
  store: string,
  since: number,
): Device => ({
  id: server.device,
  name: "server",
  key: server.key,
  store,
  ceiling: "owner",
  till: false,
  server: true,
  since,
});

/** Folds in an entry that was checked and speaks for itself; lost ones are `lost-entries.ts`'s. */
export function foldEntry(state: AuthorityState, entry: AuthorityEntry): void {
  switch (entry.kind) {
    case "StoreAdded": {
      const { store, name, label } = entry.body;
      state.stores.set(store, { id: store, name, label });
      return;
    }
    case "StaffAdded": {
      const { staff, name, role } = entry.body;
      const roles = [{ since: entry.seq, role, active: true }];
      state.staff.set(staff, { id: staff, name, keys: [], roles });
      return;
    }
    case "StaffChanged": {
      const person = state.staff.get(entry.body.staff);
      if (!person) return;
      person.name = entry.body.name;
      person.roles.push({ since: entry.seq, role: entry.body.role, active: entry.body.active });
      return;
    }
    case "DeviceInvited":
      state.invitations.set(entry.body.key, { ...entry.body, used: false });
      return;
    case "DeviceEnrolled":
      foldEnrolment(state, entry, entry.body, { seq: entry.seq, since: entry.seq });
      return;
    case "TermOpened": {
      const { term, server, closes, cut } = entry.body;
      const old = state.devices.get(closes);
      if (old)
        old.closed = {
          why: "server-replaced",
          by: server.device,
          since: entry.seq,
          cut,
          server: state.server,
          settledSince: entry.seq,
        };
      state.devices.set(server.device, {
        ...serverDevice(server, old?.store ?? "", entry.seq),
        replaces: closes,
      });
      state.term = term;
      state.server = server.device;
      state.openedSeq = entry.seq;
      state.openings.push(entry.seq);
      return;
    }
    case "DeviceFrozen":
      stopDevice(state, entry, { body: entry.body, seq: entry.seq });
      return;
    case "DeviceSucceeded":
      foldSuccession(state, { seq: entry.seq, since: entry.seq }, entry.body);
      return;
    case "SuccessionSettled": {
      const closed = state.devices.get(entry.body.device)?.closed;
      if (closed) closed.settledSince = entry.seq;
      return;
    }
    case "TopUpPresetsSet":
      state.presets = entry.body.presets;
      return;
    case "ActProposed":
    case "ActApproved":
    case "ActWithdrawn":
    case "ActDone":
    case "RecoveryKeyReplaced":
      foldProposal(state, entry);
      return;
  }
}

/** Where an entry stands in this log, and the sequence from which it counts: of a lost one, a smaller one. */
interface Place {
  seq: number;
  since: number;
}

export function foldEnrolment(
  state: AuthorityState,
  { sigs }: Pick<AuthorityEntry, "sigs">,
  body: AuthorityBody<"DeviceEnrolled">,
  { seq, since }: Place,
): void {
  const { device, name, key, store, ceiling, till, staff, staffKey, replaces, cut } = body;
  const enrolled = { id: device, name, key, store, ceiling, till, staff, staffKey, replaces };
  state.devices.set(device, { ...enrolled, server: false, since });
  if (staff !== undefined && staffKey !== undefined) state.staff.get(staff)?.keys.push(staffKey);
  const old = replaces === undefined ? undefined : state.devices.get(replaces);
  if (old && cut)
    old.closed = {
      ...(old.closed ?? { why: "replaced", since: seq, cut, server: state.server }),
      by: device,
      settledSince: since,
    };
  for (const { by } of sigs) {
    const invitation = state.invitations.get(by.slice("invitation:".length));
    if (invitation) invitation.used = true;
  }
}

export function foldSuccession(
  state: AuthorityState,
  { seq, since }: Place,
  { device, key, replaces, cut = {} }: AuthorityBody<"DeviceSucceeded">,
): void {
  const old = state.devices.get(replaces);
  if (!old) return;
  const { name, store, ceiling, till, staff, staffKey } = old;
  const heir = { id: device, name, key, store, ceiling, till, staff, staffKey, replaces };
  state.devices.set(device, { ...heir, server: false, since });
  old.closed = {
    ...(old.closed ?? { why: "succeeded", since: seq, cut, server: state.server }),
    by: device,
    settledSince: undefined,
  };
}

/**
 * Its cut; of a device that was replaced before, what counts beyond that, late, ends here. Who is
 * stopped by a person has nobody's word any more, also not his own for another name.
 * @param seq of the entry that says so in this log
 */
export function stopDevice(
  state: AuthorityState,
  signed: Pick<AuthorityEntry, "sigs">,
  { body: { device, cut }, seq }: { body: AuthorityBody<"DeviceFrozen">; seq: number },
): void {
  const known = state.devices.get(device);
  if (!known || !isStoppable(known)) return;
  const stopped: Closing = {
    why: isSignedByOwnerOrCard(state, signed) ? "revoked" : "stopped",
    by: undefined,
    since: seq,
    cut,
    server: state.server,
    settledSince: undefined,
  };
  known.closed = known.closed ? { ...known.closed, end: cut } : stopped;
}
