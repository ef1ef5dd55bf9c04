import type { AuthorityEntry } from "../../shared/access/authority-entry.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { entriesToAnswer, lostPath } from "../../shared/access/lost-path.ts";
import type { AuthorityHead } from "../../shared/journal/operation.ts";

/** A change of rights that a recovery left behind, as it is told. */
export type LostChange =
  | { kind: "store-added"; name: string }
  | { kind: "staff-added"; name: string; role: "owner" | "manager" | "cashier" }
  | { kind: "staff-changed"; name: string; role: "owner" | "manager" | "cashier" }
  | { kind: "staff-left"; name: string }
  | { kind: "device-enrolled"; name: string }
  | { kind: "device-replaced"; name: string; before: string }
  | { kind: "device-stopped"; name: string }
  | { kind: "device-renewed"; name: string }
  | { kind: "purse-settled"; name: string }
  | { kind: "code-given" }
  | { kind: "presets-set" }
  | { kind: "given-again" };

/** What waits for the owner: all of it is taken over, or left out, with its last entry. */
export interface LostChanges {
  through: AuthorityHead;
  changes: LostChange[];
}

/** One list for each log that a recovery left behind. */
export function lostChangesOf(authority: AuthorityState): LostChanges[] {
  const found: LostChanges[] = [];
  for (const [head, lost] of entriesToAnswer(authority)) {
    const path = new Set(lostPath(authority, head));
    const goesOn = ({ through }: LostChanges) => {
      const last = authority.lost.get(through);
      return last !== undefined && path.has(last);
    };
    const list = found.find(goesOn) ?? { through: head, changes: [] };
    if (!found.includes(list)) found.push(list);
    list.through = head;
    const change = changeOf(lost.entry, (id) => lost.rights.devices.get(id)?.name ?? id);
    if (change) list.changes.push(change);
  }
  return found.map(({ through, changes }) => ({ through, changes: withoutUsedCodes(changes) }));
}

/** A pairing code that was used is told by the device that used it. */
function withoutUsedCodes(changes: readonly LostChange[]): LostChange[] {
  let used = changes.filter(
    ({ kind }) => kind === "device-enrolled" || kind === "device-replaced",
  ).length;
  return changes.filter(({ kind }) => kind !== "code-given" || used-- <= 0);
}

function changeOf(
  entry: AuthorityEntry,
  nameOf: (device: string) => string,
): LostChange | undefined {
  switch (entry.kind) {
    case "StoreAdded":
      return { kind: "store-added", name: entry.body.name };
    case "StaffAdded":
      return { kind: "staff-added", name: entry.body.name, role: entry.body.role };
    case "StaffChanged": {
      const { name, role, active } = entry.body;
      return active ? { kind: "staff-changed", name, role } : { kind: "staff-left", name };
    }
    case "DeviceEnrolled": {
      const { name, replaces } = entry.body;
      return replaces === undefined
        ? { kind: "device-enrolled", name }
        : { kind: "device-replaced", name, before: nameOf(replaces) };
    }
    case "DeviceFrozen":
      return { kind: "device-stopped", name: nameOf(entry.body.device) };
    case "DeviceSucceeded":
      return { kind: "device-renewed", name: nameOf(entry.body.replaces) };
    case "SuccessionSettled":
      return { kind: "purse-settled", name: nameOf(entry.body.device) };
    case "DeviceInvited":
      return { kind: "code-given" };
    case "TopUpPresetsSet":
      return { kind: "presets-set" };
    case "EntriesReinstated":
      return { kind: "given-again" };
    default:
      return undefined;
  }
}
