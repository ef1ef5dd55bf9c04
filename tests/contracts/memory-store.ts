import type { DocumentName } from "../../shared/documents/document-name.ts";
import type { Run } from "../../shared/journal/run.ts";
import type { MemberId } from "../../shared/members/member-kinds.ts";
import {
  type ReplicaStore,
  type StoreChange,
  type StoredState,
  StoreFault,
} from "../../shared/replica/ports.ts";

/** What a memory store holds; a second store over the same content is a restart. */
export interface MemoryContent {
  documents: Map<DocumentName, string[]>;
  outbox: Run[];
  keys: Map<MemberId, string>;
  settings: Map<string, string>;
}

const emptyContent = (): MemoryContent => ({
  documents: new Map(),
  outbox: [],
  keys: new Map(),
  settings: new Map(),
});

export interface MemoryStore extends ReplicaStore {
  readonly content: MemoryContent;
  /** every commit fails so from now on; undefined: they succeed again */
  failWith(reason: StoreFault["reason"] | undefined): void;
}

export function createMemoryStore(content: MemoryContent = emptyContent()): MemoryStore {
  let failure: StoreFault["reason"] | undefined;
  return {
    content,
    failWith(reason) {
      failure = reason;
    },
    async load(): Promise<StoredState> {
      return {
        documents: [...content.documents].map(([name, { length }]) => ({ name, length })),
        outbox: [...content.outbox],
        keys: [...content.keys],
        settings: Object.fromEntries(content.settings),
        damaged: [],
      };
    },
    async read(name, from, most) {
      return (content.documents.get(name) ?? []).slice(from, from + most);
    },
    async commit(change) {
      if (failure) throw new StoreFault(failure, `the memory store was told to be ${failure}`);
      apply(content, change);
    },
    async close() {},
  };
}

function apply(content: MemoryContent, change: StoreChange): void {
  for (const { name, from, elements } of change.append ?? []) {
    const document = content.documents.get(name) ?? [];
    if (document.length !== from)
      throw new Error(`append to ${name} at ${from} of ${document.length}`);
    document.push(...elements);
    content.documents.set(name, document);
  }
  for (const { name, elements } of change.replace ?? []) content.documents.set(name, [...elements]);
  content.outbox.push(...(change.outboxAdd ?? []));
  const removed = new Set(change.outboxRemove ?? []);
  content.outbox = content.outbox.filter((run) => !removed.has(run.seal));
  for (const [member, key] of change.keysAdd ?? []) content.keys.set(member, key);
  for (const [name, value] of Object.entries(change.settings ?? {}))
    if (value === undefined) content.settings.delete(name);
    else content.settings.set(name, value);
}
