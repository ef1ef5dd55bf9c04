import fs from "node:fs";
import { relative } from "node:path";
import { Executioner } from "./lethal-files.ts";
import type { Strike } from "./write-points.ts";

/** How a process ends that works in one folder: at its n-th step that changes something there. */
export interface Death {
  /** absolute; what is changed outside of it is no step */
  root: string;
  /** from 0; none for a process that goes on to its end */
  step?: number;
  /** in the middle of its bytes, where it is a write */
  torn?: boolean;
  /** where the names of all steps are written, when it comes to its end */
  traceFile?: string;
}

/** Counts the steps of a process, knows them by name, and ends it before one of them, or in its middle. */
export class StepKiller extends Executioner {
  readonly #death: Death;
  readonly #names: string[] = [];

  constructor(hitsFile: string, death: Death) {
    super(hitsFile);
    this.#death = death;
  }

  protected override get pointName(): string {
    return `${this.#death.torn ? "torn " : ""}${this.#names.at(-1)}`;
  }

  override isDue(path: string, step: Strike["step"], when: Strike["when"]): boolean {
    const { root, torn = false } = this.#death;
    const place = relative(root, path);
    if (path === "" || place.startsWith("..")) return false;
    // A write is asked for twice, what is created by being opened only when it is there.
    const isFirst = when === (step === "write" ? "torn" : step === "create" ? "after" : "before");
    if (isFirst) this.#names.push(`${step} ${withoutIds(place)}`);
    if (this.#names.length - 1 !== this.#death.step) return false;
    if (step === "write") return torn ? when === "torn" : when === "before";
    return isFirst && !torn;
  }

  /** Writes down what was passed. */
  tell(): void {
    const { traceFile } = this.#death;
    if (traceFile !== undefined) fs.writeFileSync(traceFile, JSON.stringify(this.#names));
  }
}

/** What differs from run to run. */
const ids: readonly [RegExp, string][] = [
  [/[0-9a-f]{64}/g, "*"],
  [/\d{8}T\d{9}Z-[\w-]+?(?=\.|-full|-differential|-incremental|$)/g, "*"],
  [/(\.before-recovery-|fetched-for-recovery-|lock\.stale-)[\w-]+/g, "$1*"],
  [/(catalogue\.json|\w+\.key)\.\d+$/g, "$1.*"],
  [/\.\d+\.partial$/g, ".*.partial"],
  [/(documents\/journal\/\d+)\/[\w-]+/g, "$1/*"],
  [/(^|\/)(restores)\/[\w-]+/g, "$1$2/*"],
  [/(data\/backups)\/[\w-]+(?=\/|$)/g, "$1/*"],
  [/\d{4}-\d\d(?=[./])/g, "*"],
];

const withoutIds = (place: string): string =>
  ids.reduce((text, [pattern, by]) => text.replace(pattern, by), place);
