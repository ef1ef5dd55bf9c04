import type { Books } from "../../../shared/replica/books.ts";
import { booksOf } from "../books-of.ts";
import type { Checker } from "../checker.ts";

/**
 * While nothing waits for what has not arrived, every replica's trial balance is zero; what its members are shown is the sum of what is
 * left of their lots, and all of it together is what the account of stored value owes. [SA1] [SV1]
 */
export const booksBalance: Checker = {
  name: "books balance",
  meanwhile: (world) =>
    booksOf(world).flatMap(({ name, books, isWaiting }) =>
      isWaiting ? [] : faultsOf(name, books),
    ),
  atEnd: (world) => booksOf(world).flatMap(({ name, books }) => faultsOf(name, books)),
};

function faultsOf(name: string, books: Books): string[] {
  const faults: string[] = [];
  const accounts = books.accounts.accounts();
  const sum = Object.values(accounts).reduce((total, fen) => total + fen, 0);
  if (sum !== 0) faults.push(`${name}: the trial balance is ${sum}`);
  let owed = 0;
  for (const [member, balance] of books.balances) {
    owed += balance.principal + balance.bonus;
    const held = { principal: 0, bonus: 0 };
    for (const { leftPrincipal, leftBonus } of books.purses.allFragments(member)) {
      held.principal += leftPrincipal;
      held.bonus += leftBonus;
    }
    if (held.principal !== balance.principal || held.bonus !== balance.bonus)
      faults.push(
        `${name}: ${member} is shown ${JSON.stringify(balance)}, lots hold ${JSON.stringify(held)}`,
      );
  }
  const account = accounts["stored-value"] ?? 0;
  if (owed + account !== 0)
    faults.push(`${name}: members are owed ${owed}, the account says ${account}`);
  return faults;
}
