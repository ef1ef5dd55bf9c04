import { basename, dirname, join } from "node:path";
import { type Adapter, Low } from "lowdb";
import { fromUtf8 } from "../../shared/journal/bytes.ts";
import {
  type Catalogue,
  type CatalogueData,
  emptyCatalogue,
  readCatalogue,
} from "../data/catalogue.ts";
import type { Files } from "../storage/files.ts";
import { readFile, replaceFile } from "../storage/whole-files.ts";
import { writeDurably } from "./write-durably.ts";

/** lowdb alone renames without syncing; this adapter syncs the file and its folder. */
class DurableJson implements Adapter<CatalogueData> {
  damaged: string[] = [];
  readonly #path: string;
  readonly #files: Files;

  constructor(path: string, files: Files) {
    this.#path = path;
    this.#files = files;
  }

  async read(): Promise<CatalogueData | null> {
    let bytes: Uint8Array | undefined;
    try {
      bytes = await readFile(this.#files, this.#path);
      if (!bytes) return null;
    } catch {
      // A disk that cannot read it keeps no shop from opening: all of it can be had again.
    }
    const { data, damaged } = readCatalogue(bytes && parsed(bytes));
    this.damaged = damaged;
    // The next change writes over it; somebody may want to see what it was.
    if (bytes && damaged.length > 0)
      await replaceFile(this.#files, `${this.#path}.damaged`, bytes).catch(() => undefined);
    return data;
  }

  write(data: CatalogueData): Promise<void> {
    return writeDurably(this.#path, JSON.stringify(data), { mode: 0o600 });
  }
}

/** Opens it and clears away what killed processes had begun to write. */
export async function openCatalogue(path: string, files: Files): Promise<Catalogue> {
  await removeBegun(path, files).catch(() => undefined);
  const adapter = new DurableJson(path, files);
  const low = new Low<CatalogueData>(adapter, emptyCatalogue());
  await low.read();
  let writing: Promise<void> = Promise.resolve();
  return {
    damaged: adapter.damaged,
    data: () => low.data,
    update(change) {
      writing = writing
        .catch(() => undefined)
        .then(() =>
          low.update((data) => {
            change(data);
          }),
        );
      return writing;
    },
  };
}

/** The library writes beside the file, under a name that no later process uses again. */
async function removeBegun(path: string, files: Files): Promise<void> {
  const folder = dirname(path);
  const begins = `${basename(path)}.`;
  for (const name of await files.list(folder))
    if (name.startsWith(begins) && /^\d+$/.test(name.slice(begins.length)))
      await files.remove(join(folder, name));
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    return undefined;
  }
}
