import { join } from "node:path";
import { Decrypter, Encrypter } from "age-encryption";
import * as z from "zod/mini";
import { fromUtf8, utf8 } from "../../shared/journal/bytes.ts";
import type { RandomSource } from "../../shared/journal/ports.ts";
import { StoreFault } from "../../shared/replica/ports.ts";
import type { Files } from "../storage/files.ts";
import { makeFolders, readFile, replaceFile } from "../storage/whole-files.ts";
import { ageKeyIn } from "./age-keys.ts";
import { backupPlan } from "./backup-plan.ts";
import { targetSettings } from "./target-settings.ts";

const targetPlace = z.strictObject({
  /** does not burn with the shop */
  offSite: z.boolean(),
  /** unplugged between backups, or what lies there cannot be changed */
  offline: z.boolean(),
});
export type TargetPlace = z.infer<typeof targetPlace>;

const record = z.strictObject({
  id: z.string().check(z.regex(/^[a-z0-9]{1,32}$/)),
  /** for people */
  name: z.string().check(z.minLength(1), z.maxLength(80)),
  /** with what opens it: passwords, keys */
  settings: targetSettings,
  plan: backupPlan,
  addedMs: z.number(),
  /** where it is, as whoever added it said; without it, in the shop and always connected */
  place: z.optional(targetPlace),
});

/** A target as the owner added it. */
export type TargetRecord = z.infer<typeof record>;

const schema = z.array(record).check(z.maxLength(100));

interface StoreDeps {
  /** `<data>/backups` */
  folder: string;
  files: Files;
  random: RandomSource;
}

/**
 * The list of targets, sealed on disk: what opens a shop's backups lies nowhere in the clear. The key
 * beside it stays on this machine.
 */
export class TargetStore {
  readonly #deps: StoreDeps;
  #known: readonly TargetRecord[] | undefined;

  constructor(deps: StoreDeps) {
    this.#deps = deps;
  }

  /** @throws StoreFault when the list is there and cannot be opened */
  async list(): Promise<readonly TargetRecord[]> {
    this.#known ??= await this.#read();
    return this.#known;
  }

  /** Resolves when the list survives power loss. */
  async keep(records: readonly TargetRecord[]): Promise<void> {
    const { folder, files } = this.#deps;
    const { recipient } = await this.#key();
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    const sealed = await encrypter.encrypt(utf8(JSON.stringify(records)));
    await makeFolders(files, folder);
    await replaceFile(files, this.#path, sealed);
    this.#known = records;
  }

  async #read(): Promise<readonly TargetRecord[]> {
    const sealed = await readFile(this.#deps.files, this.#path);
    if (!sealed) return [];
    const { identity } = await this.#key();
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    try {
      return schema.parse(JSON.parse(fromUtf8(await decrypter.decrypt(sealed))));
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
    return join(this.#deps.folder, "targets.age");
  }
}
