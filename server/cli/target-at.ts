import { readFolder } from "../backups/folder-reader.ts";
import type { Target } from "../backups/target.ts";
import { targetSettings } from "../backups/target-settings.ts";
import { readJson } from "../data/data-lock.ts";
import type { ServerPlatform } from "../platform.ts";

/** What lies in a folder, or on the target whose settings a file holds. @returns undefined for neither */
export async function targetAt(
  place: string,
  { files, targets }: ServerPlatform,
): Promise<Target | undefined> {
  const stat = await files.stat(place);
  if (stat?.folder) return readFolder(place, files);
  const settings = targetSettings.safeParse(await readJson(files, place)).data;
  return settings && targets.open(settings);
}

export const noTargetText = (place: string): string =>
  `${place} is no folder, and no file with a target's settings as JSON.`;
