/** What needs two people, or one and the card. */
export type Act = "restore-version" | "prune-backups" | "change-targets";

/** An act that somebody wants done, and what became of it. Times are wall milliseconds. */
export interface Proposal {
  id: string;
  act: Act;
  /** hash of what exactly is to be done */
  subject: string;
  /** one line for people */
  text: string;
  /** of the entry that proposed it */
  seq: number;
  atMs: number;
  by: Approver;
  approval: Approval | undefined;
  withdrawnMs: number | undefined;
  doneMs: number | undefined;
}

/** A person by one of the keys that are theirs; `server` has no person; `recovery` is the card. */
export type Approver = { staff: string; key: string } | "server" | "recovery";

export interface Approval {
  by: Approver;
  seq: number;
  atMs: number;
  /** before this the card alone does not count */
  untilMs: number | undefined;
}

/** How an act stands: `lapsed` when who proposed or approved it may not do so any more. */
export type ProposalStanding =
  | { is: "waiting-for-person" }
  | { is: "waiting-until"; untilMs: number }
  | { is: "approved" | "withdrawn" | "done" | "lapsed" };
