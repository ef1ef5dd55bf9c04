import { readSnapshot } from "../snapshots/list-snapshots.ts";
import type { Manifest } from "../snapshots/manifest.ts";
import type { SnapshotFolder } from "../snapshots/snapshot-folder.ts";
import type { BackupKind, ListedArchive } from "./backup-note.ts";
import type { PutBackup, PutBackups } from "./backup-plan.ts";

/** One archive to be made. */
export interface Step {
  kind: BackupKind;
  /** what it builds on; nothing for a full */
  base: { put: PutBackup; manifest: Manifest } | undefined;
}

/**
 * Why a full was made though something smaller was wanted: it is the first one there; what it would
 * build on is gone, from there or from here; damage was found in it; it is sealed for other keys.
 */
export type FullReason = "first" | "base-is-gone" | "damaged" | "other-keys";

interface Choice {
  /** none when everything is there already */
  steps: Step[];
  isFullBecause: FullReason | undefined;
}

/**
 * Which archives bring a target to a snapshot. Beside a differential or a full there is the incremental
 * of the same instant, so that either chain leads to every later point and one can stand in for the
 * other; it is small, and goes first.
 * @param history what is said to be there; what is not, nothing can be built on
 */
export async function chooseSteps(
  { last, full }: PutBackups,
  {
    wanted,
    manifest,
    archives,
    snapshots,
    isUnusable,
  }: {
    wanted: BackupKind;
    /** nothing can be built on what is there, however whole it looks */
    isUnusable: "damaged" | "other-keys" | undefined;
    manifest: Manifest;
    archives: readonly ListedArchive[];
    snapshots: SnapshotFolder;
  },
): Promise<Choice> {
  const baseOf = async (put: PutBackup | undefined, kind?: BackupKind) => {
    if (!put || isUnusable) return undefined;
    const isThere = archives.some(
      (archive) =>
        archive.id === put.id &&
        archive.bytes !== undefined &&
        archive.hasNote &&
        (kind === undefined || archive.kind === kind),
    );
    const known = isThere ? await readSnapshot(snapshots, put.snapshot) : undefined;
    return known && { put, manifest: known };
  };
  const [sinceLast, sinceFull] = [await baseOf(last), await baseOf(full, "full")];
  const isNew = (base: Step["base"]) => base !== undefined && base.put.snapshot !== manifest.id;
  const incremental: Step[] = isNew(sinceLast) ? [{ kind: "incremental", base: sinceLast }] : [];
  const whole = (because?: FullReason): Choice => ({
    steps: [...incremental, { kind: "full", base: undefined }],
    isFullBecause: because,
  });
  if (wanted === "full") return whole();
  if (!sinceFull) return whole(isUnusable ?? (full ? "base-is-gone" : "first"));
  const differential: Step = { kind: "differential", base: sinceFull };
  if (wanted === "incremental" && sinceLast)
    return { steps: incremental, isFullBecause: undefined };
  return {
    steps: isNew(sinceFull) ? [...incremental, differential] : [],
    isFullBecause: undefined,
  };
}
