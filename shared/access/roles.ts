/** What a person may do, most first; `system` is a device acting by itself. */
export type Role = "owner" | "manager" | "cashier" | "system";

export const staffRoles = ["owner", "manager", "cashier"] as const;

const rank: Record<Role, number> = { owner: 3, manager: 2, cashier: 1, system: 0 };

/** A device's ceiling caps whatever a person claims on it. */
export const capRole = (role: Role, ceiling: Role): Role =>
  rank[role] <= rank[ceiling] ? role : ceiling;
