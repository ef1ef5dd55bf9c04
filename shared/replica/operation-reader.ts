import { fromBase64Url } from "../journal/bytes.ts";
import { RunningHash } from "../journal/chain.ts";
import {
  type ChainId,
  type Operation,
  type OperationRef,
  readOperation,
  splitRef,
} from "../journal/operation.ts";
import type { Run } from "../journal/run.ts";
import { readSeal } from "../journal/seal.ts";
import type { LooseRuns } from "./loose-runs.ts";
import type { OperationPlaces, RunPlace } from "./operation-places.ts";
import type { ReplicaStore } from "./ports.ts";

/** Kinds that a person did at this device, as against what it does by itself or in bulk. */
const isPersonal = (operation: Operation): boolean =>
  operation.staff !== "" &&
  !["OpeningBalanceImported", "PurchasesImported", "ValueMoved"].includes(operation.kind) &&
  operation.body["batch"] === undefined;

const runsReadMost = 60;

/** Reads operations and runs back from the store, loose ones from memory. */
export class OperationReader {
  readonly #store: Pick<ReplicaStore, "read">;
  readonly #places: OperationPlaces;
  readonly #loose: LooseRuns;

  constructor(store: Pick<ReplicaStore, "read">, places: OperationPlaces, loose: LooseRuns) {
    this.#store = store;
    this.#places = places;
    this.#loose = loose;
  }

  async operations(refs: readonly OperationRef[]): Promise<Operation[]> {
    const runs = new Map<RunPlace, Promise<Run | undefined>>();
    const found: Operation[] = [];
    for (const ref of refs) {
      const place = this.#places.find(ref);
      if (!place) continue;
      const run = runs.get(place) ?? this.read(place);
      runs.set(place, run);
      const text = (await run)?.operations[splitRef(ref).seq - place.first];
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
      const place = this.#places.find(`${chain}:${seq}`);
      const run = place && (await this.read(place));
      const first = place?.first ?? seq;
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
    for (let next = seq; runs.length < most; ) {
      const place = this.#places.from(chain, next);
      const run = place && (await this.read(place));
      if (!run) break;
      runs.push(run);
      next = place.last + 1;
    }
    return runs;
  }

  /** The chain's hash before sequence `next`; undefined where that is not here. */
  async hashAt(chain: ChainId, next: number): Promise<string | undefined> {
    const place = this.#places.find(`${chain}:${next - 1}`);
    const run = place && (await this.read(place));
    const seal = run && readSeal(run.seal);
    if (!seal) return undefined;
    if (place.last === next - 1) return seal.head;
    const prev = fromBase64Url(seal.prev);
    if (!prev) return undefined;
    const hash = new RunningHash(prev);
    for (const text of run.operations.slice(0, next - place.first)) hash.add(text);
    return hash.toString();
  }

  /** The hash that the run leads to which begins at `seq`; undefined where none begins there. */
  async headOfRunAt(chain: ChainId, seq: number): Promise<string | undefined> {
    const place = this.#places.find(`${chain}:${seq}`);
    const run = place?.first === seq ? await this.read(place) : undefined;
    return run && readSeal(run.seal)?.head;
  }

  /** Whether operations that are known by number are also the same. */
  async holds(run: Run): Promise<boolean> {
    const seal = readSeal(run.seal);
    if (!seal) return false;
    for (let seq = seal.first; seq <= seal.last; ) {
      const place = this.#places.find(`${seal.chain}:${seq}`);
      const stored = place && (await this.read(place));
      if (!stored) return false;
      for (; seq <= Math.min(place.last, seal.last); seq++)
        if (stored.operations[seq - place.first] !== run.operations[seq - seal.first]) return false;
    }
    return true;
  }

  async read({ document, at, first, last, seal: loose }: RunPlace): Promise<Run | undefined> {
    if (document === "") return loose === undefined ? undefined : this.#loose.bySeal(loose);
    const count = last - first + 1;
    const elements = await this.#store.read(document, at, count + 1);
    const seal = elements[count];
    return seal === undefined ? undefined : { operations: elements.slice(0, count), seal };
  }
}
