import type { DocumentName } from "../documents/document-name.ts";
import type { Run } from "../journal/run.ts";
import type { MemberId } from "../members/member-kinds.ts";

/** The world failed while storing; nothing of the change is there, nothing was acknowledged. */
export class StoreFault extends Error {
  override name = "StoreFault";
  /** `full`: no space or quota; `refused`: storage is not allowed here; `broken`: an I/O error */
  readonly reason: "full" | "refused" | "broken";

  constructor(reason: "full" | "refused" | "broken", message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Bytes that were found damaged at start; they were skipped, and can be fetched again. */
export interface Damage {
  where: string;
  what: string;
}

export interface StoredState {
  /** documents by name, with the number of elements that are there */
  documents: { name: DocumentName; length: number }[];
  /** own runs that no document holds yet, oldest first */
  outbox: Run[];
  /** keyring: base64url key by member */
  keys: [MemberId, string][];
  settings: Record<string, string>;
  damaged: Damage[];
}

/** One change; all of it is there afterwards or none of it. */
export interface StoreChange {
  /** elements `from…` of a document; `from` is the document's length before */
  append?: { name: DocumentName; from: number; elements: readonly string[] }[];
  /** documents are these elements from now on, whatever they were; not also appended to */
  replace?: { name: DocumentName; elements: readonly string[] }[];
  outboxAdd?: Run[];
  /** seals of runs that a document now holds */
  outboxRemove?: string[];
  keysAdd?: [MemberId, string][];
  /** `undefined` removes */
  settings?: Record<string, string | undefined>;
}

/**
 * Where a replica keeps everything. Documents are stored as Yjs updates that any Yjs tool opens.
 * `commit` resolves only after the change survives power loss; changes are stored in call order.
 */
export interface ReplicaStore {
  load(): Promise<StoredState>;
  /** @returns elements `from…`, at most `most`; fewer only at the end of the document */
  read(name: DocumentName, from: number, most: number): Promise<string[]>;
  /** @throws StoreFault */
  commit(change: StoreChange): Promise<void>;
  close(): Promise<void>;
  /** absent where no folded state is kept */
  pages?: StatePages;
}

/** Where folded state is kept besides the documents, whole or not at all. Its loss costs a fold. */
export interface StatePages {
  /** @returns what was last written with its pages; undefined where there is none */
  manifest(): Promise<string | undefined>;
  page(at: number): Promise<string | undefined>;
  /** Replaces all of it. @throws StoreFault */
  write(pages: readonly string[], manifest: string): Promise<void>;
}
