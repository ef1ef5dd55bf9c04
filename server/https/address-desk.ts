import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import type { AddressFacts } from "../../shared/sync/address.ts";
import type { Catalogue } from "../data/catalogue.ts";
import { isPermitted } from "./host-names.ts";
import type { HttpsKeeper } from "./https-keeper.ts";
import type { Machine } from "./machine.ts";
import { candidatesOf, hostOf, permanentOrigin, readOrigin } from "./origins.ts";

export type ChooseRefusal =
  /** no https origin */
  | "origin-invalid"
  /** this server's certificate cannot cover it */
  | "not-covered"
  /** the server cannot serve https; its log says why */
  | "https-failed";

/** Under which address devices open the app: what is chosen, what could be, and what it takes. */
export interface AddressDesk {
  origin(): string | undefined;
  /** where a device gets what it must trust, over plain http; undefined when there is nothing to trust */
  join(): string | undefined;
  facts(): AddressFacts;
  /** Makes an origin the permanent one, durably; https is set up for it where it is this machine's. */
  choose(text: string): Promise<Result<AddressFacts, ChooseRefusal>>;
}

export function createAddressDesk({
  keeper,
  catalogue,
  machine,
  known,
  listeners,
}: {
  keeper: HttpsKeeper;
  catalogue: Catalogue;
  machine: Machine;
  /** origins that were named from outside */
  known: readonly string[];
  listeners: {
    /** of plain http */
    readonly port: number;
    readonly httpsPort: number;
    /** whether https is answered beside http; undefined where there is nothing beside it */
    readonly isBesideServed: boolean | undefined;
  };
}): AddressDesk {
  const origin = () => permanentOrigin(catalogue);
  const candidates = () => candidatesOf(keeper.standing, machine, listeners.httpsPort, known);
  const join = () => {
    if (keeper.standing.kind !== "local" || listeners.isBesideServed !== true) return undefined;
    // Whoever answers at somebody else's address is trusted already, or not by our doing.
    const at = origin() ?? candidates().find((each) => isThisMachine(each.origin))?.origin;
    if (at === undefined || !isThisMachine(at)) return undefined;
    return `http://${new URL(at).hostname}:${listeners.port}/join`;
  };
  const isThisMachine = (at: string) =>
    new URL(at).port === new URL(`https://localhost:${listeners.httpsPort}`).port &&
    isPermitted(hostOf(at), keeper.standing.names);
  const facts = (): AddressFacts => {
    const { kind, leaf, authority, trouble } = keeper.standing;
    const { subject = "", fingerprint = "", untilMs = 0 } = authority?.facts ?? {};
    return {
      origin: origin(),
      join: join(),
      kind,
      untilMs: leaf?.facts.untilMs,
      authority: authority && { subject, fingerprint, untilMs },
      trouble: trouble.map(({ where, what }) => `${where} ${what}`.slice(0, 1000)).slice(0, 20),
      candidates: candidates(),
      devices: { ...catalogue.data().origins },
    };
  };
  return {
    origin,
    join,
    facts,
    async choose(text) {
      const chosen = readOrigin(text);
      if (chosen === undefined) return refuse("origin-invalid");
      // Behind a proxy or tunnel somebody else answers: nothing to prepare here.
      if (listeners.isBesideServed !== undefined && isThisMachine(chosen)) {
        const covered = await keeper.cover(hostOf(chosen));
        if (!covered.ok)
          return refuse(covered.refusal.code === "not-permitted" ? "not-covered" : "https-failed");
        if (!listeners.isBesideServed) return refuse("https-failed");
      }
      await catalogue.update((data) => {
        data.origin = chosen;
      });
      return done(facts());
    },
  };
}
