import type { Log } from "../data/log.ts";
import type { HttpsKeeper } from "../https/https-keeper.ts";
import type { Machine } from "../https/machine.ts";
import type { Standing } from "../https/standing.ts";
import type { Listening, ListenOptions } from "../platform.ts";
import { gatePlain } from "./plain-gate.ts";

export interface HttpsPlace {
  /** all addresses without one */
  host?: string | undefined;
  port: number;
}

export interface ListenersDeps {
  host: string;
  port: number;
  /** https instead of http, and nothing beside it */
  tls: { cert: string; key: string } | undefined;
  /** where https is served beside http once it is on */
  https: HttpsPlace;
  keeper: HttpsKeeper;
  machine: Pick<Machine, "isItself">;
  log: Log;
  listen(options: ListenOptions): Promise<Listening>;
}

type Handlers = Pick<ListenOptions, "fetch" | "upgrade">;

/**
 * Where a server is on the network: plain http for its own machine as ever, and once there is a
 * certificate https for everybody, with a page over plain http for who has still to trust it. Another
 * certificate is taken over without dropping a connection.
 */
export class Listeners {
  readonly #deps: ListenersDeps;
  #first: Listening | undefined;
  #secure: Listening | undefined;
  #served: string | undefined;
  #isWide = false;

  constructor(deps: ListenersDeps) {
    this.#deps = deps;
    this.#served = deps.tls?.cert;
  }

  get url(): string {
    return this.#first?.url ?? "";
  }

  /** of plain http, or of https where there is nothing else */
  get port(): number {
    return this.#first?.port ?? this.#deps.port;
  }

  get httpsPort(): number {
    return this.#deps.tls ? this.port : (this.#secure?.port ?? this.#deps.https.port);
  }

  /** Whether https is answered beside http; undefined where there is nothing beside it. */
  get isBesideServed(): boolean | undefined {
    return this.#deps.tls ? undefined : this.#secure !== undefined;
  }

  /** @throws what the network refuses of the first; https beside it is tried again at every look */
  async open(site: Handlers, join: Pick<Handlers, "fetch">): Promise<void> {
    const { host, port, tls, keeper, listen, machine } = this.#deps;
    await keeper.start();
    const gate = gatePlain({
      site,
      join,
      isItself: machine.isItself,
      isHttpsOn: () => keeper.standing.kind !== "off",
    });
    try {
      this.#first = await listen({ ...(tls ? site : gate), host, port, tls });
    } catch (error) {
      await keeper.close();
      throw error;
    }
    const follow = (standing: Standing) =>
      tls ? this.#renew(this.#first, standing) : this.#serveBeside(site, standing);
    keeper.listen(follow);
    await follow(keeper.standing);
  }

  async close(): Promise<void> {
    await this.#deps.keeper.close();
    await Promise.all([this.#first?.close(), this.#secure?.close()]);
  }

  async #serveBeside(site: Handlers, standing: Standing): Promise<void> {
    const { https, listen, log } = this.#deps;
    const { leaf, kind } = standing;
    if (!leaf || kind === "off") return;
    if (this.#secure) await this.#renew(this.#secure, standing);
    else
      try {
        const tls = { cert: leaf.certificate, key: leaf.key };
        this.#secure = await listen({ ...site, ...https, tls });
        this.#served = tls.cert;
      } catch (error) {
        log.error({ port: https.port, error: String(error) }, "https is not served");
        return;
      }
    await this.#widen();
  }

  async #renew(listening: Listening | undefined, { leaf }: Standing): Promise<void> {
    if (!leaf || leaf.certificate === this.#served) return;
    listening?.renew({ cert: leaf.certificate, key: leaf.key });
    this.#served = leaf.certificate;
  }

  /** Only where it listens for this machine alone: another address was somebody's choice. */
  async #widen(): Promise<void> {
    const { host, https, machine, log } = this.#deps;
    const isForItself = host === "localhost" || machine.isItself(host);
    if (this.#isWide || !isForItself || host === https.host) return;
    try {
      await this.#first?.widen(https.host);
      this.#isWide = true;
    } catch (error) {
      const { port } = this;
      log.error({ port, error: String(error) }, "other devices cannot reach the join page");
    }
  }
}
