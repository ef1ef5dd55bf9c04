import { dirname, join } from "node:path";
import { ageIdentity } from "../../shared/access/recovery-age.ts";
import { done, type Result } from "../../shared/outcome/result.ts";
import { newId } from "../../shared/replica/new-id.ts";
import { openArchive } from "../backups/archive.ts";
import { systemFolder } from "../backups/backup-note.ts";
import { type RestoredPoint, type RestoreRefusal, restorePoint } from "../backups/restore-point.ts";
import { readSystemContent, type SystemFacts } from "../backups/system-archive.ts";
import type { Target } from "../backups/target.ts";
import { targetSettings } from "../backups/target-settings.ts";
import { TargetStore } from "../backups/target-store.ts";
import { ArchiveFault } from "../backups/ustar.ts";
import { lockFolder } from "../data/data-lock.ts";
import type { ServerPlatform } from "../platform.ts";
import { makeFolders, replaceFile } from "../storage/whole-files.ts";
import { inScratch } from "./in-scratch.ts";
import {
  type Recovered,
  type RecoverOptions,
  recoverFromSnapshot,
} from "./recover-from-snapshot.ts";
import type { RecoveryRefusal } from "./recovery-refusal.ts";

type BackupOptions = Omit<RecoverOptions, "snapshots" | "which"> & {
  target: Target;
  /** id of a point, or the newest */
  point: string;
};

export interface RecoveredFromBackup extends Recovered {
  backup: RestoredPoint;
  /** the address under which devices open the app */
  origin: string | undefined;
  /** whether the authority that devices trust is here again */
  https: boolean;
  /** targets that are in use again, and those that must be added again with their passwords */
  targets: { again: string[]; toAdd: { name: string; settings: Record<string, unknown> }[] };
}

/**
 * Makes a new server of what lies on a target, with nothing besides but the recovery key. Everything is
 * read back and verified in a folder of its own before the server's is touched.
 * @throws TargetFault DataUnavailable StoreFault
 */
export async function recoverFromBackup(
  options: BackupOptions,
  platform: ServerPlatform,
): Promise<Result<RecoveredFromBackup, RecoveryRefusal | RestoreRefusal>> {
  const { dir, recovery, target, point } = options;
  const { files } = platform;
  const identity = ageIdentity(recovery);
  return inScratch(dir, platform, async (scratch) => {
    const to = join(scratch, "restored");
    const restored = await restorePoint({ target, files }, { which: point, identity, to });
    if (!restored.ok) return restored;
    const which = restored.value.snapshot;
    const recovered = await recoverFromSnapshot({ ...options, snapshots: to, which }, platform);
    if (!recovered.ok) return recovered;
    const again = await takeSystemOf(target, identity, { dir, platform });
    return done({ ...recovered.value, ...again, backup: restored.value });
  });
}

/** The address, the https authority and the targets of the server that put the backups there. */
export async function takeSystemOf(
  target: Target,
  identity: string,
  { dir, platform }: { dir: string; platform: ServerPlatform },
): Promise<TakenSystem> {
  const system = await newestSystem(target, identity);
  return system ? takeSystem(system, dir, platform) : nothingTaken;
}

export type TakenSystem = Pick<RecoveredFromBackup, "origin" | "https" | "targets">;

const nothingTaken: TakenSystem = {
  origin: undefined,
  https: false,
  targets: { again: [], toAdd: [] },
};

/** @returns undefined when none can be read: the shop's books are worth more than its address */
async function newestSystem(target: Target, identity: string): Promise<SystemFacts | undefined> {
  const names = (await target.list(systemFolder)).map(({ name }) => name).sort();
  for (const name of names.toReversed()) {
    try {
      return await readSystemContent(openArchive(target.get(name), identity));
    } catch (error) {
      if (!(error instanceof ArchiveFault)) throw error;
    }
  }
  return undefined;
}

/** What is here already stays: somebody may have chosen it on purpose. */
async function takeSystem(
  { origin, targets, https }: SystemFacts,
  dir: string,
  platform: ServerPlatform,
): Promise<TakenSystem> {
  const { files, random, clock, openCatalogue } = platform;
  const unlock = await lockFolder(dir, platform);
  try {
    const catalogue = await openCatalogue(join(dir, "catalogue.json"));
    await catalogue.update((data) => {
      if (origin !== undefined) data.origin ??= origin;
    });
    const isNew = (await files.list(join(dir, "https"))).length === 0;
    for (const { name, bytes } of isNew ? https : []) {
      await makeFolders(files, dirname(join(dir, name)));
      await replaceFile(files, join(dir, name), new Uint8Array(bytes));
    }
    const store = new TargetStore({ folder: join(dir, "backups"), files, random });
    const known = [...(await store.list())];
    const toAdd: TakenSystem["targets"]["toAdd"] = [];
    const again: string[] = [];
    for (const { name, settings, plan, place } of targets) {
      if (known.some((record) => record.name === name)) continue;
      const whole = targetSettings.safeParse(settings).data;
      if (whole?.kind !== "directory") toAdd.push({ name, settings });
      else {
        again.push(name);
        const record = { id: newId(random, 8), name, settings: whole, plan, place };
        known.push({ ...record, addedMs: clock.nowMs() });
      }
    }
    if (again.length > 0) await store.keep(known);
    return { origin, https: isNew && https.length > 0, targets: { again, toAdd } };
  } finally {
    await unlock();
  }
}
