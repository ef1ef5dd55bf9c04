import type { Books } from "../../shared/replica/books.ts";
import type { World } from "./world.ts";

/** The books of every replica that runs. */
export function booksOf(world: World): { name: string; books: Books }[] {
  const { gate } = world.server;
  const own = gate?.relay.authority ? [{ name: "server", books: gate.relay.ledger.books }] : [];
  return [
    ...own,
    ...world.tills.flatMap(({ name, running }) =>
      running ? [{ name, books: running.headless.replica.books }] : [],
    ),
  ];
}
