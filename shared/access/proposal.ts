/** What needs two people, or one and the card. */
export type Act = "restore-version" | "prune-backups" | "change-targets" | "replace-recovery-key";

/** The public halves of a recovery card. */
export interface RecoveryPublic {
  sign: string;
  encrypt: string;
}

/** An act that somebody wants done, and what became of it. Times are wall milliseconds. */
export interface Proposal {
  id: string;
  act: Act;
  /** hash of what exactly is to be done */
  subject: string;
  /** one line for people */
  text: string;
  /** of the card that is to replace the one in force */
  recovery: RecoveryPublic | undefined;
  /** of the entry that proposed it */
  seq: number;
  atMs: number;
  by: Approver;
  approval: Approval | undefined;
  withdrawnMs: number | undefined;
  doneMs: number | undefined;
  /** sequence of the entry that says so: what cites it or a later one may rest on it */
  doneSeq: number | undefined;
}

/**
 * A person by one of the keys that are theirs; `recovery` is the card; `server` has no person: what it
 * approves is that a day goes by.
 */
export type Approver = { staff: string; key: string } | "server" | "recovery";

export interface Approval {
  by: Approver;
  seq: number;
  atMs: number;
  /** before this the card alone, or the server, does not count */
  untilMs: number | undefined;
}

/** How an act stands: `lapsed` when who proposed or approved it may not do so any more. */
export type ProposalStanding =
  | { is: "waiting-for-person" }
  | { is: "waiting-until"; untilMs: number }
  | { is: "approved" | "withdrawn" | "done" | "lapsed" };
