import type { Log } from "../data/log.ts";
import type { Standing } from "../https/standing.ts";
import type { Listening, ListenOptions } from "../platform.ts";

export interface HttpsPlace {
  /** all addresses without one */
  host?: string | undefined;
  port: number;
}

/**
 * Https beside plain http: begins when there is a certificate, takes over a new one without dropping a
 * connection, and has plain http listen for devices that have still to trust us.
 */
export class HttpsFront {
  readonly #deps: HttpsFrontDeps;
  #secure: Listening | undefined;
  #isWide = false;

  constructor(deps: HttpsFrontDeps) {
    this.#deps = deps;
  }

  /** undefined while https is not served */
  get port(): number | undefined {
    return this.#secure?.port;
  }

  /** What the network refuses is logged, and tried again with the next certificate or start. */
  async follow({ leaf, kind }: Standing): Promise<void> {
    const { listen, place, handlers, log } = this.#deps;
    if (!leaf || kind === "off") return;
    const tls = { cert: leaf.certificate, key: leaf.key };
    try {
      if (this.#secure) this.#secure.renew(tls);
      else this.#secure = await listen({ ...handlers, ...place, tls });
    } catch (error) {
      log.error({ port: place.port, error: String(error) }, "https is not served");
      return;
    }
    await this.#widen();
  }

  async close(): Promise<void> {
    await this.#secure?.close();
  }

  /** Only where it listens for this machine alone: another address was somebody's choice. */
  async #widen(): Promise<void> {
    const { plain, plainHost, isItself, place, log } = this.#deps;
    const isForItself = plainHost === "localhost" || isItself(plainHost);
    if (this.#isWide || !isForItself || plainHost === place.host) return;
    try {
      await plain().widen(place.host);
      this.#isWide = true;
    } catch (error) {
      const { port } = plain();
      log.error({ port, error: String(error) }, "other devices cannot reach the join page");
    }
  }
}

interface HttpsFrontDeps {
  listen(options: ListenOptions): Promise<Listening>;
  place: HttpsPlace;
  handlers: Pick<ListenOptions, "fetch" | "upgrade">;
  plain(): Listening;
  plainHost: string;
  isItself(address: string): boolean;
  log: Log;
}
