import { StoreFault } from "../../shared/replica/ports.ts";
import { YoubeiDatabase } from "./database.ts";
import { toStoreFault } from "./store-fault.ts";

const openMsMax = 20_000;

/**
 * Opens the profile's database.
 * @param onGivenUp called when a newer version of the app in another tab needs the database, or the
 *   browser took it away: this tab can no longer save and must be loaded again
 * @throws StoreFault `refused` in a private window or with storage switched off
 */
export async function openDatabase(
  name: string,
  { onBlocked, onGivenUp }: { onBlocked: () => void; onGivenUp: () => void },
): Promise<YoubeiDatabase> {
  if (typeof indexedDB === "undefined" || indexedDB === null)
    throw new StoreFault("refused", "no IndexedDB");
  const db = new YoubeiDatabase(name);
  db.on("blocked", onBlocked);
  db.on("versionchange", () => {
    db.close();
    onGivenUp();
    return false;
  });
  db.on("close", onGivenUp);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new StoreFault("broken", "the store does not open")), openMsMax);
  });
  try {
    await Promise.race([db.open(), tooLate]);
    return db;
  } catch (error) {
    const fault = toStoreFault(error);
    // Whatever keeps a database from opening at all, people can only do what they do when refused.
    throw fault.reason === "full" ? fault : new StoreFault("refused", fault.message);
  } finally {
    clearTimeout(timer);
  }
}
