export type MemberTab = "top-up" | "ledger" | "details" | "edit";

/** Where a member is; the id is a reference with signs that a path must not hold bare. */
export const memberPath = (id: string, tab?: MemberTab): string =>
  `/members/${encodeURIComponent(id)}${tab ? `/${tab}` : ""}`;

/** Where the copies of the records are shown, and what to do when something happened. */
export const safetyPath = "/safety";
export const runbookPath = (name: string): string => `${safetyPath}/${name}`;

/** Where the recovery card is replaced, and where the new one is shown. */
export const recoveryCardPath = "/settings/recovery-card";
export const newCardPath = `${recoveryCardPath}/new`;

/** Where all members are listed whose details wait for a decision. */
export const reviewPath = "/today/review";

/** Where a device gives a new server everything; also in the picture that the new server shows. */
export const refillPath = "/settings/refill";
