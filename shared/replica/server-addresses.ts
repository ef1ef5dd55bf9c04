import * as z from "zod/mini";
import { addressesMax, serverAddresses } from "../sync/messages.ts";
import { type ApiAnswer, type ServerApi, Unreachable } from "../sync/server-api.ts";
import type { Timers } from "./timers.ts";

export interface ServerAddressesDeps {
  /** the address to which this device belongs, `https://host:port` */
  home: string;
  apiAt(address: string): ServerApi;
  timers: Timers;
  /** keeps what the server told of other addresses between starts */
  remember: { get(name: string): string | undefined; set(name: string, value: string): void };
  /** the shop as this device knows it; a server of an earlier term is none of its any more */
  known(): { org: string; term: number };
}

const rememberedAs = "addresses";
/** How long the home address is preferred to another one that answers. */
const homeMs = 3000;

const organisation = z.object({
  mode: z.literal("ready"),
  org: z.string(),
  term: z.number(),
  addresses: z.optional(serverAddresses),
});
type Organisation = z.infer<typeof organisation>;

/**
 * The addresses under which a shop's server can be: this device's own, and those that the server told,
 * where a standby waits or its successor serves. Before each connection the one is chosen at which the
 * server is; what speaks for this object speaks to that one.
 */
export class ServerAddresses implements ServerApi {
  readonly #deps: ServerAddressesDeps;
  #address: string;
  #api: ServerApi;

  constructor(deps: ServerAddressesDeps) {
    this.#deps = deps;
    this.#address = deps.home;
    this.#api = deps.apiAt(deps.home);
  }

  /** where the server was when it was last looked for */
  get address(): string {
    return this.#address;
  }

  /** `wss://host/sync` */
  get socketUrl(): string {
    return `${this.#address.replace(/\/+$/, "").replace(/^http/, "ws")}/sync`;
  }

  get(path: string, ticket?: string): Promise<ApiAnswer> {
    return this.#api.get(path, ticket);
  }

  post(path: string, body: unknown): Promise<ApiAnswer> {
    return this.#api.post(path, body);
  }

  /** Somebody at this device knows that the server can be there too. */
  add(address: string): void {
    const { remember } = this.#deps;
    const known = readAddresses(remember.get(rememberedAs)).filter((each) => each !== address);
    remember.set(rememberedAs, JSON.stringify([address, ...known].slice(0, addressesMax)));
  }

  learn(told: readonly string[]): void {
    const { remember } = this.#deps;
    const text = JSON.stringify(told);
    if (text !== (remember.get(rememberedAs) ?? "[]")) remember.set(rememberedAs, text);
  }

  /**
   * Home where the shop's server is there; else wherever its latest term is served; else home, which
   * says what is wrong.
   */
  async choose(): Promise<void> {
    const { home, timers } = this.#deps;
    const atHome = this.#look(home);
    const others = this.#others();
    const elsewhere = others.map(async (address) => ({
      address,
      found: await this.#look(address),
    }));
    let cancel = () => {};
    const tooLong = new Promise<"late">((resolve) => {
      if (others.length > 0) cancel = timers.after(homeMs, () => resolve("late"));
    });
    const first = await Promise.race([atHome, tooLong]);
    cancel();
    if (first !== "late" && first !== undefined) return this.#take(home, first);
    const best = (await Promise.all(elsewhere))
      .filter(({ found }) => found !== undefined)
      .sort((a, b) => (b.found?.term ?? 0) - (a.found?.term ?? 0))[0];
    if (best?.found) return this.#take(best.address, best.found);
    const late = await atHome;
    if (late) this.#take(home, late);
    else this.#go(home);
  }

  /** @returns undefined where this shop's server is not, or not any more */
  async #look(address: string): Promise<Organisation | undefined> {
    try {
      const { status, body } = await this.#deps.apiAt(address).get("/api/v1/organisation");
      const { data } = organisation.safeParse(body);
      const { org, term } = this.#deps.known();
      return status === 200 && data?.org === org && data.term >= term ? data : undefined;
    } catch (fault) {
      if (fault instanceof Unreachable) return undefined;
      throw fault;
    }
  }

  #take(address: string, { addresses: told = [] }: Organisation): void {
    this.learn(told);
    this.#go(address);
  }

  #go(address: string): void {
    if (address === this.#address) return;
    this.#address = address;
    this.#api = this.#deps.apiAt(address);
  }

  /** A device that came over https goes nowhere without. */
  #others(): string[] {
    const { home, remember } = this.#deps;
    const form = home.startsWith("https:") ? /^https:\/\/[^/?#\s]+$/ : /^https?:\/\/[^/?#\s]+$/;
    return readAddresses(remember.get(rememberedAs)).filter(
      (address) => form.test(address) && address !== home.replace(/\/+$/, ""),
    );
  }
}

function readAddresses(text: string | undefined): string[] {
  try {
    return serverAddresses.parse(JSON.parse(text ?? "[]"));
  } catch {
    return [];
  }
}
