import { type RecoveryKey, readRecoveryWords } from "../../shared/access/recovery-key.ts";
import { fromUtf8 } from "../../shared/journal/bytes.ts";
import type { Files } from "../storage/files.ts";
import { readFile } from "../storage/whole-files.ts";
import { failed, type Outcome } from "./outcome.ts";

/**
 * The key on a recovery card, as somebody wrote it into a file or types it.
 * @param path of a file with the words, or `-` for what is typed
 * @returns undefined when it is no recovery key
 */
export async function readRecoveryKey(
  path: string,
  { files, typed }: { files: Files; typed(): Promise<string> },
): Promise<RecoveryKey | undefined> {
  if (path === "-") return readRecoveryWords(await typed());
  const bytes = await readFile(files, path);
  try {
    return bytes && readRecoveryWords(fromUtf8(bytes));
  } catch {
    return undefined;
  }
}

export const noRecoveryKey = (): Outcome =>
  failed(
    "recovery-key-malformed",
    "That is no recovery key: twelve words, Chinese or English, as on the card.",
  );
