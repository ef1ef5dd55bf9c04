import type { DeviceSession } from "../../shared/replica/device-session.ts";
import { Mailbox } from "../../shared/replica/mailbox.ts";
import type { Missing } from "../../shared/replica/witness.ts";
import { closeCodes } from "../../shared/sync/close-codes.ts";
import { Unreachable } from "../../shared/sync/server-api.ts";
import { createJoinApp } from "../api/join-app.ts";
import type { Catalogue } from "../data/catalogue.ts";
import { type HeadlessReplica, openHeadless } from "../headless/headless-replica.ts";
import { createAddressDesk } from "../https/address-desk.ts";
import { readOrigin } from "../https/origins.ts";
import type { ServerPlatform } from "../platform.ts";
import { Listeners } from "../serve/listeners.ts";
import { keeperOf, type ServeOptions } from "../serve/start-server.ts";
import { createStandbyApp } from "./standby-app.ts";
import { standbyFolder } from "./standby-folder.ts";

export interface StandbyOptions extends Omit<ServeOptions, "recovery"> {
  dir: string;
  catalogue: Catalogue;
}

/** How a standby stands to the server that it follows. */
export interface StandbyStanding {
  mode: "standby";
  device: string;
  /** address of the server that it follows */
  of: string;
  state: ReturnType<DeviceSession["status"]>["state"];
  reason: string | undefined;
  lastContactMs: number | undefined;
  organisation: { id: string; name: string };
  term: number;
  operations: number;
  /** holds everything that it was ever told of */
  complete: boolean;
  missing: Missing[];
}

export interface RunningStandby {
  url: string;
  standing(): StandbyStanding;
  close(): Promise<void>;
}

/** Follows a server with a replica of its own, and tells whoever asks that it is a standby. */
export async function startStandby(
  { dir, catalogue, ...options }: StandbyOptions,
  platform: ServerPlatform,
): Promise<RunningStandby> {
  const { machine, log, listen, clock, version } = platform;
  const following = new Following(dir, catalogue, platform);
  await following.open();
  const keeper = keeperOf({ dir, catalogue }, platform, options.tlsPaths);
  const { host, port, tls, origins } = options;
  const https = options.https ?? { host, port: 0 };
  const listeners = new Listeners({ host, port, tls, https, keeper, machine, log, listen });
  const known = origins;
  const address = createAddressDesk({ keeper, catalogue, machine, known, listeners });
  const app = createStandbyApp(
    () => {
      const { organisation, term, of } = following.standing();
      return { org: organisation.id, name: organisation.name, term, of };
    },
    { version, nowMs: () => clock.nowMs() },
  );
  const join = createJoinApp({ https: keeper, address });
  try {
    await listeners.open(
      {
        fetch: (request, env) => app.fetch(request, env),
        upgrade: platform.refuseSockets(closeCodes.standby, "a standby; not promoted"),
      },
      { fetch: (request, env) => join.fetch(request, env) },
    );
  } catch (error) {
    await following.close();
    throw error;
  }
  return {
    url: listeners.url,
    standing: () => following.standing(),
    async close() {
      await Promise.all([listeners.close(), following.close()]);
    },
  };
}

/** The replica of a standby, opened anew where it goes on under another identity. */
class Following {
  readonly #dir: string;
  readonly #catalogue: Catalogue;
  readonly #platform: ServerPlatform;
  readonly #mailbox = new Mailbox();
  #headless: HeadlessReplica | undefined;
  #session: DeviceSession | undefined;
  #last: StandbyStanding | undefined;

  constructor(dir: string, catalogue: Catalogue, platform: ServerPlatform) {
    this.#dir = dir;
    this.#catalogue = catalogue;
    this.#platform = platform;
  }

  async open(): Promise<void> {
    const headless = await openHeadless(this.#platform, standbyFolder(this.#dir));
    this.#headless = headless;
    const session = headless.connect(() => {
      void this.#mailbox.post(async () => {
        await this.#shut();
        await this.open();
      });
    });
    this.#session = session;
    let before = "";
    session.subscribe(() => {
      const { state, reason } = session.status();
      if (state === before) return;
      before = state;
      this.#platform.log.info({ state, reason, of: headless.server }, "standby");
      if (state === "online") void this.#learnAddresses(headless.server);
    });
  }

  standing(): StandbyStanding {
    if (!this.#headless || !this.#session) {
      if (this.#last) return this.#last;
      throw new Error("a standby's standing is asked for once it is open");
    }
    const { replica, server } = this.#headless;
    const { state, reason, lastContactMs } = this.#session.status();
    const { authority } = replica;
    this.#last = {
      mode: "standby",
      device: replica.device,
      of: server,
      state,
      reason,
      lastContactMs,
      organisation: { id: authority.org, name: authority.name },
      term: authority.term,
      operations: [...replica.heads().values()].reduce((sum, { next }) => sum + next, 0),
      complete: replica.isComplete(),
      missing: replica.missing(),
    };
    return this.#last;
  }

  close(): Promise<void> {
    return this.#mailbox.post(() => this.#shut());
  }

  async #shut(): Promise<void> {
    if (this.#headless) this.standing();
    await this.#headless?.close();
    this.#headless = undefined;
    this.#session = undefined;
  }

  /** Once it is the server, pages that came from the old one's address will ask it. */
  async #learnAddresses(of: string): Promise<void> {
    try {
      const { body } = await this.#platform.httpApi(of).get("/api/v1/organisation");
      const { origin } = (body ?? {}) as { origin?: unknown };
      const told = typeof origin === "string" ? readOrigin(origin) : undefined;
      await this.#catalogue.update((data) => {
        const all = [...(data.addresses ?? []), of, ...(told === undefined ? [] : [told])];
        data.addresses = [...new Set(all)];
        data.predecessor = of;
      });
    } catch (fault) {
      if (!(fault instanceof Unreachable))
        this.#platform.log.warn({ error: String(fault) }, "addresses not noted");
    }
  }
}
