import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { Mailbox } from "../../shared/replica/mailbox.ts";
import type { Timers } from "../../shared/replica/timers.ts";
import type { Finding } from "../snapshots/finding.ts";
import { faultOf } from "../storage/fault-of.ts";
import { isChoosable, isPermitted } from "./host-names.ts";
import {
  authorityPath,
  type OwnPaths,
  readHttpsFolder,
  readOwnFiles,
  writeSettings,
} from "./https-folder.ts";
import { makeAuthority } from "./make-authority.ts";
import {
  type Looking,
  lookAtHttps,
  nothingStands,
  type Standing,
  type StandingDeps,
} from "./standing.ts";

export type CreateRefusal =
  | { code: "already-there"; path: string }
  | { code: "name-invalid"; name: string };
export type RenewRefusal =
  | { code: "no-authority" }
  | { code: "not-permitted"; name: string }
  | { code: "damaged"; trouble: readonly Finding[] };
export type UseRefusal = { code: "certificate-unreadable" } | { code: "certificate-ended" };

/** Addresses and certificate files change behind our back; a look costs a few small reads. */
const lookEveryMs = 60 * 60 * 1000;

/**
 * Looks after the certificate of this server: makes and renews it, notices when it was replaced, and
 * tells whoever serves with it. What is good is never given up for what is damaged.
 */
export class HttpsKeeper {
  readonly #deps: StandingDeps & { timers: Timers };
  readonly #mailbox = new Mailbox();
  readonly #listeners = new Set<(standing: Standing) => Promise<void>>();
  #standing: Standing = nothingStands;
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(deps: StandingDeps & { timers: Timers }) {
    this.#deps = deps;
  }

  get standing(): Standing {
    return this.#standing;
  }

  /**
   * Told after every look what to serve with, before whoever asked for it is answered: often the same
   * as before, for whom it did not work the last time.
   */
  listen(listener: (standing: Standing) => Promise<void>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks now and every hour from then on. */
  async start(): Promise<Standing> {
    const standing = await this.look();
    this.#lookLater();
    return standing;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    await this.#mailbox.idle();
  }

  look(): Promise<Standing> {
    return this.#mailbox.post(() => this.#look());
  }

  /** Makes sure that the certificate covers a host, with a new authority where there is no https at all. */
  cover(host: string): Promise<Result<Standing, RenewRefusal>> {
    return this.#mailbox.post(async () => {
      const { certificates } = this.#deps;
      const isOff = (await this.#look()).kind === "off";
      if (isOff && !isPermitted(host, [])) return refuse({ code: "not-permitted", name: host });
      if (isOff) await makeAuthority(this.#deps, []);
      const standing = await this.#look({ alsoWanted: [host] });
      if (standing.leaf && certificates.covers(standing.leaf.certificate, host))
        return done(standing);
      return standing.kind === "local" && isPermitted(host, standing.names)
        ? refuse({ code: "damaged", trouble: standing.trouble })
        : refuse({ code: "not-permitted", name: host });
    });
  }

  /**
   * Makes a local authority, or goes back to the one that is there from certificate files.
   * @param names domain names that devices will use besides this machine's own
   * @param replace makes a new one although devices may trust the one that is there
   */
  create(
    names: readonly string[],
    { replace }: { replace: boolean },
  ): Promise<Result<Standing, CreateRefusal>> {
    return this.#mailbox.post(async () => {
      const unfit = names.find((name) => !isChoosable(name));
      if (unfit !== undefined) return refuse({ code: "name-invalid", name: unfit });
      const { authority, damaged, settings } = await readHttpsFolder(this.#deps);
      const isThere = authority || damaged.some(({ file }) => file !== "leaf");
      const { own, ...local } = settings;
      if (!isThere || replace) await makeAuthority(this.#deps, names);
      else if (own && authority && names.every((name) => isPermitted(name, local.names)))
        await writeSettings(this.#deps, local);
      else return refuse({ code: "already-there", path: authorityPath(this.#deps.dir) });
      return done(await this.#look());
    });
  }

  /** A new certificate of the same authority, with these names besides. */
  renew(names: readonly string[]): Promise<Result<Standing, RenewRefusal>> {
    return this.#mailbox.post(async () => {
      const { settings, authority } = await readHttpsFolder(this.#deps);
      if (settings.own || !authority) return refuse({ code: "no-authority" });
      const unfit = names.find((name) => !isPermitted(name, settings.names));
      if (unfit !== undefined) return refuse({ code: "not-permitted", name: unfit });
      const covers = [...new Set([...settings.covers, ...names])];
      if (names.length > 0) await writeSettings(this.#deps, { ...settings, covers });
      const before = this.#standing.leaf?.certificate;
      const standing = await this.#look({ anyway: true });
      return standing.leaf === undefined || standing.leaf.certificate === before
        ? refuse({ code: "damaged", trouble: standing.trouble })
        : done(standing);
    });
  }

  /** Certificate files of a public name, which somebody else renews; they are read where they lie. */
  use(own: OwnPaths): Promise<Result<Standing, UseRefusal>> {
    return this.#mailbox.post(async () => {
      const held = await readOwnFiles(this.#deps, own);
      if (!held) return refuse({ code: "certificate-unreadable" });
      if (held.facts.untilMs <= this.#deps.clock.nowMs())
        return refuse({ code: "certificate-ended" });
      const { settings } = await readHttpsFolder(this.#deps);
      await writeSettings(this.#deps, { ...settings, own });
      return done(await this.#look());
    });
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    this.#cancel = this.#deps.timers.after(lookEveryMs, () => {
      void this.look().then(() => this.#lookLater());
    });
  }

  /** A file system that refuses leaves everything as it was, and is told in its own words. */
  async #look(looking: Omit<Looking, "before"> = {}): Promise<Standing> {
    const before = this.#standing;
    let seen: Standing;
    try {
      seen = await lookAtHttps(this.#deps, { ...looking, before });
    } catch (error) {
      const fault = faultOf(error);
      const what = fault instanceof Error ? fault.message : String(fault);
      seen = { ...before, trouble: [{ where: this.#deps.dir, what }] };
    }
    this.#standing = seen;
    const known = new Set(before.trouble.map(textOf));
    for (const one of seen.trouble)
      if (!known.has(textOf(one))) this.#deps.log.error({ ...one }, "https");
    for (const listener of this.#listeners) await listener(seen);
    return seen;
  }
}

const textOf = ({ where, what }: Finding): string => `${where} ${what}`;
