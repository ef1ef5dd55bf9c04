import { join } from "node:path";
import * as z from "zod/mini";
import { fromUtf8, utf8 } from "../../shared/journal/bytes.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import type { Files } from "../storage/files.ts";
import { makeFolders, readFile, replaceFile } from "../storage/whole-files.ts";

const item = { name: z.string(), bytes: z.number(), sha256: z.string() };

const schema = z.strictObject({
  /** lists that were proposed, by the id of the act, as they were previewed */
  lists: z.record(z.string(), z.array(z.strictObject(item))),
  marks: z.array(
    z.strictObject({
      ...item,
      /** by which act */
      proposal: z.string(),
      /** wall milliseconds of this server */
      markedMs: z.number(),
      /** its removal was begun, and is gone on with */
      removing: z.optional(z.literal(true)),
    }),
  ),
});

/** What is to be taken away from a target, and what was proposed; kept on this server. */
export type PruneMarks = z.infer<typeof schema>;
export type PruneMark = PruneMarks["marks"][number];
/** An archive as a preview names it. */
export type PruneItem = Pick<PruneMark, "name" | "bytes" | "sha256">;

interface Place {
  files: Files;
  /** of the target, in the data folder */
  dir: string;
}

/** @throws StoreFault when it is there and cannot be read: then nothing is taken away */
export async function readMarks({ files, dir }: Place): Promise<PruneMarks> {
  const bytes = await readFile(files, pathIn(dir));
  if (!bytes) return { lists: {}, marks: [] };
  try {
    return schema.parse(JSON.parse(fromUtf8(bytes)));
  } catch {
    throw new StoreFault(
      "broken",
      `${pathIn(dir)} is damaged: move it away, nothing is marked then`,
    );
  }
}

/** Resolves when it survives power loss. */
export async function keepMarks({ files, dir }: Place, marks: PruneMarks): Promise<void> {
  await makeFolders(files, dir);
  await replaceFile(files, pathIn(dir), utf8(JSON.stringify(marks)));
}

const pathIn = (dir: string): string => join(dir, "prune.json");
