import { RunningHash } from "../../shared/journal/chain.ts";
import { type ChainId, deviceOfChain } from "../../shared/journal/operation.ts";
import type { Signatures } from "../../shared/journal/ports.ts";
import { readSeal, type Seal } from "../../shared/journal/seal.ts";
import { Branches, isSealedByItsDevice } from "../../shared/replica/branches.ts";
import type { CheckedRun, Ledger } from "../../shared/replica/ledger.ts";
import type { PlacedRun } from "../../shared/replica/loaded-ledger.ts";
import { wronglyCounted } from "../../shared/replica/which-branch-counts.ts";
import { elementsText, type Finding } from "./finding.ts";

/** Few enough that every seal of them is verified, not only the last of each chain. */
const runsAtOnce = 64;

const faults: Readonly<Record<string, string>> = {
  malformed: "is no sealed run",
  "too-large": "is larger than a run may be",
  "other-organisation": "belongs to another organisation",
  fork: "contradicts what stands before it in its chain, under no seal of its device",
  "bad-seal": "does not match its seal",
  "authority-went-back": "cites an older authority entry than the run before it",
};

/** Enters runs into a ledger as they are read back: every chain recomputed, every seal verified. */
export class RunAudit {
  readonly findings: Finding[] = [];
  seals = 0;
  readonly #ledger: Ledger;
  readonly #signatures: Signatures;
  readonly #closely: ReadonlySet<ChainId>;
  /** chains of which two runs share operations and end elsewhere: to be followed closely */
  readonly doubtful = new Set<ChainId>();
  /** something before them is missing, or has not been read yet */
  #waiting: PlacedRun[] = [];
  readonly #branches = new Branches();
  /** hashes that entered runs lead to, by where they begin and where they end */
  readonly #headsByStart = new Map<string, string>();
  /** of chains that are followed closely also those within runs */
  readonly #headsByEnd = new Map<string, string>();
  readonly #damagedByChain = new Map<ChainId, { first: number; last: number }[]>();

  /** @param closely chains of which the hash is kept after every operation, not only after every run */
  constructor(ledger: Ledger, signatures: Signatures, closely: ReadonlySet<ChainId>) {
    this.#ledger = ledger;
    this.#signatures = signatures;
    this.#closely = closely;
  }

  /** Hashes that runs lead to which were entered though the cut names another history. */
  wronglyCounted(): Promise<string[]> {
    return wronglyCounted({
      ledger: this.#ledger,
      branches: this.#branches,
      reader: {
        hashAt: async (chain, next) => this.#headsByEnd.get(`${chain} ${next}`),
        headOfRunAt: async (chain, seq) => this.#headsByStart.get(`${chain} ${seq}`),
      },
    });
  }

  async take(runs: readonly PlacedRun[], nowMs: number): Promise<void> {
    this.seals += runs.length;
    await this.#enter(runs, nowMs);
  }

  /** All has been read: what still waits for something waits for what is lost. */
  async finish(nowMs: number): Promise<void> {
    for (let before = -1; before !== this.#waiting.length && this.#waiting.length > 0; ) {
      before = this.#waiting.length;
      await this.#enter(this.#waiting.splice(0), nowMs);
    }
    for (const placed of this.#waiting)
      if (!(await isSealedByItsDevice(placed.run, this.#ledger, this.#signatures)))
        this.#report(placed, "bad-seal");
    const firsts = new Map<ChainId, number>();
    for (const { run } of this.#waiting) {
      const { chain = "", first = 0 } = readSeal(run.seal) ?? {};
      firsts.set(chain, Math.min(first, firsts.get(chain) ?? first));
    }
    for (const [chain, first] of firsts) this.#reportLost(chain, first);
  }

  async #enter(runs: readonly PlacedRun[], nowMs: number): Promise<void> {
    for (let at = 0; at < runs.length; at += runsAtOnce)
      await this.#enterGroup(runs.slice(at, at + runsAtOnce), nowMs);
  }

  async #enterGroup(group: readonly PlacedRun[], nowMs: number): Promise<void> {
    const runs = group.map(({ run }) => run);
    const answers = await this.#ledger.checkAll(runs, { verify: true });
    for (const [index, answer] of answers.entries()) {
      const placed = group[index] as PlacedRun;
      if (answer.ok) {
        // What was checked on top of a run that was then not entered is looked at again.
        if (this.#isNext(answer.value)) await this.#enterOne(placed, answer.value, nowMs);
        else this.#waiting.push(placed);
        continue;
      }
      const { code } = answer.refusal;
      if (await this.#isApart(placed, code)) continue;
      if (code === "gap" || code === "unknown-device") this.#waiting.push(placed);
      else this.#report(placed, code);
    }
  }

  #isNext({ chain, firstNew, hashed }: CheckedRun): boolean {
    const { next, hash } = this.#ledger.head(chain);
    return next === firstNew && hash === hashed.before.toString();
  }

  async #enterOne(placed: PlacedRun, checked: CheckedRun, nowMs: number): Promise<void> {
    const { operations, run, chain } = checked;
    const seal = readSeal(run.seal);
    const isRepeated = operations.length < run.operations.length;
    if (isRepeated && !(await isSealedByItsDevice(run, this.#ledger, this.#signatures)))
      this.#report(placed, "bad-seal");
    else if (seal && operations.length === 0 && this.#isOther(chain, seal)) {
      this.#setApart(placed, seal);
      return;
    }
    this.#ledger.enter(checked, nowMs);
    if (this.#closely.has(chain)) this.#follow(checked);
    if (!seal || operations.length === 0) return;
    if (!isRepeated) this.#headsByStart.set(`${chain} ${seal.first}`, seal.head);
    this.#headsByEnd.set(`${chain} ${seal.last + 1}`, seal.head);
  }

  #follow({ chain, firstNew, hashed }: CheckedRun): void {
    const hash = new RunningHash(hashed.before.bytes());
    for (const [index, text] of hashed.texts.entries()) {
      hash.add(text);
      this.#headsByEnd.set(`${chain} ${firstNew + index + 1}`, hash.toString());
    }
  }

  /** Whether another history stands at the place of a run. */
  #isOther(chain: ChainId, { last, head }: Seal): boolean {
    const here = this.#headsByEnd.get(`${chain} ${last + 1}`);
    if (here === undefined) this.doubtful.add(chain);
    return here !== undefined && here !== head;
  }

  /** One of two histories of a device is no damage: it is kept, and counts for nothing. */
  async #isApart(placed: PlacedRun, code: string): Promise<boolean> {
    const seal = readSeal(placed.run.seal);
    const contradicts =
      code === "fork" || (code === "gap" && seal && this.#branches.has(seal.prev));
    if (!seal || !contradicts) return false;
    if (!(await isSealedByItsDevice(placed.run, this.#ledger, this.#signatures))) return false;
    this.#setApart(placed, seal);
    return true;
  }

  #setApart({ run, document, at }: PlacedRun, { chain, first, last, prev, head }: Seal): void {
    this.#ledger.apart.add(head);
    this.#branches.add({ chain, first, last, prev, head, document, at, seal: run.seal });
  }

  #report({ run, document, at }: PlacedRun, code: string): void {
    const seal = readSeal(run.seal);
    const elements = { first: at, last: at + run.operations.length };
    const what = faults[code] ?? code;
    const where = elementsText(elements.first, elements.last);
    if (!seal) {
      this.findings.push({ where: document, what: `${where}: ${what}`, document, elements });
      return;
    }
    const { chain, first, last } = seal;
    this.findings.push({
      where: document,
      what: `${where}: run of operations ${first} to ${last} of ${chain} ${what}`,
      document,
      elements,
      chain,
      operations: { first, last },
    });
    const damaged = this.#damagedByChain.get(chain) ?? [];
    damaged.push({ first, last });
    this.#damagedByChain.set(chain, damaged);
  }

  /** @param next sequence of the first operation that is there again */
  #reportLost(chain: ChainId, next: number): void {
    if (!this.#ledger.log.devices.has(deviceOfChain(chain))) {
      const what = "sealed by a device that the authority log does not know";
      this.findings.push({ where: chain, what, chain });
      return;
    }
    const first = this.#ledger.head(chain).next;
    const last = next - 1;
    const named = this.#damagedByChain.get(chain) ?? [];
    if (last < first || named.some((part) => part.first <= first && part.last >= last)) return;
    const what = `operations ${first} to ${last} are missing; later ones are there`;
    this.findings.push({ where: chain, what, chain, operations: { first, last } });
  }
}
