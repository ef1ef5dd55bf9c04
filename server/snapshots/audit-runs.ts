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
  /** something before them is missing, or has not been read yet */
  #waiting: PlacedRun[] = [];
  readonly #branches = new Branches();
  /** hashes that entered runs lead to, by where they begin and where they end */
  readonly #headsByStart = new Map<string, string>();
  readonly #headsByEnd = new Map<string, string>();
  readonly #damagedByChain = new Map<ChainId, { first: number; last: number }[]>();

  constructor(ledger: Ledger, signatures: Signatures) {
    this.#ledger = ledger;
    this.#signatures = signatures;
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
    const stopped = new Set<ChainId>();
    for (const [index, answer] of answers.entries()) {
      const placed = group[index] as PlacedRun;
      const chain = readSeal(placed.run.seal)?.chain ?? "";
      if (answer.ok && !stopped.has(chain)) {
        await this.#enterOne(placed, answer.value, nowMs);
        continue;
      }
      if (!answer.ok && (await this.#isApart(placed, answer.refusal.code))) continue;
      stopped.add(chain);
      if (answer.ok || answer.refusal.code === "gap" || answer.refusal.code === "unknown-device")
        this.#waiting.push(placed);
      else this.#report(placed, answer.refusal.code);
    }
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
    if (!seal || isRepeated) return;
    this.#headsByStart.set(`${chain} ${seal.first}`, seal.head);
    this.#headsByEnd.set(`${chain} ${seal.last + 1}`, seal.head);
  }

  #isOther(chain: ChainId, { last, head }: Seal): boolean {
    const here = this.#headsByEnd.get(`${chain} ${last + 1}`);
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
