import { join } from "node:path";
import { bech32 } from "@scure/base";
import { identityToRecipient } from "age-encryption";
import { fromUtf8, utf8 } from "../../shared/journal/bytes.ts";
import type { RandomSource } from "../../shared/journal/ports.ts";
import type { Files } from "../storage/files.ts";
import { makeFolders, readFile, replaceFile } from "../storage/whole-files.ts";

export interface AgeKey {
  /** `AGE-SECRET-KEY-1…` */
  identity: string;
  /** `age1…` */
  recipient: string;
}

interface KeyDeps {
  files: Files;
  random: RandomSource;
}

/**
 * A key of this server's own in a file that `age -i` reads; made when it is not there, durable before it
 * is used. It stays in the data folder: no snapshot and no backup holds it.
 */
export async function ageKeyIn(
  folder: string,
  name: "drill.key" | "targets.key",
  { files, random }: KeyDeps,
): Promise<AgeKey> {
  const path = join(folder, name);
  const bytes = await readFile(files, path);
  const kept = bytes && (await keyIn(bytes));
  if (kept) return kept;
  // What cannot be read is kept for whoever can repair it.
  if (bytes) await files.rename(path, `${path}.damaged`);
  const made = bech32.encodeFromBytes("age-secret-key-", random.bytes(32)).toUpperCase();
  await makeFolders(files, folder);
  await replaceFile(files, path, utf8(`# ${purposes[name]}\n${made}\n`));
  return keyOf(made);
}

const purposes = {
  "drill.key": "opens the backups of this server, for drills; never leaves this machine",
  "targets.key": "opens targets.age, the list of backup targets; never leaves this machine",
} as const;

async function keyIn(bytes: Uint8Array): Promise<AgeKey | undefined> {
  try {
    const identity = /^AGE-SECRET-KEY-1\w+$/m.exec(fromUtf8(bytes))?.[0];
    return identity === undefined ? undefined : await keyOf(identity);
  } catch {
    return undefined;
  }
}

const keyOf = async (identity: string): Promise<AgeKey> => ({
  identity,
  recipient: await identityToRecipient(identity),
});
