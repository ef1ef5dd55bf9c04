import type { RestoreRefusal } from "../backups/restore-point.ts";
import { restorePoint } from "../backups/restore-point.ts";
import type { Target } from "../backups/target.ts";
import { SnapshotFolder } from "../snapshots/snapshot-folder.ts";
import type { Files } from "../storage/files.ts";
import { removeTree } from "../storage/whole-files.ts";
import type { RecoverySource, SourceDamage } from "./recovery-source.ts";
import { snapshotSource } from "./snapshot-source.ts";

/**
 * Fetches the newest point of a target that can be restored; one that is damaged or out of reach gives
 * a source that says so and brings what there is.
 * @param to a folder that is not there yet
 */
export async function fetchBackup(
  place: { target: Target; name: string; identity: string; to: string },
  files: Files,
): Promise<RecoverySource> {
  const { name, to } = place;
  const damage: SourceDamage[] = [];
  const snapshots = snapshotSource(new SnapshotFolder(to, files), { name, kind: "backup" });
  try {
    let which: string | undefined = "newest";
    while (which !== undefined) which = await fetchPoint({ ...place, which }, files, damage);
  } catch (error) {
    damage.push({ where: name, what: error instanceof Error ? error.message : String(error) });
  }
  return {
    name,
    kind: "backup",
    async *pieces() {
      for (const found of damage) yield { type: "damage", damage: found };
      yield* snapshots.pieces();
    },
  };
}

/** @returns another point to be tried, where this one cannot be restored */
async function fetchPoint(
  { target, name, identity, to, which }: Parameters<typeof fetchBackup>[0] & { which: string },
  files: Files,
  damage: SourceDamage[],
): Promise<string | undefined> {
  const restored = await restorePoint({ target, files }, { which, identity, to });
  if (restored.ok) {
    for (const { where, what } of restored.value.damage) damage.push({ where, what });
    return undefined;
  }
  await removeTree(files, `${to}.restoring`);
  const { refusal } = restored;
  damage.push({ where: name, what: sayingOf(refusal) });
  if (refusal.code !== "unreachable") return undefined;
  for (const { where, what } of refusal.damage) damage.push({ where, what });
  return refusal.newestReachable === which ? undefined : refusal.newestReachable;
}

function sayingOf(refusal: RestoreRefusal): string {
  switch (refusal.code) {
    case "no-backup":
      return "there is no backup here";
    case "no-such-point":
      return "no backup here is finished";
    case "folder-in-use":
      return `${refusal.folder} is not empty`;
    case "wrong-key":
      return "its backups are sealed for another card";
    case "unreachable":
      return `its point ${refusal.point} cannot be restored`;
  }
}
