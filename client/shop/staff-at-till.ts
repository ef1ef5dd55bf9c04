import { roleNow, type Staff } from "../../shared/access/authority-state.ts";
import { capRole, type Role } from "../../shared/access/roles.ts";
import { setPreferences, usePreferences } from "../ui/preferences.ts";
import { useShop, useShopState } from "./use-shop.tsx";

export interface StaffAtTill {
  /** everybody who may stand at this till */
  everybody: Staff[];
  /** who does now; undefined until somebody says who they are */
  current: Staff | undefined;
  /** what the current person may do on this device */
  role: Role | undefined;
  choose(staff: string): void;
}

/** Who is at the till: the person chosen last on this device, else whose device it is. */
export function useStaffAtTill(): StaffAtTill {
  const { identity } = useShop();
  const { authority } = useShopState();
  const { staff: chosen } = usePreferences();
  const everybody = [...authority.staff.values()].filter((person) => roleNow(person) !== undefined);
  const named = (id: string | undefined) => everybody.find((person) => person.id === id);
  const alone = everybody.length === 1 ? everybody[0] : undefined;
  const current = named(chosen) ?? named(identity.staff) ?? alone;
  const role = roleNow(current);
  const ceiling = authority.devices.get(identity.device)?.ceiling ?? "cashier";
  return {
    everybody,
    current,
    role: role && capRole(role, ceiling),
    choose: (staff) => setPreferences({ staff }),
  };
}
