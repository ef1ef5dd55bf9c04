import { join } from "node:path";
import type { Files } from "../storage/files.ts";
import { replaceFile } from "../storage/whole-files.ts";
import { jsonBytes, readJson } from "./data-lock.ts";

const noteName = "putting-in-place.json";

/** A folder that was built whole, and takes the place of one that is there. Names in the data folder. */
interface Exchange {
  built: string;
  live: string;
  /** where what is there goes */
  moveTo: string;
}

/**
 * Puts a folder that is whole and durable in the place of another, which is kept. That takes two renames:
 * a note that survives power loss says first what is meant, and the next start goes on with it.
 */
export async function putInPlace(dir: string, exchange: Exchange, files: Files): Promise<void> {
  await replaceFile(files, join(dir, noteName), jsonBytes(exchange));
  await finishPutting(dir, files);
}

/** Goes on with what a killed process had begun to put in place. Nothing happens when there is nothing. */
export async function finishPutting(dir: string, files: Files): Promise<void> {
  const note = join(dir, noteName);
  const exchange = (await readJson(files, note)) as Exchange | undefined;
  if (!exchange) return;
  const [built, live, moveTo] = [exchange.built, exchange.live, exchange.moveTo].map((name) =>
    join(dir, name),
  ) as [string, string, string];
  if (await files.stat(built)) {
    if (!(await files.stat(moveTo))) await files.rename(live, moveTo);
    await files.rename(built, live);
    await files.syncFolder(dir);
  }
  await files.remove(note);
  await files.syncFolder(dir);
}
