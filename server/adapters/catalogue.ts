import { type Adapter, Low } from "lowdb";
import { type Catalogue, type CatalogueData, emptyCatalogue } from "../data/catalogue.ts";
import { readJson } from "../data/data-lock.ts";
import type { Files } from "../storage/files.ts";
import { writeDurably } from "./write-durably.ts";

/** lowdb alone renames without syncing; this adapter syncs the file and its folder. */
class DurableJson<Data> implements Adapter<Data> {
  readonly #path: string;
  readonly #files: Files;

  constructor(path: string, files: Files) {
    this.#path = path;
    this.#files = files;
  }

  async read(): Promise<Data | null> {
    return ((await readJson(this.#files, this.#path)) as Data | undefined) ?? null;
  }

  write(data: Data): Promise<void> {
    return writeDurably(this.#path, JSON.stringify(data), { mode: 0o600 });
  }
}

export async function openCatalogue(path: string, files: Files): Promise<Catalogue> {
  const low = new Low<CatalogueData>(new DurableJson(path, files), emptyCatalogue());
  await low.read();
  low.data = { ...emptyCatalogue(), ...low.data };
  let writing: Promise<void> = Promise.resolve();
  return {
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
