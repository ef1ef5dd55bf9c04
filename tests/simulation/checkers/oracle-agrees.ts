import type { Books } from "../../../shared/replica/books.ts";
import type { Checker } from "../checker.ts";
import { Oracle } from "../oracle.ts";
import type { World } from "../world.ts";

/**
 * What the operations come to, worked out a second time by a model that shares no code with the fold:
 * who has what in which purse, which sales are undone, which edits stand, what is in the till.
 */
export const oracleAgrees: Checker = {
  name: "oracle agrees",
  atEnd(world) {
    const { gate } = world.server;
    const runs = world.tills[0]?.disk.runs();
    if (!gate || !runs) return ["there is nobody to compare with"];
    const { ledger } = gate.relay;
    const oracle = new Oracle(ledger.authorityTexts, runs);
    return [
      ...standings(oracle, (ref) => ledger.fold.isCounted(ref)),
      ...same("balances", balancesOf(oracle), balancesIn(ledger.books)),
      ...same("purses", creditsOf(oracle), creditsIn(ledger.books)),
      ...same(
        "accounts",
        accountsOf(oracle),
        rows(Object.entries(ledger.books.accounts.accounts())),
      ),
      ...same("reversals", [...oracle.reversed].sort(), reversedIn(ledger.books)),
      ...same("voided lots", [...oracle.voided].sort(), voidedIn(ledger.books)),
      ...same("edits", editsOf(oracle), editsIn(ledger.books)),
      ...same("visits", visitsOf(oracle), visitsIn(ledger.books)),
      ...deedsDone(world, oracle),
    ];
  },
};

function standings(oracle: Oracle, isCounted: (ref: string) => boolean): string[] {
  return [...oracle.facts.keys()].flatMap((ref) => {
    const decision = oracle.decisions.get(ref) ?? "waits";
    return (decision === "counts") === isCounted(ref)
      ? []
      : [`${ref} ${oracle.facts.get(ref)?.kind}: by the rules it ${decision}, the product differs`];
  });
}

/** What a person typed is what was written down: a sale's and a top-up's money, to the fen. */
function deedsDone({ witness }: World, oracle: Oracle): string[] {
  return witness.deeds.flatMap(({ refs, texts, command, takings }) => {
    if (command !== "TopUp" && command !== "RecordSale") return [];
    const tenders = refs.flatMap((ref) => oracle.facts.get(ref)?.body.tenders ?? []);
    const written = tenders.filter(({ tender }) => tender !== "stored-value");
    // Another history of the device stands there: somebody else looks after that.
    const isMissing = refs.some((ref, at) => oracle.facts.get(ref)?.text !== texts[at]);
    const typed = Object.entries(takings).map(([tender, amount]) => `${tender} ${amount}`);
    return isMissing
      ? []
      : same(
          `takings of ${refs.join(" ")}`,
          typed.sort(),
          written.map(({ tender, amount }) => `${tender} ${amount}`).sort(),
        );
  });
}

function same(what: string, expected: readonly string[], found: readonly string[]): string[] {
  const missing = expected.filter((row) => !found.includes(row));
  const surplus = found.filter((row) => !expected.includes(row));
  return missing.length + surplus.length === 0
    ? []
    : [`${what}: the rules say ${missing.join(", ")}; the books say ${surplus.join(", ")}`];
}

const rows = (entries: Iterable<readonly [string, number]>): string[] =>
  [...entries].flatMap(([name, fen]) => (fen === 0 ? [] : [`${name} ${fen}`])).sort();

const faceRows = (faces: Iterable<readonly [string, { principal: number; bonus: number }]>) =>
  [...faces]
    .filter(([, { principal, bonus }]) => principal !== 0 || bonus !== 0)
    .map(([name, { principal, bonus }]) => `${name} ${principal}+${bonus}`)
    .sort();

const balancesOf = (oracle: Oracle): string[] => faceRows(oracle.balances);
const balancesIn = (books: Books): string[] => faceRows(books.balances);

const creditsOf = (oracle: Oracle): string[] =>
  faceRows(
    [...oracle.credits.values()].map((credit) => [
      `${credit.ref} of ${credit.member} in ${oracle.shownIn(credit)}`,
      credit,
    ]),
  );

const creditsIn = (books: Books): string[] =>
  faceRows(
    [...books.purses.members()]
      .flatMap((member) => books.purses.allFragments(member))
      .map((left) => [
        `${left.ref} of ${left.member} in ${left.purse}`,
        { principal: left.leftPrincipal, bonus: left.leftBonus },
      ]),
  );

const accountsOf = (oracle: Oracle): string[] => rows(oracle.accounts);

const reversedIn = (books: Books): string[] =>
  [...books.sales.values()]
    .filter(({ reversedBy }) => reversedBy.length > 0)
    .map(({ ref }) => ref)
    .sort();

const voidedIn = (books: Books): string[] =>
  [...books.lots.values()]
    .filter(({ voidedBy }) => voidedBy !== undefined)
    .map(({ ref }) => ref)
    .sort();

const editsOf = (oracle: Oracle): string[] =>
  [...oracle.heads].map(([name, heads]) => `${name}: ${[...heads].sort().join(" ")}`).sort();

const editsIn = (books: Books): string[] =>
  [...books.members.values()]
    .flatMap(({ id, historyByField }) =>
      [...historyByField].map(
        ([field, history]) =>
          `${id} ${field}: ${history
            .heads()
            .map(({ ref }) => ref)
            .sort()
            .join(" ")}`,
      ),
    )
    .sort();

const visitRows = (visits: Iterable<readonly [string, { count: number; spentFen: number }]>) =>
  [...visits].map(([member, { count, spentFen }]) => `${member} ${count} ${spentFen}`).sort();

const visitsOf = (oracle: Oracle): string[] => visitRows(oracle.visits);
const visitsIn = (books: Books): string[] => visitRows(books.visitsByMember);
