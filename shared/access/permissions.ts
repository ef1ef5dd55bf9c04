import type { Role } from "./roles.ts";

/** The one matrix: which role may record which kind. Kinds that are not named here are unknown. */
const rolesByKind: Readonly<Record<string, readonly Role[]>> = {
  MemberAdded: ["owner", "manager", "cashier"],
  MemberEdited: ["owner", "manager", "cashier"],
  ToppedUp: ["owner", "manager", "cashier"],
  SaleRecorded: ["owner", "manager", "cashier"],
  OperationReversed: ["owner", "manager", "cashier"],
  LotsVoided: ["owner", "manager", "cashier", "system"],
  ValueMoved: ["owner", "manager", "cashier", "system"],
  ImportOpened: ["owner", "manager"],
  OpeningBalanceImported: ["owner", "manager"],
  PurchasesImported: ["owner", "manager"],
  ImportClosed: ["owner", "manager"],
  ImportUndone: ["owner", "manager"],
  RestoreOpened: ["system"],
  MemberRestored: ["system"],
  RestoreClosed: ["system"],
  DisputeSettled: ["system"],
};

export const isKnownKind = (kind: string): boolean => Object.hasOwn(rolesByKind, kind);

export const mayRecord = (role: Role, kind: string): boolean =>
  isKnownKind(kind) && (rolesByKind[kind]?.includes(role) ?? false);

/** What a device does by itself, in nobody's name. */
export const isAutomatic = (kind: string): boolean => mayRecord("system", kind);

/** Who may propose, approve and withdraw what needs two people. */
export const mayApprove = (role: Role): boolean => role === "owner" || role === "manager";
