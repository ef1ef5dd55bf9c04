import type { AuthorityEntry } from "./authority-entry.ts";
import { type AuthorityState, type Device, roleNow, type Staff } from "./authority-state.ts";
import { mayApprove } from "./permissions.ts";
import type { Approver } from "./proposal.ts";
import { capRole, type Role } from "./roles.ts";

type Signed = Pick<AuthorityEntry, "sigs">;

export function peopleWhoSigned(
  state: AuthorityState,
  { sigs }: Signed,
): { staff: string; key: string }[] {
  return sigs.flatMap(({ by, key }) => {
    if (!by.startsWith("staff:")) return [];
    const staff = by.slice("staff:".length);
    return isEntitled(state, state.staff.get(staff), key) ? [{ staff, key }] : [];
  });
}

/** Whether somebody may propose, approve and withdraw with this key. */
export function isEntitled(state: AuthorityState, person: Staff | undefined, key: string): boolean {
  const role = roleWithKey(state, person, key);
  return role !== undefined && mayApprove(role);
}

/** Whether it is an owner who may act with that key today. */
export const isByOwner = (state: AuthorityState, by: Approver | undefined): boolean =>
  typeof by === "object" && roleWithKey(state, state.staff.get(by.staff), by.key) === "owner";

/** The role of today, capped by the device that holds the key; a closed device's key is nobody's. */
function roleWithKey(
  state: AuthorityState,
  person: Staff | undefined,
  key: string,
): Role | undefined {
  const role = roleNow(person);
  if (!person || role === undefined || !person.keys.includes(key)) return undefined;
  const holders = holdersOf(state, person, key);
  // A key of the founding that no device was enrolled with has no ceiling.
  const ceiling = holders.length === 0 ? role : holders.find(({ closed }) => !closed)?.ceiling;
  return ceiling && capRole(role, ceiling);
}

export function isHeldBy(
  state: AuthorityState,
  person: Staff | undefined,
  key: string,
  device: string,
): boolean {
  const holders = person ? holdersOf(state, person, key) : [];
  return holders.length === 0 || holders.some(({ id, closed }) => id === device && !closed);
}

/** The founder's first key stands in entry 0; the device that holds it was enrolled without one. */
const holdersOf = ({ devices }: AuthorityState, { id, keys }: Staff, key: string): Device[] =>
  [...devices.values()].filter(
    ({ staff, staffKey }) =>
      staff === id && (staffKey === undefined ? key === keys[0] : staffKey === key),
  );

export const staffOf = (by: Approver): string | undefined =>
  typeof by === "object" ? by.staff : undefined;

export function isSignedByServer(state: AuthorityState, { sigs }: Signed): boolean {
  const key = state.devices.get(state.server)?.key;
  return sigs.some((sig) => sig.by === `device:${state.server}` && sig.key === key);
}

/** By the card that is in force, or by the one that is named. */
export const isSignedByCard = (
  { recovery }: Pick<AuthorityState, "recovery">,
  { sigs }: Signed,
): boolean => sigs.some((sig) => sig.by === "recovery" && sig.key === recovery.sign);

/** By somebody who may say anything of devices; not by a server. */
export const isSignedByOwnerOrCard = (
  state: Pick<AuthorityState, "recovery" | "staff">,
  entry: Signed,
): boolean =>
  isSignedByCard(state, entry) ||
  entry.sigs.some(({ by, key }) => {
    const person = by.startsWith("staff:") ? state.staff.get(by.slice("staff:".length)) : undefined;
    return roleNow(person) === "owner" && person?.keys.includes(key) === true;
  });
