import type { DataContext } from "./data-command.ts";
import { damaged, type Outcome } from "./outcome.ts";

/**
 * A version to go back to, taken before a command does what may have to be undone.
 * @returns why the command must not begin; nothing when it may
 * @throws StoreFault when the version cannot be written: the command must not begin either
 */
export async function versionBefore(
  { data }: DataContext,
  work: string,
): Promise<Outcome | undefined> {
  const taken = await data.snapshots.snapshotBefore(work);
  return taken.ok ? undefined : liveDamaged();
}

export const liveDamaged = (): Outcome =>
  damaged(
    { error: { code: "damaged" } },
    "The live store is damaged, so no version is made of it: see `verify`.",
  );
