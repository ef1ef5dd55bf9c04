import { join } from "node:path";
import { utf8 } from "../../shared/journal/bytes.ts";
import type { Clock } from "../../shared/journal/ports.ts";
import type { Files, OpenFile } from "../storage/files.ts";
import { makeFolders, writeAll } from "../storage/whole-files.ts";

/** Lines of JSON about what somebody tried or what went wrong; only ever appended to. */
export class AuditLog {
  readonly #dir: string;
  readonly #files: Files;
  readonly #clock: Clock;
  #file: OpenFile | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(dir: string, { files, clock }: { files: Files; clock: Clock }) {
    this.#dir = dir;
    this.#files = files;
    this.#clock = clock;
  }

  /** Never throws: an audit that cannot be written must not stop the shop. */
  append(entry: Readonly<Record<string, unknown>>): void {
    const line = utf8(`${JSON.stringify({ at: this.#clock.nowMs(), ...entry })}\n`);
    this.#writing = this.#writing.then(() => this.#write(line)).catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.sync().catch(() => undefined);
    await this.#file?.close();
    this.#file = undefined;
  }

  async #write(line: Uint8Array): Promise<void> {
    if (!this.#file) {
      await makeFolders(this.#files, this.#dir);
      this.#file = await this.#files.open(join(this.#dir, "audit.log"));
    }
    await writeAll(this.#file, line, await this.#file.size());
  }
}
