import { isAbsolute, relative, resolve } from "node:path";
import type { AuthorityKey } from "../../shared/access/sign-entry.ts";
import type { Clock, RandomSource } from "../../shared/journal/ports.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import type { TargetAnswer } from "../../shared/safety/target-answers.ts";
import type { Relay } from "../relay/relay.ts";
import { defaultPlan } from "./backup-plan.ts";
import {
  type ChangingDeps,
  draftChange,
  keepDrafted,
  placeOf,
  proposeChange,
} from "./change-targets.ts";
import { faultOf, type ServerBackups } from "./server-backups.ts";
import { TargetFault } from "./target.ts";
import { targetPresets } from "./target-presets.ts";
import type { TargetSettings } from "./target-settings.ts";
import type { TargetPlace } from "./target-store.ts";
import { adviceFor } from "./test-target.ts";

interface DeskDeps {
  /** the server's data folder: no backup lies in there */
  dir: string;
  relay: Relay;
  backups: ServerBackups;
  key: AuthorityKey;
  random: RandomSource;
  clock: Clock;
}

/** Places of backups, as an owner or manager works on them in the app. */
export class TargetDesk {
  readonly #deps: DeskDeps;

  constructor(deps: DeskDeps) {
    this.#deps = deps;
  }

  async list(): Promise<TargetAnswer<"list">> {
    const targets = (await this.#deps.backups.targets()).map(({ id, name, settings, place }) => ({
      id,
      name,
      kind: settings.kind,
      where: placeOf(settings),
      offSite: place?.offSite ?? false,
      offline: place?.offline ?? false,
    }));
    const presets = targetPresets.map((preset) => ({
      ...preset,
      defaults: { ...preset.defaults },
      asks: [...preset.asks],
      optional: [...preset.optional],
    }));
    return { targets, presets };
  }

  /** Tries settings from end to end; nothing is kept. */
  async test(settings: TargetSettings): Promise<TargetAnswer<"test">> {
    if (this.#isOwnFolder(settings)) return { test: inOwnFolder };
    try {
      return { test: await this.#deps.backups.tryOut(settings) };
    } catch (error) {
      return notReached(error);
    }
  }

  /**
   * Another place takes nothing away: the server asks in its own name, and one person is enough.
   * @throws TargetFault StoreFault
   */
  async add(
    name: string,
    settings: TargetSettings,
    place: TargetPlace,
  ): Promise<Result<TargetAnswer<"add">, string>> {
    const { test } = await this.test(settings);
    if (!test.ok) return done({ test });
    const { backups, random } = this.#deps;
    const ready = await backups.prepare(name, settings, defaultPlan, place).catch(notReached);
    if ("test" in ready) return done(ready);
    if (!ready.ok) return ready;
    const drafted = draftChange({ do: "add", record: ready.value }, { random, name });
    const refusal = await proposeChange(this.#changing(), drafted);
    return refusal === undefined ? done({ proposal: drafted.proposal }) : refuse(refusal);
  }

  /** Whoever takes a place away asks in their own name, and another one approves. */
  async remove(id: string): Promise<Result<TargetAnswer<"remove">, string>> {
    const { backups, random } = this.#deps;
    const record = (await backups.targets()).find((known) => known.id === id);
    if (!record) return refuse("no-such-target");
    const drafted = draftChange({ do: "remove", id }, { random, name: record.name });
    await keepDrafted(this.#changing(), drafted);
    const { proposal, subject, text } = drafted;
    return done({ proposal, subject, text });
  }

  #changing(): ChangingDeps {
    return { ...this.#deps, nowMs: this.#deps.clock.nowMs() };
  }

  #isOwnFolder(settings: TargetSettings): boolean {
    if (settings.kind !== "directory") return false;
    if (!isAbsolute(settings.path)) return true;
    const inside = relative(resolve(this.#deps.dir), resolve(settings.path));
    return inside === "" || !(inside.startsWith("..") || isAbsolute(inside));
  }
}

/** @throws what is no fault of a target's */
function notReached(error: unknown): TargetAnswer<"test"> {
  if (!(error instanceof TargetFault)) throw error;
  const { code, hostKey } = error;
  const { message } = faultOf(error);
  return { test: { ok: false, step: "reach", code, advice: adviceFor(code), message, hostKey } };
}

const inOwnFolder = {
  ok: false,
  step: "reach",
  code: "refused",
  advice: "choose-another",
  message: "Name a whole path outside the server's own data folder.",
} as const;
