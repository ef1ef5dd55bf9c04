import { hashText } from "../journal/bytes.ts";
import type { Signatures } from "../journal/ports.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import {
  type AuthorityBody,
  type AuthorityEntry,
  headOfEntry,
  readEntry,
  signedBytes,
} from "./authority-entry.ts";
import { type AuthorityState, type Closing, type Device, roleNow } from "./authority-state.ts";

export type AuthorityFault =
  | "malformed"
  | "other-organisation"
  | "not-next"
  | "bad-signature"
  | "not-entitled"
  | "already-used"
  | "unknown-subject"
  | "beyond-invitation";

/**
 * Checks one entry against the log so far and folds it in.
 * @param state log so far, or undefined before entry 0; it is changed only when the entry is good
 * @returns the state after the entry
 */
export async function appendEntry(
  state: AuthorityState | undefined,
  text: string,
  signatures: Signatures,
): Promise<Result<AuthorityState, AuthorityFault>> {
  const entry = readEntry(text);
  if (!entry) return refuse("malformed");
  const expected = state ? { seq: state.heads.length, prev: state.lastHash } : { seq: 0, prev: "" };
  if (state && entry.org !== state.org) return refuse("other-organisation");
  if (entry.seq !== expected.seq || entry.prev !== expected.prev) return refuse("not-next");
  const signed = await signersOf(entry, signatures);
  if (!signed) return refuse("bad-signature");
  if (!state)
    return entry.kind === "OrganisationFounded" &&
      signed.has(`recovery ${entry.body.recovery.sign}`)
      ? done(found(entry, entry.body, text))
      : refuse("not-entitled");
  const fault = faultOf(state, entry, signed);
  if (fault) return refuse(fault);
  fold(state, entry);
  state.heads.push(headOfEntry(entry.seq, text));
  state.lastHash = hashText(text);
  return done(state);
}

/** Follows a whole log from entry 0. */
export async function readAuthorityLog(
  texts: readonly string[],
  signatures: Signatures,
): Promise<Result<AuthorityState, AuthorityFault>> {
  let state: AuthorityState | undefined;
  for (const text of texts) {
    const next = await appendEntry(state, text, signatures);
    if (!next.ok) return next;
    state = next.value;
  }
  return state ? done(state) : refuse("malformed");
}

/** @returns `by key` of every signature, or undefined when one of them is bad */
async function signersOf(
  entry: AuthorityEntry,
  signatures: Signatures,
): Promise<Set<string> | undefined> {
  const { sigs, ...unsigned } = entry;
  const bytes = signedBytes(unsigned);
  for (const { key, sig } of sigs)
    if (!(await signatures.verify(key, bytes, sig))) return undefined;
  return new Set(sigs.map(({ by, key }) => `${by} ${key}`));
}

/** Who may write an entry, and whether it fits what the log already says. */
function faultOf(
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
      return isInUse(state, entry.body.device) ? undefined : "unknown-subject";
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
  return cut || state.devices.get(replaces)?.closed ? undefined : "unknown-subject";
}

function isSignedByDevice(state: AuthorityState, id: string, signed: ReadonlySet<string>): boolean {
  const key = state.devices.get(id)?.key;
  return key !== undefined && signed.has(`device:${id} ${key}`);
}

/** In use, or frozen and without a successor yet. */
function isReplaceable(state: AuthorityState, id: string): boolean {
  const device = state.devices.get(id);
  return device !== undefined && !device.server && device.closed?.by === undefined;
}

function isInUse(state: AuthorityState, id: string): boolean {
  return isReplaceable(state, id) && !state.devices.get(id)?.closed;
}

function found(
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
    term: 1,
    server: server.device,
    fold: body.fold,
    heads: [headOfEntry(0, text)],
    lastHash: hashText(text),
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
  };
}

const serverDevice = (
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

function fold(state: AuthorityState, entry: AuthorityEntry): void {
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
      foldEnrolment(state, entry, entry.body);
      return;
    case "TermOpened": {
      const { term, server, closes, cut } = entry.body;
      const old = state.devices.get(closes);
      if (old) old.closed = { by: server.device, since: entry.seq, cut, settledSince: entry.seq };
      state.devices.set(server.device, {
        ...serverDevice(server, old?.store ?? "", entry.seq),
        replaces: closes,
      });
      state.term = term;
      state.server = server.device;
      return;
    }
    case "DeviceFrozen": {
      const { device, cut } = entry.body;
      const frozen = state.devices.get(device);
      if (frozen) frozen.closed = { by: undefined, since: entry.seq, cut, settledSince: undefined };
      return;
    }
    case "DeviceSucceeded":
      foldSuccession(state, entry.seq, entry.body);
      return;
    case "SuccessionSettled": {
      const closed = state.devices.get(entry.body.device)?.closed;
      if (closed) closed.settledSince = entry.seq;
      return;
    }
    case "TopUpPresetsSet":
      state.presets = entry.body.presets;
      return;
    case "OrganisationFounded":
      return;
  }
}

function foldEnrolment(
  state: AuthorityState,
  entry: AuthorityEntry,
  body: AuthorityBody<"DeviceEnrolled">,
): void {
  const { device, name, key, store, ceiling, till, staff, staffKey, replaces, cut } = body;
  const enrolled = { id: device, name, key, store, ceiling, till, staff, replaces };
  state.devices.set(device, { ...enrolled, server: false, since: entry.seq });
  if (staff !== undefined && staffKey !== undefined) state.staff.get(staff)?.keys.push(staffKey);
  const old = replaces === undefined ? undefined : state.devices.get(replaces);
  if (old && cut) old.closed = passedOn(old, device, entry.seq, { cut, settled: true });
  for (const { by } of entry.sigs) {
    const invitation = state.invitations.get(by.slice("invitation:".length));
    if (invitation) invitation.used = true;
  }
}

function foldSuccession(
  state: AuthorityState,
  seq: number,
  { device, key, replaces, cut }: AuthorityBody<"DeviceSucceeded">,
): void {
  const old = state.devices.get(replaces);
  if (!old) return;
  const { name, store, ceiling, till, staff } = old;
  const heir = { id: device, name, key, store, ceiling, till, staff, replaces };
  state.devices.set(device, { ...heir, server: false, since: seq });
  old.closed = passedOn(old, device, seq, { cut: cut ?? {}, settled: false });
}

/** A device that was frozen keeps the cut at which it was frozen. */
const passedOn = (
  old: Device,
  by: string,
  seq: number,
  { cut, settled }: { cut: Closing["cut"]; settled: boolean },
): Closing => ({
  by,
  since: old.closed?.since ?? seq,
  cut: old.closed?.cut ?? cut,
  settledSince: settled ? seq : undefined,
});
