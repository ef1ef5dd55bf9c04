import type { PlantedBug } from "./planted-bug.ts";

/** Mistakes of which each must be caught by some checker; most are one line. */
export const plantedBugs: readonly PlantedBug[] = [
  {
    name: "skip fsync",
    story: "the server acknowledges what only its memory holds",
    file: "server/adapters/folder-store.ts",
    find: `      await first?.log.file?.sync();
      await Promise.all(others.map(({ log }) => log.file?.sync()));`,
    replace: "void first; void others;",
  },
  {
    name: "ignore sequence",
    story: "what comes after a gap is acknowledged as if it were known",
    file: "shared/replica/ledger.ts",
    find: `if (seal.first > known.next) return refuse({ code: "gap", next: known.next });`,
    replace: `if (seal.first > known.next) return done({ checked: resend(chain, run, known), seal });`,
  },
  {
    name: "fold twice",
    story: "an operation takes effect twice",
    file: "shared/replica/fold-journal.ts",
    find: "rule.apply(operation, body, this.#books);",
    replace: "rule.apply(operation, body, this.#books); rule.apply(operation, body, this.#books);",
  },
  {
    name: "drop a tender",
    story: "of a sale that was paid in two ways only one is written down",
    file: "shared/replica/decide.ts",
    find: `    kind: "SaleRecorded",
    body: { member, items, tenders, value,`,
    replace: `    kind: "SaleRecorded",
    body: { member, items, tenders: tenders.slice(0, 1), value,`,
  },
  {
    name: "ack before append",
    story: "the server says saved, and then writes",
    file: "server/relay/run-intake.ts",
    find: "const stored = await this.#deps.append(fresh.map(({ checked }) => checked));",
    replace: `for (const { submission, checked } of accepted)
      submission.answer({ ok: true, chain: checked.chain, next: checked.after.next });
    const stored = await this.#deps.append(fresh.map(({ checked }) => checked));`,
  },
  {
    name: "spend from another's purse",
    story: "a till spends whatever the member has, wherever it lies",
    file: "shared/stored-value/purses.ts",
    find: `        this.#succession.generation(left.purse, purse, Number.MAX_SAFE_INTEGER) !== undefined,`,
    replace: "        left.purse !== undefined && purse !== undefined,",
  },
  {
    name: "swallow the oldest lot",
    story: "a balance forgets what a reversal gave back",
    file: "shared/sales/sale-rules.ts",
    find: "  addToBalance(books, member, returned);",
    replace: "  addToBalance(books, member, returned.slice(1));",
  },
];
