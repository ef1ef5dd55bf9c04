import { sha256 } from "@noble/hashes/sha2.js";
import { authorityHead } from "../access/authority-state.ts";
import { hashText, toBase64Url, utf8 } from "../journal/bytes.ts";
import { type CanonicalValue, canonicalJson } from "../journal/canonical-json.ts";
import { FenSum } from "../money/fen-sum.ts";
import type { LateClaim } from "../stored-value/credit-claims.ts";
import { MemberBalance } from "../stored-value/lots.ts";
import { isWithdrawn, oldPurchasesOf } from "./books.ts";
import type { Ledger } from "./ledger.ts";

/** Under which a state may be compared: equal labels, equal states; else nothing can be said. */
export interface StateLabel {
  /** hash over all chains' heads and what stands apart */
  heads: string;
  authority: string;
  fold: number;
}

export interface StateSummary {
  /** over sealed bytes and references only, never over anything readable */
  hash: string;
  label: StateLabel;
  counts: {
    operations: number;
    members: number;
    lots: number;
    sales: number;
    oldPurchases: number;
    waiting: number;
    quarantined: number;
    refused: number;
    /** runs that contradict their device's chain */
    apart: number;
  };
  /** fen by account; sums to zero */
  trialBalance: Record<string, number>;
  /** what members are owed, fen */
  liabilities: { principal: number; bonus: number };
  /** bought in the old system, fen */
  oldPurchasesFen: number;
  /** fen that late allotments took below zero */
  disputed: number;
}

/** The folded state as one number, the same on every replica that holds the same operations. */
export function summarise(ledger: Ledger): StateSummary {
  const { books, fold } = ledger;
  const hash = sha256.create();
  const row = (value: CanonicalValue) => hash.update(utf8(`${canonicalJson(value)}\n`));
  const members = [...books.members.values()].sort(byKey((record) => record.id));
  const present = members.filter((record) => !isWithdrawn(books, record));
  const owed = new MemberBalance();
  const old = { count: 0, fen: new FenSum() };
  for (const record of members) {
    const fields = [...record.historyByField].sort(byKey(([field]) => field));
    const balance = books.balances.get(record.id) ?? { principal: 0, bonus: 0 };
    const visits = books.visitsByMember.get(record.id);
    const bought = oldPurchasesOf(books, record.id);
    owed.add(balance);
    old.count += bought.count;
    old.fen.add(bought.spentFen);
    row({
      member: record.id,
      keyHash: record.keyHash,
      withdrawn: isWithdrawn(books, record),
      fields: fields.map(([field, history]) => [field, ...history.heads().map(({ ref }) => ref)]),
      operations: record.operations.length,
      balance: [balance.principal, balance.bonus],
      visits: visits ? [visits.count, visits.spentFen, visits.lastMs] : [],
      old: [bought.count, bought.spentFen],
    });
    const fragments = books.purses.allFragments(record.id).sort(byKey((fragment) => fragment.ref));
    for (const { ref, lot, purse, leftPrincipal, leftBonus, late } of fragments)
      row({ credit: ref, lot, purse, left: [leftPrincipal, leftBonus], late: lateRows(late) });
  }
  for (const lot of [...books.lots.values()].sort(byKey(({ ref }) => ref)))
    row({ lot: lot.ref, face: [lot.principal, lot.bonus], voided: lot.voidedBy ?? "" });
  for (const sale of [...books.sales.values()].sort(byKey(({ ref }) => ref)))
    row({ sale: sale.ref, payable: sale.payable, reversedBy: sale.reversedBy.sorted() });
  for (const batch of [...books.imports.values()].sort(byKey(({ ref }) => ref)))
    row({ batch: batch.ref, closed: batch.closed !== undefined, undone: [...batch.undoneBy] });
  for (const restore of [...books.restores.values()].sort(byKey(({ ref }) => ref)))
    row({ restore: restore.ref, closed: restore.closed });
  const trialBalance = books.accounts.accounts();
  row(trialBalance);
  const exceptions = [...fold.exceptions()].sort(byKey(({ ref }) => ref));
  for (const { ref, standing } of exceptions) row({ exception: ref, standing });
  const heads = [...ledger.heads()]
    .filter(([, head]) => head.next > 0)
    .sort(byKey(([chain]) => chain));
  const standing = (wanted: string) =>
    exceptions.filter((exception) => exception.standing === wanted).length;
  return {
    hash: toBase64Url(hash.digest()),
    label: {
      heads: hashText(
        canonicalJson([
          ...heads.map(([chain, head]) => [chain, head.next, head.hash]),
          ...[...ledger.apart].sort(),
        ]),
      ),
      authority: authorityHead(ledger.log),
      fold: ledger.log.fold,
    },
    counts: {
      operations: heads.reduce((sum, [, head]) => sum + head.next, 0),
      members: present.length,
      lots: [...books.lots.values()].filter((lot) => lot.voidedBy === undefined).length,
      sales: books.sales.size,
      oldPurchases: old.count,
      waiting: standing("waiting"),
      quarantined: standing("quarantined"),
      refused: standing("refused"),
      apart: ledger.apart.size,
    },
    trialBalance,
    liabilities: { principal: owed.principal, bonus: owed.bonus },
    oldPurchasesFen: old.fen.fen,
    disputed: books.purses
      .disputed()
      .reduce(
        (sum, left) => sum - Math.min(0, left.leftPrincipal) - Math.min(0, left.leftBonus),
        0,
      ),
  };
}

/** Which operations a closed server had given out late; left out where there are none. */
const lateRows = (late: readonly LateClaim[]): CanonicalValue[] | undefined =>
  late.length === 0
    ? undefined
    : [...late]
        .sort(byKey(({ operation }) => operation))
        .map(({ operation, principal, bonus }) => [operation, principal, bonus]);

const byKey =
  <Row>(key: (row: Row) => string) =>
  (a: Row, b: Row): number =>
    key(a) < key(b) ? -1 : 1;
