import type { Books } from "../../shared/replica/books.ts";
import type { Exception } from "../../shared/replica/fold-journal.ts";
import type { World } from "./world.ts";

export interface NamedBooks {
  name: string;
  books: Books;
  /** whether an operation still waits for something: its value is claimed and does not count yet */
  isWaiting: boolean;
}

/** The books of every replica that runs. */
export function booksOf(world: World): NamedBooks[] {
  const { gate } = world.server;
  const own = gate?.relay.authority
    ? [namedBooks("server", gate.relay.ledger.books, gate.relay.ledger.fold.exceptions())]
    : [];
  return [
    ...own,
    ...world.tills.flatMap(({ name, running }) =>
      running
        ? [namedBooks(name, running.headless.replica.books, running.headless.replica.exceptions())]
        : [],
    ),
  ];
}

const namedBooks = (name: string, books: Books, exceptions: Iterable<Exception>): NamedBooks => ({
  name,
  books,
  isWaiting: [...exceptions].some(({ standing }) => standing === "waiting"),
});
