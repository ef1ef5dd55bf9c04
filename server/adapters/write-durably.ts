import { open } from "node:fs/promises";
import { dirname } from "node:path";
import writeFileAtomic from "write-file-atomic";

/** Replaces a file as a whole; resolves when both the file and its name survive power loss. */
export async function writeDurably(
  path: string,
  content: string | Uint8Array,
  { mode }: { mode?: number } = {},
): Promise<void> {
  const data = typeof content === "string" ? content : Buffer.from(content);
  await writeFileAtomic(path, data, mode === undefined ? {} : { mode });
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
