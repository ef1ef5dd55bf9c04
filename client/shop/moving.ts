import { usePermanentAddress } from "./permanent-address.ts";
import { useShop, useShopState } from "./use-shop.tsx";

/** That this device is on its way to another address; a note to itself, nothing depends on it. */
interface Moving {
  device: string;
  origin: string;
}

const place = "youbei.moving";

let eraseAll: (() => Promise<void>) | undefined;

/** How what this browser keeps of the shop is erased; only the tab that writes can. */
export function onErase(erase: () => Promise<void>): void {
  eraseAll = erase;
}

export const eraseHere = (): (() => Promise<void>) | undefined => eraseAll;

export function rememberMoving(moving: Moving): void {
  try {
    localStorage.setItem(place, JSON.stringify(moving));
  } catch {
    // The authority log tells as well that this device was replaced.
  }
}

function movingOf(device: string): Moving | undefined {
  try {
    const value = JSON.parse(localStorage.getItem(place) ?? "null") as Partial<Moving> | null;
    const isOurs = value?.device === device && typeof value.origin === "string";
    return isOurs && URL.canParse(value.origin ?? "") ? (value as Moving) : undefined;
  } catch {
    return undefined;
  }
}

export interface Moved {
  /** how the successor is called, where this device has heard of it */
  name: string | undefined;
  /** where it is now */
  origin: string;
}

/**
 * Set once this device was replaced, and the shop's address is another one. The server may have turned
 * it away before it could read by whom; then its own note tells that it had set out.
 */
export function useMoved(): Moved | undefined {
  const { identity } = useShop();
  const { authority, link, renewed } = useShopState();
  const address = usePermanentAddress();
  const by = authority.devices.get(identity.device)?.closed?.by;
  const isTurnedAway = link.state === "refused" && link.reason === "not-admitted";
  // Its own successor under a new identity is no stranger: the page is only opened anew.
  if (renewed || (by === undefined && !isTurnedAway)) return undefined;
  const moving = movingOf(identity.device)?.origin;
  const shops = by === undefined ? undefined : address?.origin;
  const origin = moving ?? shops;
  if (origin === undefined || origin === location.origin) return undefined;
  return { name: by === undefined ? undefined : authority.devices.get(by)?.name, origin };
}
