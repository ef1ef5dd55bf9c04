import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { type DocumentName, journalDocument } from "../../shared/documents/document-name.ts";
import { fromBase64Url } from "../../shared/journal/bytes.ts";
import { readOperation, refOf, storeOfChain } from "../../shared/journal/operation.ts";
import type { Signatures } from "../../shared/journal/ports.ts";
import { elementsOf, type Run } from "../../shared/journal/run.ts";
import { readSeal } from "../../shared/journal/seal.ts";
import { hashOfKey } from "../../shared/members/member-fields.ts";
import type { MemberId } from "../../shared/members/member-kinds.ts";
import { isSealedByItsDevice } from "../../shared/replica/branches.ts";
import { Ledger } from "../../shared/replica/ledger.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";
import { businessDateOf } from "../../shared/time/business-date.ts";
import { mayBegin } from "../relay/running-months.ts";
import type { KeyEntry } from "../snapshots/keyring-pages.ts";
import type { OfferedLog } from "./offered-logs.ts";
import type { RecoverySource } from "./recovery-source.ts";
import { untilItFails } from "./survey-sources.ts";

/** What a source brought to the union. */
export interface Brought {
  /** operations in runs that check */
  operations: number;
  /** of these, what no source before it holds */
  fresh: number;
  /** runs that no device of the shop sealed */
  refused: number;
}

export interface Union {
  documents: { name: DocumentName; length: number }[];
  /** by source, in their order */
  brought: Brought[];
  /** runs that their device sealed and that cannot stand in a document now */
  aside: Run[];
}

export interface UnionPlan {
  sources: readonly RecoverySource[];
  /** the log of the new server; devices that only the others know cannot count yet */
  log: OfferedLog;
  others: readonly OfferedLog[];
  keys: readonly KeyEntry[];
  /** the new term */
  term: number;
  nowMs: number;
  /** seals of runs before which something is missing */
  unjoined: ReadonlySet<string>;
  signatures: Signatures;
  /** told from time to time; throws to break off */
  onProgress(from: string, operations: number): void;
}

const elementsAtOnce = 2000;
const keysAtOnce = 1000;
/** Characters by which a seal is known again: the beginning of its signature, 192 bits. */
const sealMarkLength = 32;

/**
 * Writes every run that some source holds once into documents of the new term, as it comes: memory grows
 * by a mark for each run, not by what is in it. Nothing is believed but what its device sealed.
 */
export async function writeUnion(store: ReplicaStore, plan: UnionPlan): Promise<Union> {
  const writer = new DocumentsWriter(store, { ...plan, timeZone: plan.log.state.timeZone });
  const checks = await Promise.all(
    [plan.log, ...plan.others].map((log) => checkerOf(log, plan.signatures)),
  );
  const keyHashes = new Map<MemberId, unknown>();
  const met = new Set<string>();
  const union: Union = { documents: [], brought: [], aside: [] };
  for (const source of plan.sources) {
    const brought: Brought = { operations: 0, fresh: 0, refused: 0 };
    union.brought.push(brought);
    for await (const piece of untilItFails(source)) {
      for (const run of piece.type === "runs" ? piece.runs : []) {
        const mark = readSeal(run.seal)?.sig.slice(0, sealMarkLength) ?? "";
        const isNew = !met.has(mark);
        const sealedBy = isNew ? await indexOfFirst(checks, (check) => check(run)) : 0;
        if (sealedBy === undefined) {
          brought.refused++;
          continue;
        }
        brought.operations += run.operations.length;
        if (!isNew) continue;
        met.add(mark);
        brought.fresh += run.operations.length;
        noteKeyHashes(run, keyHashes);
        if (sealedBy > 0 || plan.unjoined.has(run.seal)) union.aside.push(run);
        else await writer.add(run);
      }
      plan.onProgress(source.name, brought.operations);
    }
  }
  union.documents = await writer.finish();
  const keys = chooseKeys(plan.keys, keyHashes);
  for (let from = 0; from < keys.length; from += keysAtOnce)
    await store.commit({ keysAdd: keys.slice(from, from + keysAtOnce) });
  return union;
}

type Check = (run: Run) => Promise<boolean>;

async function checkerOf({ entries }: OfferedLog, signatures: Signatures): Promise<Check> {
  const ledger = new Ledger(signatures);
  for (const text of entries) await ledger.addAuthority(text);
  return (run) => isSealedByItsDevice(run, ledger, signatures);
}

async function indexOfFirst<Item>(
  items: readonly Item[],
  holds: (item: Item) => Promise<boolean>,
): Promise<number | undefined> {
  for (const [index, item] of items.entries()) if (await holds(item)) return index;
  return undefined;
}

/**
 * Each run in the document of its store and of the month in which it was recorded. What a device gives
 * as its date is believed within reason only: it names the document.
 */
class DocumentsWriter {
  readonly #store: ReplicaStore;
  readonly #at: { term: number; nowMs: number; timeZone: AuthorityState["timeZone"] };
  readonly #lengths = new Map<DocumentName, number>();
  readonly #waiting = new Map<DocumentName, string[]>();

  constructor(
    store: ReplicaStore,
    at: { term: number; nowMs: number; timeZone: AuthorityState["timeZone"] },
  ) {
    this.#store = store;
    this.#at = at;
  }

  async add(run: Run): Promise<void> {
    const name = this.#documentOf(run);
    const waiting = this.#waiting.get(name) ?? [];
    waiting.push(...elementsOf(run));
    this.#waiting.set(name, waiting);
    if (waiting.length >= elementsAtOnce) await this.#flush(name);
  }

  async finish(): Promise<{ name: DocumentName; length: number }[]> {
    for (const name of this.#waiting.keys()) await this.#flush(name);
    return [...this.#lengths].map(([name, length]) => ({ name, length }));
  }

  #documentOf(run: Run): DocumentName {
    const chain = readSeal(run.seal)?.chain ?? "";
    const stated = readOperation(run.operations[0] ?? "")?.date.slice(0, 7) ?? "";
    const thisMonth = businessDateOf(this.#at.nowMs, this.#at.timeZone).slice(0, 7);
    const month = mayBegin(stated, this.#at) ? stated : thisMonth;
    return journalDocument(this.#at.term, storeOfChain(chain), month);
  }

  async #flush(name: DocumentName): Promise<void> {
    const elements = this.#waiting.get(name) ?? [];
    const from = this.#lengths.get(name) ?? 0;
    this.#waiting.set(name, []);
    if (elements.length > 0) await this.#store.commit({ append: [{ name, from, elements }] });
    this.#lengths.set(name, from + elements.length);
  }
}

function noteKeyHashes({ operations }: Run, hashes: Map<MemberId, unknown>): void {
  for (const text of operations) {
    const operation = text.includes("MemberAdded") ? readOperation(text) : undefined;
    if (operation?.kind === "MemberAdded") hashes.set(refOf(operation), operation.body["keyHash"]);
  }
}

/** One key for a member: the right one where the operation that adds the member is here. */
function chooseKeys(
  offered: readonly KeyEntry[],
  hashes: ReadonlyMap<MemberId, unknown>,
): KeyEntry[] {
  const chosen = new Map<MemberId, string>();
  for (const [member, key] of offered) {
    const bytes = fromBase64Url(key);
    if (bytes?.length !== 32 || chosen.has(member)) continue;
    const hash = hashes.get(member);
    if (hash === undefined || hash === hashOfKey(bytes)) chosen.set(member, key);
  }
  return [...chosen];
}
