import { join } from "node:path";
import { Decrypter, Encrypter } from "age-encryption";
import { fromUtf8, utf8 } from "../../shared/journal/bytes.ts";
import type { RandomSource } from "../../shared/journal/ports.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import type { Files } from "../storage/files.ts";
import { makeFolders, readFile, replaceFile } from "../storage/whole-files.ts";
import { ageKeyIn } from "./age-keys.ts";

interface SealedDeps {
  /** `<data>/backups` */
  folder: string;
  files: Files;
  random: RandomSource;
}

/**
 * A list on disk that holds passwords, sealed for a key beside it that stays on this machine: they lie
 * nowhere in the clear.
 */
export class SealedList<Item> {
  readonly #deps: SealedDeps;
  readonly #name: string;
  readonly #parse: (value: unknown) => readonly Item[];
  #known: readonly Item[] | undefined;

  /** @param parse throws where the value is no such list */
  constructor(deps: SealedDeps, name: string, parse: (value: unknown) => readonly Item[]) {
    this.#deps = deps;
    this.#name = name;
    this.#parse = parse;
  }

  /** @throws StoreFault when the list is there and cannot be opened */
  async list(): Promise<readonly Item[]> {
    this.#known ??= await this.#read();
    return this.#known;
  }

  /** Resolves when the list survives power loss. */
  async keep(items: readonly Item[]): Promise<void> {
    const { folder, files } = this.#deps;
    const { recipient } = await this.#key();
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    const sealed = await encrypter.encrypt(utf8(JSON.stringify(items)));
    await makeFolders(files, folder);
    await replaceFile(files, this.#path, sealed);
    this.#known = items;
  }

  async #read(): Promise<readonly Item[]> {
    const sealed = await readFile(this.#deps.files, this.#path);
    if (!sealed) return [];
    const { identity } = await this.#key();
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    try {
      return this.#parse(JSON.parse(fromUtf8(await decrypter.decrypt(sealed))));
    } catch {
      throw new StoreFault(
        "broken",
        `${this.#path} cannot be opened with targets.key beside it: put the right files back, or move both away and add the targets again`,
      );
    }
  }

  #key() {
    return ageKeyIn(this.#deps.folder, "targets.key", this.#deps);
  }

  get #path(): string {
    return join(this.#deps.folder, this.#name);
  }
}
