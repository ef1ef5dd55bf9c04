import * as z from "zod/mini";
import type { Clock, Signer } from "../../shared/journal/ports.ts";
import type { Timers } from "../../shared/replica/timers.ts";
import { addressesMax, type Holder } from "../../shared/sync/messages.ts";
import { type ServerApi, Unreachable } from "../../shared/sync/server-api.ts";
import type { Log } from "../data/log.ts";
import type { OpenData } from "../data/open-data.ts";
import type { AlarmKind } from "../relay/alarms.ts";
import { isSuperseded } from "./fence.ts";
import { handOver } from "./hand-over.ts";
import { standbyFacts } from "./standby-facts.ts";

export interface StandbyDeskDeps {
  data: Pick<OpenData, "relay" | "catalogue" | "identity" | "alarm">;
  clock: Clock;
  timers: Timers;
  log: Log;
  httpApi(address: string): ServerApi;
  holders(): readonly Holder[];
}

/** What a server has to do with its standby, and with the server whose standby it was itself. */
export interface StandbyDesk {
  /** where else devices may look for this shop's server */
  addresses(): string[];
  /** whether a page of this shop may come from there */
  isOurOrigin(origin: string): boolean;
  close(): void;
}

const contactEveryMs = 3000;
const watchEveryMs = 60_000;

const organisation = z.object({ mode: z.literal("ready"), org: z.string(), term: z.number() });

export const createStandbyDesk = (deps: StandbyDeskDeps): StandbyDesk => new Desk(deps);

class Desk implements StandbyDesk {
  readonly #deps: StandbyDeskDeps;
  readonly #cancels = new Map<() => Promise<void>, () => void>();
  readonly #told = new Set<AlarmKind>();
  /** of what was noticed at the last look */
  #before: AlarmKind | undefined;
  #isHandedOver = false;
  #isClosed = false;

  constructor(deps: StandbyDeskDeps) {
    this.#deps = deps;
    this.#every(contactEveryMs, this.#contact, 100);
    this.#every(watchEveryMs, this.#watch);
    deps.data.relay.listen({
      authorityGrew: () => {
        if (isSuperseded(deps.data.relay)) this.#every(contactEveryMs, this.#contact, 100);
      },
    });
  }

  addresses(): string[] {
    const { standby, addresses = [] } = this.#deps.data.catalogue.data();
    return [...new Set([...(standby ? [standby.origin] : []), ...addresses])].slice(
      0,
      addressesMax,
    );
  }

  isOurOrigin(origin: string): boolean {
    return this.addresses().some((each) => URL.canParse(each) && new URL(each).origin === origin);
  }

  close(): void {
    this.#isClosed = true;
    for (const cancel of this.#cancels.values()) cancel();
  }

  #every(everyMs: number, look: () => Promise<void>, firstMs = everyMs): void {
    this.#cancels.get(look)?.();
    if (this.#isClosed) return;
    const run = () => {
      void look()
        .catch((fault: unknown) => {
          if (!(fault instanceof Unreachable)) throw fault;
        })
        .finally(() => this.#every(everyMs, look));
    };
    this.#cancels.set(look, this.#deps.timers.after(firstMs, run));
  }

  /** The new server tells the old one; the old one brings what the new one lacks. */
  #contact = async (): Promise<void> => {
    const { data, httpApi } = this.#deps;
    const { relay, catalogue } = data;
    const { standby, predecessor } = catalogue.data();
    if (!relay.authority) return;
    if (!isSuperseded(relay)) {
      if (predecessor !== undefined) await this.#tellPredecessor(httpApi(predecessor));
      return;
    }
    this.#alarm("superseded", { by: relay.authority.server, term: relay.authority.term });
    if (!standby || this.#isHandedOver) return;
    const signer: Signer = data.identity.signer;
    const { runs, isDone } = await handOver({ relay, api: httpApi(standby.origin), signer });
    this.#isHandedOver = isDone;
    this.#deps.log.info({ runs, isDone }, "handed over to the server that serves this shop now");
  };

  async #tellPredecessor(api: ServerApi): Promise<void> {
    const { relay } = this.#deps.data;
    const { data: found } = organisation.safeParse((await api.get("/api/v1/organisation")).body);
    if (!relay.authority || found?.org !== relay.authority.org) return;
    if (found.term >= relay.authority.term) return;
    const { status } = await api.post("/api/v1/successor", {
      entries: relay.ledger.authorityTexts,
    });
    this.#deps.log.info({ status }, "the server before this one was told that it is closed");
  }

  /** Two looks in a row: what comes late from a device that was away is not a standby that lags. */
  #watch = async (): Promise<void> => {
    const { data, clock, holders } = this.#deps;
    const facts = await standbyFacts(data, holders(), clock.nowMs());
    const kind =
      facts?.standing === "silent"
        ? "standby-silent"
        : facts?.standing === "behind"
          ? "standby-behind"
          : undefined;
    if (!kind) {
      this.#told.delete("standby-silent");
      this.#told.delete("standby-behind");
    } else if (kind === this.#before)
      this.#alarm(kind, { device: facts?.id ?? "", behind: facts?.behind ?? 0 });
    this.#before = kind;
  };

  #alarm(kind: AlarmKind, detail: Readonly<Record<string, string | number>>): void {
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#deps.data.alarm({ kind, detail });
  }
}
