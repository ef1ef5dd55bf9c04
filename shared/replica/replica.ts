import type { AuthorityProposal } from "../access/authority-entry.ts";
import type { AuthorityState } from "../access/authority-state.ts";
import type { AuthorityKey } from "../access/sign-entry.ts";
import type { ImportPlan } from "../imports/import-plan.ts";
import type { ChainId, OperationRef } from "../journal/operation.ts";
import type { Result } from "../outcome/result.ts";
import type { Holder } from "../sync/messages.ts";
import type { Books } from "./books.ts";
import type { Command, Refusal } from "./commands.ts";
import type { Exception } from "./fold-journal.ts";
import type { HistoryEntry } from "./member-history.ts";
import type { MemberView } from "./member-view.ts";
import type { Damage } from "./ports.ts";
import type { StateSummary } from "./state-hash.ts";

export interface Performed {
  /** references of the operations that were recorded, in sequence; durable on this device */
  operations: OperationRef[];
}

/** How far an operation got: this device → the server's disk → complete copies beside. */
export interface Saved {
  onServer: boolean;
  /** devices other than this one and the server that hold it */
  copies: number;
}

export interface ImportProgress {
  done: number;
  total: number;
}

/**
 * One replica: everything it needs to work alone. Inputs are finished one at a time, in the order in
 * which they came. Listeners are told after each input that changed something.
 */
export interface Replica {
  readonly device: string;
  readonly chain: ChainId;
  /** staff who can act here; their roles are capped by the device */
  readonly authority: AuthorityState;
  readonly books: Books;
  /** rises with every change: for caches and for `useSyncExternalStore` */
  readonly version: number;
  readonly damaged: readonly Damage[];

  /** Records what a person does, durably; resolves after the device's disk has it. */
  perform(command: Command, staff: string): Promise<Result<Performed, Refusal>>;
  /** Lands a planned import as one batch; `shouldStop` is asked between runs and leaves nothing counted. */
  importMembers(
    plan: ImportPlan,
    sources: { name: string; hash: string; rows: number }[],
    staff: string,
    options?: {
      onProgress?: (progress: ImportProgress) => void;
      shouldStop?: () => boolean;
    },
  ): Promise<Result<{ batch: OperationRef }, Refusal | { code: "cancelled" }>>;

  member(id: OperationRef): MemberView | undefined;
  /** Members that are listed: withdrawn ones are left out. */
  members(): Iterable<MemberView>;
  /** Newest first; read from the store. */
  history(member: OperationRef): Promise<HistoryEntry[]>;
  /** Own operations of this device, newest first: for undo and for the day's list. */
  recent(most: number): Promise<HistoryEntry[]>;
  /** Face value that this device may spend of a member's balance now, fen. */
  spendable(member: OperationRef): number;
  saved(operation: OperationRef): Saved;
  /** Own operations that the server has not acknowledged. */
  unsent(): number;
  exceptions(): Iterable<Exception>;
  summary(): StateSummary;
  holders(): readonly Holder[];

  /** Signs and prepares a change of authority; the caller sends it to the server. */
  signAuthority(proposal: AuthorityProposal, keys: readonly AuthorityKey[]): Promise<string>;
  subscribe(listener: () => void): () => void;
  close(): Promise<void>;
}

/** What became of elements that a document brought. */
export type ReceiveOutcome =
  | { ok: true }
  /** elements before these are missing: ask again from `length` */
  | { ok: false; code: "gap"; length: number }
  /** it is another document than the one here: what is in it comes by heads */
  | { ok: false; code: "elsewhere" }
  /** what the server sent does not check; keep the connection closed and say so */
  | { ok: false; code: "forged" | "fork"; detail: string };
