import { isRecoveryKeyOf } from "../../shared/access/open-next-term.ts";
import { type PairingCode, readPairingCode } from "../../shared/access/pairing-code.ts";
import { type RecoveryKey, readRecoveryWords } from "../../shared/access/recovery-key.ts";
import type { Clock, RandomSource } from "../../shared/journal/ports.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import type { DeviceReplica } from "../../shared/replica/device-replica.ts";
import {
  askStanding,
  greetNewServer,
  type NewServer,
  type RefillStanding,
  refillServer,
} from "../../shared/replica/refill-server.ts";
import { type ServerApi, Unreachable } from "../../shared/sync/server-api.ts";

const refusals = [
  "not-accepted",
  "already-founded",
  "too-many-tries",
  "malformed",
  "store-full",
] as const;

export type RefillFault =
  | (typeof refusals)[number]
  | "address-malformed"
  | "address-insecure"
  | "code-malformed"
  | "words-malformed"
  | "other-card"
  | "unreachable"
  | "unexpected";

/** Where a new server is, and the code that it shows. */
export interface NewServerPlace {
  /** an origin */
  address: string;
  code: PairingCode;
}

/** A server that proved that it is the one with the code, and the card that may open it. */
export interface RefillOffer extends NewServerPlace {
  server: NewServer;
  recovery: RecoveryKey;
}

/** What one side holds; amounts in fen. */
export interface Figures {
  members: number;
  operations: number;
  principal: number;
  bonus: number;
  hash: string;
}

/** Gives a new server everything that this device has. */
export interface RefillDesk {
  /** Nothing is told to the server but a question. */
  greet(place: NewServerPlace, words: string): Promise<Result<RefillOffer, RefillFault>>;
  /** Makes it the shop's; this device finds it there from then on. */
  refill(offer: RefillOffer): Promise<Result<void, RefillFault>>;
  /** @param full with figures; undefined while it does not answer */
  standing(place: NewServerPlace, full: boolean): Promise<RefillStanding | undefined>;
  figures(): Figures;
  /** how many operations are here, of all chains */
  operations(): number;
}

let desk: RefillDesk | undefined;

/** Undefined in a tab that follows: only the one that writes has the device's records at hand. */
export const refillDesk = (): RefillDesk | undefined => desk;

export function onRefill(made: RefillDesk): void {
  desk = made;
}

export function createRefillDesk({
  replica,
  clock,
  random,
  apiAt,
  remember,
}: {
  replica: DeviceReplica;
  clock: Clock;
  random: RandomSource;
  apiAt(address: string): ServerApi;
  /** keeps where else the server may be */
  remember(address: string): void;
}): RefillDesk {
  const askAt = ({ address }: NewServerPlace) => ({ api: apiAt(address), random });
  return {
    greet: (place, words) =>
      inWords(async () => {
        const recovery = readRecoveryWords(words);
        if (!recovery) return refuse("words-malformed");
        if (!isRecoveryKeyOf(replica.authority, recovery)) return refuse("other-card");
        const greeted = await greetNewServer(askAt(place), place.code);
        if (!greeted.ok) return refuse(faultOf(greeted.refusal));
        return done({ ...place, server: greeted.value, recovery });
      }),
    refill: (offer) =>
      inWords(async () => {
        const { address } = offer;
        const deps = { ...askAt(offer), address, nowMs: clock.nowMs(), replica };
        const refilled = await refillServer(deps, offer);
        if (!refilled.ok) return refuse(faultOf(refilled.refusal));
        remember(address);
        return done(undefined);
      }),
    standing: (place, full) => quietly(askStanding(askAt(place), place.code, full)),
    figures() {
      const { hash, counts, liabilities } = replica.summary();
      return {
        members: counts.members ?? 0,
        operations: counts.operations ?? 0,
        ...liabilities,
        hash,
      };
    },
    operations: () => [...replica.heads().values()].reduce((sum, { next }) => sum + next, 0),
  };
}

/** A server that does not answer now may answer in a second. */
export async function quietly<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (fault) {
    if (fault instanceof Unreachable) return undefined;
    throw fault;
  }
}

async function inWords<Value>(
  work: () => Promise<Result<Value, RefillFault>>,
): Promise<Result<Value, RefillFault>> {
  try {
    return await work();
  } catch (fault) {
    if (fault instanceof Unreachable) return refuse("unreachable");
    throw fault;
  }
}

const faultOf = (code: string): RefillFault =>
  refusals.find((each) => each === code) ?? "unexpected";

/**
 * What somebody typed, or what the picture on the new server's page says: `https://host:8443/…#CODE`.
 * Members' keys go there: to another machine over https only.
 */
export function readPlace(
  address: string,
  code: string,
): Result<NewServerPlace, "address-malformed" | "address-insecure" | "code-malformed"> {
  const link = address.trim();
  const whole = link.includes("://") ? link : `https://${link}`;
  if (link === "" || !URL.canParse(whole)) return refuse("address-malformed");
  const { origin, protocol, hostname, hash } = new URL(whole);
  if (protocol !== "https:" && protocol !== "http:") return refuse("address-malformed");
  if (protocol !== "https:" && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname))
    return refuse("address-insecure");
  const read = readPairingCode(code) ?? readPairingCode(hash.slice(1));
  return read === undefined ? refuse("code-malformed") : done({ address: origin, code: read });
}

const place = "youbei.refill";

/** Over a reload, in this tab only. */
export function keepRefill(kept: NewServerPlace | undefined): void {
  if (kept) sessionStorage.setItem(place, JSON.stringify(kept));
  else sessionStorage.removeItem(place);
}

export function keptRefill(): NewServerPlace | undefined {
  try {
    const { address, code } = JSON.parse(sessionStorage.getItem(place) ?? "null") ?? {};
    const read = readPlace(String(address), String(code));
    return read.ok ? read.value : undefined;
  } catch {
    return undefined;
  }
}
