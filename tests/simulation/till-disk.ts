import type { Run } from "../../shared/journal/run.ts";
import { type ReplicaStore, type StoreChange, StoreFault } from "../../shared/replica/ports.ts";
import { createMemoryStore, type MemoryContent } from "../contracts/memory-store.ts";
import type { Dice } from "./dice.ts";
import type { Life, Scheduler } from "./scheduler.ts";

const emptyContent = (): MemoryContent => ({
  documents: new Map(),
  outbox: [],
  keys: new Map(),
  settings: new Map(),
});

/**
 * A device's storage, as strict as a browser promises it to be: a commit takes its time, a crash
 * meanwhile leaves all of it or nothing, and what was committed stays until the whole is lost.
 */
export class TillDisk {
  content = emptyContent();
  /** secret keys by path; they live and die with the rest */
  seeds = new Map<string, Uint8Array>();
  fault: StoreFault["reason"] | undefined;
  readonly #scheduler: Scheduler;
  readonly #dice: Dice;
  readonly #committed: (change: StoreChange) => void;

  constructor(scheduler: Scheduler, dice: Dice, committed: (change: StoreChange) => void) {
    this.#scheduler = scheduler;
    this.#dice = dice;
    this.#committed = committed;
  }

  /** The store as one life of a program opens it. */
  open(life: Life): ReplicaStore {
    const memory = createMemoryStore(this.content);
    const pause = (mostMs: number) => this.#scheduler.wait(this.#dice.share() * mostMs, life);
    let last: Promise<void> = Promise.resolve();
    const commit = async (change: StoreChange) => {
      await pause(8);
      if (this.fault)
        throw new StoreFault(this.fault, `the device's storage was told to be ${this.fault}`);
      await memory.commit(change);
      this.#committed(change);
      await pause(2);
    };
    return {
      load: async () => {
        await pause(5);
        return memory.load();
      },
      read: (name, from, most) => memory.read(name, from, most),
      commit(change) {
        const done = last.then(() => commit(change));
        last = done.catch(() => undefined);
        return done;
      },
      close: () => memory.close(),
    };
  }

  /** Every element and unsent operation that is here. */
  texts(): Set<string> {
    const texts = new Set<string>();
    for (const elements of this.content.documents.values())
      for (const text of elements) texts.add(text);
    for (const run of this.content.outbox) for (const text of run.operations) texts.add(text);
    return texts;
  }

  /** Whether the server has brought it, not only this device's own hand. */
  isInDocuments(text: string): boolean {
    return [...this.content.documents.values()].some((elements) => elements.includes(text));
  }

  /** Every run that is here, of the documents and of what no document holds yet. */
  runs(): Run[] {
    const runs = [...this.content.outbox];
    for (const [name, elements] of this.content.documents) {
      let operations: string[] = [];
      if (!name.startsWith("journal/")) continue;
      for (const text of elements)
        if (text.includes('"hlc":')) operations.push(text);
        else {
          runs.push({ operations, seal: text });
          operations = [];
        }
    }
    return runs;
  }

  image(): { content: MemoryContent; seeds: Map<string, Uint8Array> } {
    return { content: structuredClone(this.content), seeds: new Map(this.seeds) };
  }

  putBack(image: { content: MemoryContent; seeds: Map<string, Uint8Array> }): void {
    this.content = structuredClone(image.content);
    this.seeds = new Map(image.seeds);
  }

  erase(): void {
    this.content = emptyContent();
    this.seeds = new Map();
  }
}
