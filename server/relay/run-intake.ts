import { type ChainId, deviceOfChain, storeOfChain } from "../../shared/journal/operation.ts";
import type { Signatures } from "../../shared/journal/ports.ts";
import type { Run } from "../../shared/journal/run.ts";
import { readSeal } from "../../shared/journal/seal.ts";
import { type Result, refuse } from "../../shared/outcome/result.ts";
import { isSealedByItsDevice } from "../../shared/replica/branches.ts";
import type { CheckedRun } from "../../shared/replica/ledger.ts";
import type { LoadedLedger } from "../../shared/replica/loaded-ledger.ts";
import type { Mailbox } from "../../shared/replica/mailbox.ts";
import type { RaiseAlarm } from "./alarms.ts";
import type { Keyring } from "./keyring.ts";

export type SubmitAnswer =
  | { ok: true; chain: ChainId; next: number; isNew: boolean }
  | { ok: false; code: string; next?: number | undefined };

export interface IntakeDeps {
  mailbox: Mailbox;
  signatures: Signatures;
  keyring: Keyring;
  alarm: RaiseAlarm;
  /** this server's own identity */
  device: string;
  loaded(): LoadedLedger;
  /** why nothing is taken at the moment */
  barred(): string | undefined;
  goReadOnly(reason: string): void;
  /** a run of our own chain that we did not know */
  ownUnknown(chain: ChainId, next: number): void;
  /** Stores runs and enters them; what it refuses was not stored. */
  append(runs: readonly CheckedRun[]): Promise<Result<void, string>>;
  /** Stores a run that contradicts its chain, apart, and stops its device. */
  setApart(run: Run): Promise<Result<void, string>>;
}

interface Submission {
  run: Run;
  length: number;
  /** who brings it; undefined for ourselves */
  from: string | undefined;
  answer: (answer: SubmitAnswer) => void;
}

/** Few enough that the ledger verifies every seal of them. */
const groupRunsMax = 64;
/** Characters of one group, unless a single run has more. */
const groupLengthMax = 700_000;
/** Runs kept apart of one device: two histories are a mishap, a hundred are an attack. */
export const apartPerDeviceMax = 100;

/**
 * Takes runs in from devices: what came while the disk was busy is checked and stored as one group,
 * with one sync for all of it.
 */
export class RunIntake {
  readonly #deps: IntakeDeps;
  #pending: Submission[] = [];
  #isDraining = false;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  /** Answers when the run is on disk, or why it will not be. */
  submit(run: Run, from: string | undefined): Promise<SubmitAnswer> {
    const length = run.operations.reduce((sum, text) => sum + text.length, run.seal.length);
    return new Promise((answer) => {
      this.#pending.push({ run, length, from, answer });
      this.#drainSoon();
    });
  }

  /** Resolves when everything that was submitted so far is answered. */
  async idle(): Promise<void> {
    while (this.#isDraining) await this.#deps.mailbox.idle();
  }

  #drainSoon(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    void this.#deps.mailbox.post(() => this.#drain());
  }

  async #drain(): Promise<void> {
    const group = this.#nextGroup();
    try {
      await this.#acceptGroup(group);
    } catch (error) {
      // What is stored but cannot be entered must not be built upon.
      this.#deps.goReadOnly("store-broken");
      this.#deps.alarm({ kind: "fold-broken", detail: { error: String(error) } });
      for (const { answer } of group) answer({ ok: false, code: "store-broken" });
    } finally {
      this.#isDraining = false;
      if (this.#pending.length > 0) this.#drainSoon();
    }
  }

  #nextGroup(): Submission[] {
    const group: Submission[] = [];
    let length = 0;
    while (group.length < groupRunsMax && this.#pending.length > 0) {
      length += this.#pending[0]?.length ?? 0;
      if (group.length > 0 && length > groupLengthMax) break;
      group.push(this.#pending.shift() as Submission);
    }
    return group;
  }

  async #acceptGroup(group: readonly Submission[]): Promise<void> {
    const barred = this.#deps.barred();
    if (barred !== undefined) {
      for (const { answer } of group) answer({ ok: false, code: barred });
      return;
    }
    const accepted = await this.#check(group);
    const fresh = accepted.filter(({ checked }) => checked.operations.length > 0);
    const stored = await this.#deps.append(fresh.map(({ checked }) => checked));
    for (const { submission, checked } of accepted) {
      const isNew = checked.operations.length > 0;
      if (stored.ok || !isNew)
        submission.answer({ ok: true, chain: checked.chain, next: checked.after.next, isNew });
      else submission.answer({ ok: false, code: stored.refusal });
    }
  }

  /** Answers what is refused, puts back what has to be looked at again, returns the rest. */
  async #check(
    group: readonly Submission[],
  ): Promise<{ submission: Submission; checked: CheckedRun }[]> {
    const runs = group.map(({ run }) => run);
    const answers = await this.#deps.loaded().ledger.checkAll(runs, { verify: true });
    const accepted: { submission: Submission; checked: CheckedRun }[] = [];
    const met = new Set<ChainId>();
    const stopped = new Set<ChainId>();
    const later: Submission[] = [];
    for (const [index, submission] of group.entries()) {
      const answer = answers[index] ?? refuse({ code: "malformed" as const });
      const chain = readSeal(submission.run.seal)?.chain ?? "";
      // A run that follows another of its chain was checked against that one. If that one is not
      // taken, or this one brings nothing beyond it, it is checked again on what is really there.
      const isNext = answer.ok && answer.value.operations.length > 0 && !stopped.has(chain);
      if (chain !== "" && met.has(chain) && !isNext) {
        later.push(submission);
        continue;
      }
      met.add(chain);
      const refused = this.#isElsewhere(chain)
        ? { code: "unknown-store" }
        : answer.ok
          ? await this.#whyNotTaken(answer.value, submission)
          : await this.#refusalOf(answer.refusal, submission.run);
      if (refused || !answer.ok) {
        stopped.add(chain);
        submission.answer({ ok: false, ...(refused ?? { code: "malformed" }) });
      } else accepted.push({ submission, checked: answer.value });
    }
    this.#pending.unshift(...later);
    return accepted;
  }

  /** Each store that somebody thinks up would be one more document, for everybody and for ever. */
  #isElsewhere(chain: ChainId): boolean {
    return chain !== "" && !this.#deps.loaded().ledger.log.stores.has(storeOfChain(chain));
  }

  /** A run that checks may still not be taken. */
  async #whyNotTaken(
    { chain, operations, firstNew }: CheckedRun,
    { run, from }: Submission,
  ): Promise<{ code: string; next?: number } | undefined> {
    const { keyring, loaded } = this.#deps;
    if (operations.length === 0) {
      const { reader, ledger } = loaded();
      if (await reader.holds(run)) return undefined;
      return this.#takeApart(run, ledger.head(chain).next);
    }
    if (operations.length !== run.operations.length) return { code: "overlap", next: firstNew };
    const device = deviceOfChain(chain);
    if (device === this.#deps.device) this.#deps.ownUnknown(chain, firstNew);
    const needsKeys = from === device && !operations.every((one) => keyring.covers(one));
    return needsKeys ? { code: "key-missing" } : undefined;
  }

  async #refusalOf(
    refusal: { code: string; next?: number },
    run: Run,
  ): Promise<{ code: string; next?: number }> {
    const { branches } = this.#deps.loaded();
    const seal = readSeal(run.seal);
    const isApart =
      refusal.code === "fork" || (refusal.code === "gap" && seal && branches.has(seal.prev));
    return isApart ? this.#takeApart(run, refusal.next ?? 0) : refusal;
  }

  /** One of two histories of a device: kept like every run, and counted for nothing. */
  async #takeApart(run: Run, next: number): Promise<{ code: string; next?: number }> {
    const { signatures, alarm, loaded, setApart, device } = this.#deps;
    const { ledger, branches } = loaded();
    const seal = readSeal(run.seal);
    if (!seal || !(await isSealedByItsDevice(run, ledger, signatures))) return { code: "bad-seal" };
    if (branches.has(seal.head)) return { code: "apart", next };
    const { chain, first, last, head } = seal;
    const author = deviceOfChain(chain);
    if (branches.of(author).length >= apartPerDeviceMax) return { code: "fork", next };
    alarm({ kind: "fork", detail: { chain, first, last, head } });
    if (author === device) this.#deps.ownUnknown(chain, first);
    const stored = await setApart(run);
    return stored.ok ? { code: "apart", next } : { code: stored.refusal };
  }
}
