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
  {
    name: "accept a wrong chain",
    story: "a run is taken though it does not go on from what is there",
    file: "shared/replica/ledger.ts",
    find: `    if (skip === 0 && seal.prev !== known.hash.toString())
      return refuse({ code: "fork", next: known.next });`,
    replace: "",
    faults: ["till cloned", "till cloned", "link cut", "link cut"],
  },
  {
    name: "reuse an identity after loss",
    story: "a device that was put back to an older copy goes on under its old name",
    file: "shared/replica/standing.ts",
    find: `  if (isForked || device?.closed?.why === "stopped") return "copied";
  if (next > recordedNext) return "put-back";`,
    replace: `  void isForked; void device; if (next > recordedNext) return undefined;`,
    faults: ["till rolled back", "till rolled back", "till rolled back"],
  },
  {
    name: "give a foreign update to Yjs",
    story: "what the guard refused is applied all the same",
    file: "shared/documents/follow-document.ts",
    find: `      deps.onForged(update.refusal);
      stop(0);
      return;`,
    replace: `      Y.applyUpdate(doc, bytes);
      return;`,
    faults: ["foreign bytes", "foreign bytes", "foreign bytes"],
  },
  {
    name: "count the quarantined",
    story: "what a device that was stopped recorded beyond its cut is money again",
    file: "shared/access/judge.ts",
    find: `  return isGivenOut ? "late" : "beyond";`,
    replace: `  return isGivenOut ? "late" : "in time";`,
    faults: ["till cloned", "link cut", "till cloned", "till rolled back"],
  },
  {
    name: "quarantine what a replaced device sold",
    story: "customers paid at a till that was thought lost, and the shop forgets it",
    file: "shared/access/judge.ts",
    find: `  if (closed.why === "replaced") return knew ? "beyond" : "late";`,
    replace: `  if (closed.why === "replaced") return "beyond";`,
    faults: ["server lost", "till lost", "server lost", "till lost"],
  },
  {
    name: "count beyond the stop of a replaced device",
    story: "a stolen till that the owner stopped goes on selling, and it is money",
    file: "shared/access/judge.ts",
    find: `  if (closed.end && isBeyond(operation, closed.end)) return "beyond";`,
    replace: "",
    faults: ["replaced till sells on"],
  },
];
