import { useSyncExternalStore } from "react";
import { type ServerApi, Unreachable } from "../../shared/sync/server-api.ts";
import type { Shop } from "./shop.ts";

/** The address under which the whole shop opens the app, as the server tells everybody. */
export interface PermanentAddress {
  origin: string;
  /** page over plain http where a device learns to trust the server; only where that is needed */
  join: string | undefined;
}

/** Where this page stands, seen from there. */
export type Standpoint =
  | "unchosen"
  | "here"
  /** on the server's own computer, which may stay */
  | "server"
  | "elsewhere";

const place = "youbei.address";
const listeners = new Set<() => void>();
let known: PermanentAddress | undefined = remembered();
let ask: () => Promise<PermanentAddress | undefined> = async () => known;

/** What the server said last; known without network too. */
export const permanentAddress = (): PermanentAddress | undefined => known;

export const usePermanentAddress = (): PermanentAddress | undefined =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, permanentAddress);

/** How to look; set where the server is known. */
export function onLookAtAddress(api: Pick<ServerApi, "get">): void {
  ask = async () => addressIn((await api.get("/api/v1/organisation")).body);
}

/** Looks again; a server that does not answer leaves everything as it was. */
export async function lookAtAddress(): Promise<PermanentAddress | undefined> {
  try {
    const told = await ask();
    if (told?.origin === known?.origin && told?.join === known?.join) return known;
    known = told;
    remember(told);
    for (const listener of listeners) listener();
  } catch (fault) {
    if (!(fault instanceof Unreachable)) throw fault;
  }
  return known;
}

/** Looks whenever the server is there again: the owner may have chosen another one meanwhile. */
export function lookWhenOnline(shop: Pick<Shop, "state" | "subscribe">): () => void {
  let wasOnline = false;
  return shop.subscribe(() => {
    const isOnline = shop.state.link.state === "online";
    if (isOnline && !wasOnline) void lookAtAddress();
    wasOnline = isOnline;
  });
}

export function standpointOf(
  address: PermanentAddress | undefined,
  { origin, hostname }: Pick<Location, "origin" | "hostname">,
): Standpoint {
  if (!address) return "unchosen";
  if (address.origin === origin) return "here";
  return isThisComputer(hostname) ? "server" : "elsewhere";
}

export const isThisComputer = (hostname: string): boolean =>
  /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

/** @returns undefined while none was chosen; anything but an https origin is none */
export function addressIn(body: unknown): PermanentAddress | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { origin, join } = body as Record<string, unknown>;
  if (typeof origin !== "string" || originOf(origin, "https:") !== origin) return undefined;
  const isPage = typeof join === "string" && originOf(join, "http:") !== undefined;
  return { origin, join: isPage ? join : undefined };
}

function originOf(link: string, protocol: "http:" | "https:"): string | undefined {
  if (!URL.canParse(link)) return undefined;
  const url = new URL(link);
  return url.protocol === protocol ? url.origin : undefined;
}

function remember(address: PermanentAddress | undefined): void {
  try {
    if (address) localStorage.setItem(place, JSON.stringify(address));
    else localStorage.removeItem(place);
  } catch {
    // Asked again at the next start.
  }
}

function remembered(): PermanentAddress | undefined {
  try {
    return addressIn(JSON.parse(localStorage.getItem(place) ?? "null"));
  } catch {
    return undefined;
  }
}
