import { readEntry } from "../../shared/access/authority-entry.ts";
import { appendEntry, readAuthorityLog } from "../../shared/access/authority-log.ts";
import {
  authorityDocument,
  type DocumentName,
  splitJournalName,
} from "../../shared/documents/document-name.ts";
import { hashText } from "../../shared/journal/bytes.ts";
import type { ChainHead } from "../../shared/journal/chain.ts";
import { type ChainId, deviceOfChain, storeOfChain } from "../../shared/journal/operation.ts";
import type { Signatures } from "../../shared/journal/ports.ts";
import type { Run } from "../../shared/journal/run.ts";
import { readSeal } from "../../shared/journal/seal.ts";
import type { Result } from "../../shared/outcome/result.ts";
import { isSealedByItsDevice } from "../../shared/replica/branches.ts";
import { enterRuns } from "../../shared/replica/enter-runs.ts";
import type { LoadedLedger } from "../../shared/replica/loaded-ledger.ts";
import type { Mailbox } from "../../shared/replica/mailbox.ts";
import { runsIn } from "../../shared/replica/operation-places.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";
import type { RaiseAlarm } from "./alarms.ts";
import { apartPerDeviceMax } from "./run-intake.ts";
import { mayBegin, runningDocument } from "./running-months.ts";
import { trusting } from "./trusting.ts";

/** How a document here compares with the copy that somebody has of it. */
export interface DocumentStanding {
  /** `same`: ours begins with all of his; `shorter`: his begins with all of ours; `other`: neither */
  standing: "same" | "shorter" | "other";
  length: number;
}

export interface TailDeps {
  mailbox: Mailbox;
  store: ReplicaStore;
  signatures: Signatures;
  alarm: RaiseAlarm;
  /** this server's own identity */
  device: string;
  loaded(): LoadedLedger;
  /** something of our own has shown already that this store was put back */
  isSuspended(): boolean;
  length(name: DocumentName): number;
  barred(): string | undefined;
  nowMs(): number;
  /** Stores elements exactly where they stood; folds are the caller's. */
  append(name: DocumentName, elements: readonly string[]): Promise<Result<void, string>>;
  appendAuthority(texts: readonly string[]): Promise<Result<string, string>>;
  /**
   * What this store lacked has come.
   * @param isProven our own signature shows that it was here before: this store was put back
   */
  refilled(isProven: boolean): Promise<void>;
}

/** Runs before which something is missing; each of them is looked at whenever something comes. */
const waitingMax = 20_000;
const waitingPerDeviceMax = 2000;

/**
 * A server that was put back to an older copy of itself gets back from its devices what it had written
 * since, element by element in the very places, so that nobody's copy of a document differs. Only while
 * it has written nothing new there itself; after that, heads are what brings both sides together.
 *
 * That it was put back is shown by what it signed itself: a checkpoint, or an operation or entry of its
 * own that it does not know. Without that, anybody may have made the tail up: it is taken only where
 * and as the ordinary door would take its runs, and stops nobody.
 */
export class DocumentTails {
  readonly #deps: TailDeps;
  /** documents into which something new was written since this start */
  readonly #touched = new Set<DocumentName>();
  /** documents of which somebody showed more without a proof, told once for each */
  readonly #told = new Set<DocumentName>();

  constructor(deps: TailDeps) {
    this.#deps = deps;
  }

  touch(name: DocumentName): void {
    this.#touched.add(name);
  }

  /** @param last hash of the last of his `length` elements */
  async compare(
    name: DocumentName,
    { length, last }: { length: number; last: string },
  ): Promise<DocumentStanding & { last: string }> {
    const { store } = this.#deps;
    const here = this.#deps.length(name);
    const [final] = here > 0 ? await store.read(name, here - 1, 1) : [];
    const answer = { length: here, last: final === undefined ? "" : hashText(final) };
    if (length > here) return { ...answer, standing: this.#mayGrow(name) ? "shorter" : "other" };
    const [there] = length > 0 ? await store.read(name, length - 1, 1) : [];
    const isSame = length === 0 || (there !== undefined && hashText(there) === last);
    return { ...answer, standing: isSame ? "same" : "other" };
  }

  /** @returns the document's length afterwards, or why nothing was taken */
  take(
    name: DocumentName,
    from: number,
    elements: readonly string[],
  ): Promise<{ length: number; code?: string }> {
    return this.#deps.mailbox.post(async () => {
      const code = await this.#take(name, from, elements);
      const length = this.#deps.length(name);
      return code === undefined ? { length } : { length, code };
    });
  }

  async #take(
    name: DocumentName,
    from: number,
    elements: readonly string[],
  ): Promise<string | undefined> {
    const { barred, length, alarm } = this.#deps;
    const reason = barred();
    if (reason !== undefined) return reason;
    if (from !== length(name)) return "gap";
    if (!this.#mayGrow(name)) return "other-history";
    const isProven = this.#deps.isSuspended() || this.#isOurs(name, elements);
    const refused =
      name === authorityDocument
        ? await this.#takeAuthority(elements)
        : await this.#takeRuns(name, from, elements, isProven);
    if (refused !== undefined) return refused;
    const detail = { document: name, from, elements: elements.length, proven: isProven };
    if (isProven || !this.#told.has(name)) alarm({ kind: "server-rolled-back", detail });
    this.#told.add(name);
    await this.#deps.refilled(isProven);
    return undefined;
  }

  /** Whether something in a tail is our own; what is taken of it is not known here, and its seal checks. */
  #isOurs(name: DocumentName, elements: readonly string[]): boolean {
    const { device } = this.#deps;
    const key = this.#deps.loaded().ledger.authority?.devices.get(device)?.key;
    const isOwnSeal = (text: string) => deviceOfChain(readSeal(text)?.chain ?? "") === device;
    const isSignedByUs = (text: string) =>
      readEntry(text)?.sigs.some((sig) => sig.by === `device:${device}` && sig.key === key) ??
      false;
    return elements.some(name === authorityDocument ? isSignedByUs : isOwnSeal);
  }

  /** A journal of this term into which nothing new came; the authority log is linear by itself. */
  #mayGrow(name: DocumentName): boolean {
    if (name === authorityDocument) return true;
    const { authority } = this.#deps.loaded().ledger;
    const split = splitJournalName(name);
    if (!split || !authority || this.#touched.has(name)) return false;
    if (split.term !== authority.term || !authority.stores.has(split.store)) return false;
    const at = { nowMs: this.#deps.nowMs(), timeZone: authority.timeZone };
    return this.#deps.length(name) > 0 || mayBegin(split.month, at);
  }

  async #takeAuthority(texts: readonly string[]): Promise<string | undefined> {
    const { ledger } = this.#deps.loaded();
    const trial = await readAuthorityLog(ledger.authorityTexts, trusting);
    if (!trial.ok) return "not-founded";
    for (const text of texts) {
      const appended = await appendEntry(trial.value, text, this.#deps.signatures);
      if (!appended.ok) return appended.refusal;
    }
    const stored = await this.#deps.appendAuthority(texts);
    return stored.ok ? undefined : stored.refusal;
  }

  async #takeRuns(
    name: DocumentName,
    from: number,
    elements: readonly string[],
    isProven: boolean,
  ): Promise<string | undefined> {
    const { signatures, append, nowMs } = this.#deps;
    const loaded = this.#deps.loaded();
    const { runs, whole } = runsIn(elements, from);
    if (whole !== elements.length || runs.length === 0) return "malformed";
    for (const { run } of runs)
      if (!(await isSealedByItsDevice(run, loaded.ledger, signatures))) return "bad-seal";
    const sealed = runs.map(({ run }) => run);
    const store = splitJournalName(name)?.store;
    if (sealed.some((run) => storeOfChain(readSeal(run.seal)?.chain ?? "") !== store))
      return "other-store";
    const fault = (await whyNotEntered(loaded, sealed)) ?? (await whyBeyondBounds(loaded, sealed));
    if (fault !== undefined) return fault;
    if (!isProven && !(this.#isRunning(name) && isInSequence(loaded, sealed)))
      return "nothing-of-ours";
    const stored = await append(name, elements);
    if (!stored.ok) return stored.refusal;
    const placed = runs.map(({ run, at }) => ({ run, document: name, at }));
    await enterRuns(loaded, placed, { verify: true, nowMs: nowMs() });
    return undefined;
  }

  /** Whether the next run of a store would be written there. */
  #isRunning(name: DocumentName): boolean {
    const { lengths, ledger } = this.#deps.loaded();
    const { store = "" } = splitJournalName(name) ?? {};
    const { term, timeZone } = ledger.log;
    const nowMs = this.#deps.nowMs();
    return runningDocument(lengths.keys(), { term, store, nowMs, timeZone }) === name;
  }
}

/** What is stored and could never be entered would be new for ever: it is not stored at all. */
async function whyNotEntered(
  { ledger }: LoadedLedger,
  runs: readonly Run[],
): Promise<string | undefined> {
  const answers = await ledger.checkAll(runs, { verify: true });
  for (const [index, answer] of answers.entries())
    if (!answer.ok) {
      const { code } = answer.refusal;
      if (code !== "gap" && code !== "fork") return code;
    } else {
      const fresh = answer.value.operations.length;
      if (fresh > 0 && fresh < (runs[index]?.operations.length ?? 0)) return "overlap";
    }
  return undefined;
}

/** Whether each run goes on from what is here, or from one before it. */
function isInSequence({ ledger }: LoadedLedger, runs: readonly Run[]): boolean {
  const headByChain = new Map<ChainId, ChainHead>();
  return runs.every(({ seal: text }) => {
    const seal = readSeal(text);
    if (!seal) return false;
    const here = headByChain.get(seal.chain) ?? ledger.head(seal.chain);
    headByChain.set(seal.chain, { next: seal.last + 1, hash: seal.head });
    return seal.first === here.next && seal.prev === here.hash;
  });
}

/**
 * Every run of a tail brings what is not here: else a document could be made to grow for nothing by
 * whoever repeats what everybody knows. What waits, and what stands apart, is bounded besides.
 */
async function whyBeyondBounds(
  { ledger, reader, branches, deferred }: LoadedLedger,
  runs: readonly Run[],
): Promise<string | undefined> {
  const met = new Set(deferred.map(({ run }) => run.seal));
  const headByChain = new Map<ChainId, ChainHead>();
  const apart = new Set<string>();
  const apartByDevice = new Map<string, number>();
  const waitingByDevice = new Map<string, number>();
  for (const { run } of deferred) countOne(waitingByDevice, run);
  let waiting = deferred.length;
  for (const run of runs) {
    const seal = readSeal(run.seal);
    if (!seal || met.has(run.seal) || branches.has(seal.head)) return "nothing-new";
    met.add(run.seal);
    const { chain, first, last, prev, head } = seal;
    const here = headByChain.get(chain) ?? ledger.head(chain);
    if (last < ledger.head(chain).next && (await reader.holds(run))) return "nothing-new";
    if (first === here.next && prev === here.hash) {
      headByChain.set(chain, { next: last + 1, hash: head });
      continue;
    }
    if (first > here.next && !branches.has(prev) && !apart.has(prev)) {
      waiting++;
      if (countOne(waitingByDevice, run) > waitingPerDeviceMax) return "too-many-waiting";
      continue;
    }
    apart.add(head);
    const device = deviceOfChain(chain);
    const known = apartByDevice.get(device) ?? branches.of(device).length;
    if (known >= apartPerDeviceMax) return "too-many-apart";
    apartByDevice.set(device, known + 1);
  }
  return waiting > waitingMax ? "too-many-waiting" : undefined;
}

function countOne(countByDevice: Map<string, number>, run: Run): number {
  const device = deviceOfChain(readSeal(run.seal)?.chain ?? "");
  const count = (countByDevice.get(device) ?? 0) + 1;
  countByDevice.set(device, count);
  return count;
}
