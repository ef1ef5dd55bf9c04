import type {
  ReplicaStore,
  StoreChange,
  StoredState,
  StoreFault,
} from "../../shared/replica/ports.ts";

/** A store that is gone with the process, for tests that are not about disks. */
export interface MemoryStore extends ReplicaStore {
  /** the next commits fail with this until it is taken away */
  fault: StoreFault | undefined;
}

export function createMemoryStore(
  kept: { state?: StoredState; elements?: Map<string, string[]> } = {},
): MemoryStore {
  const elementsByName = (kept.elements ??= new Map());
  const outbox = new Map((kept.state?.outbox ?? []).map((run) => [run.seal, run]));
  const keys = [...(kept.state?.keys ?? [])];
  const settings = new Map(Object.entries(kept.state?.settings ?? {}));
  const store: MemoryStore = {
    fault: undefined,
    async load() {
      return {
        documents: [...elementsByName].map(([name, { length }]) => ({ name, length })),
        outbox: [...outbox.values()],
        keys: [...keys],
        settings: Object.fromEntries(settings),
        damaged: [],
      };
    },
    async read(name, from, most) {
      return (elementsByName.get(name) ?? []).slice(from, from + most);
    },
    async commit(change: StoreChange) {
      if (store.fault) throw store.fault;
      for (const { name, from } of change.append ?? [])
        if ((elementsByName.get(name)?.length ?? 0) !== from)
          throw new RangeError(`${name} does not have ${from} elements`);
      for (const { name, elements } of change.append ?? [])
        elementsByName.set(name, [...(elementsByName.get(name) ?? []), ...elements]);
      for (const run of change.outboxAdd ?? []) outbox.set(run.seal, run);
      for (const seal of change.outboxRemove ?? []) outbox.delete(seal);
      keys.push(...(change.keysAdd ?? []));
      for (const [name, value] of Object.entries(change.settings ?? {}))
        if (value === undefined) settings.delete(name);
        else settings.set(name, value);
    },
    async close() {},
  };
  return store;
}
