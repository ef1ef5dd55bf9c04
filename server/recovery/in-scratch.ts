import { join } from "node:path";
import { newId } from "../../shared/replica/new-id.ts";
import { removeTree } from "../storage/whole-files.ts";
import type { RecoverPlatform } from "./build-aside.ts";

const prefix = "fetched-for-recovery-";

/** Works in a folder beside the server's that is gone afterwards, whatever happens; what a killed process left too. */
export async function inScratch<Answer>(
  dir: string,
  { files, random }: Pick<RecoverPlatform, "files" | "random">,
  work: (scratch: string) => Promise<Answer>,
): Promise<Answer> {
  for (const name of await files.list(dir))
    if (name.startsWith(prefix)) await removeTree(files, join(dir, name));
  const scratch = join(dir, `${prefix}${newId(random, 6)}`);
  try {
    return await work(scratch);
  } finally {
    await removeTree(files, scratch);
  }
}
