import {
  type ChainId,
  type Operation,
  type OperationRef,
  readOperation,
  splitRef,
} from "../journal/operation.ts";
import type { Run } from "../journal/run.ts";
import type { OperationPlaces, RunPlace } from "./operation-places.ts";
import type { Outbox } from "./outbox.ts";
import type { ReplicaStore } from "./ports.ts";

/** Kinds that a person did at this device, as against what it does by itself or in bulk. */
const isPersonal = (operation: Operation): boolean =>
  operation.staff !== "" &&
  !["OpeningBalanceImported", "PurchasesImported", "ValueMoved"].includes(operation.kind) &&
  operation.body["batch"] === undefined;

const runsReadMost = 60;

/** Reads operations and runs back from the store, or from the outbox while no document holds them. */
export class OperationReader {
  readonly #store: ReplicaStore;
  readonly #places: OperationPlaces;
  readonly #outbox: Outbox;

  constructor(store: ReplicaStore, places: OperationPlaces, outbox: Outbox) {
    this.#store = store;
    this.#places = places;
    this.#outbox = outbox;
  }

  async operations(refs: readonly OperationRef[]): Promise<Operation[]> {
    const runs = new Map<RunPlace, Promise<Run | undefined>>();
    const found: Operation[] = [];
    for (const ref of refs) {
      const { chain, seq } = splitRef(ref);
      const unsent = this.#outbox.find(chain, seq);
      let text = unsent?.run.operations[seq - unsent.first];
      const place = unsent ? undefined : this.#places.find(ref);
      if (place?.document) {
        const run = runs.get(place) ?? this.#read(place);
        runs.set(place, run);
        text = (await run)?.operations[seq - place.first];
      }
      const operation = text === undefined ? undefined : readOperation(text);
      if (operation) found.push(operation);
    }
    return found;
  }

  /** What people did on a chain, newest first. */
  async newestOf(chain: ChainId, next: number, most: number): Promise<Operation[]> {
    const found: Operation[] = [];
    let seq = next - 1;
    for (let read = 0; seq >= 0 && found.length < most && read < runsReadMost; read++) {
      const unsent = this.#outbox.find(chain, seq);
      const place = unsent ? undefined : this.#places.find(`${chain}:${seq}`);
      const run = unsent?.run ?? (place?.document ? await this.#read(place) : undefined);
      const first = unsent?.first ?? place?.first ?? seq;
      for (let at = seq; at >= first && run; at--) {
        const operation = readOperation(run.operations[at - first] ?? "");
        if (operation && isPersonal(operation) && found.length < most) found.push(operation);
      }
      seq = first - 1;
    }
    return found;
  }

  async runsFrom(chain: ChainId, seq: number, most: number): Promise<Run[]> {
    const runs: Run[] = [];
    let next = seq;
    while (runs.length < most) {
      const place = this.#places.from(chain, next);
      if (!place?.document) break;
      const run = await this.#read(place);
      if (!run) break;
      runs.push(run);
      next = place.last + 1;
    }
    return runs.length < most ? [...runs, ...this.#outbox.from(chain, next)].slice(0, most) : runs;
  }

  async #read({ document, at, first, last }: RunPlace): Promise<Run | undefined> {
    const count = last - first + 1;
    const elements = await this.#store.read(document, at, count + 1);
    const seal = elements[count];
    return seal === undefined ? undefined : { operations: elements.slice(0, count), seal };
  }
}
