import { booksOf } from "../books-of.ts";
import type { Checker } from "../checker.ts";
import type { World } from "../world.ts";

/**
 * No device spends what is not in its own purse. Only what a server gave out, or a device sold, that
 * was already closed may take value below zero, and then it is told as disputed. [SV3] [ID5]
 */
export const noPurseBelowZero: Checker = {
  name: "no purse below zero",
  meanwhile: (world) => overspent(world),
  atEnd: (world) => overspent(world),
};

function overspent(world: World): string[] {
  const mayBeDisputed = world.witness.injuries.some(({ kind }) => kind !== "foreign-bytes");
  return booksOf(world).flatMap(({ name, books }) => {
    const reported = new Set(books.purses.disputed().map(({ ref }) => ref));
    return [...books.purses.members()].flatMap((member) =>
      books.purses
        .allFragments(member)
        .filter(({ leftPrincipal, leftBonus }) => leftPrincipal < 0 || leftBonus < 0)
        .filter(({ ref }) => !mayBeDisputed || !reported.has(ref))
        .map(({ ref, purse }) => `${name}: credit ${ref} in purse ${purse} is below zero`),
    );
  });
}
