import { type ChainId, deviceOfChain, storeOfChain } from "../journal/operation.ts";
import type { AuthorityState } from "./authority-state.ts";

/**
 * Whether a chain can exist here: an enrolled device's, in one of our stores. What is remembered by
 * chain is so bounded by what the owner enrolled, whatever a device says or seals.
 */
export const isKnownChain = ({ devices, stores }: AuthorityState, chain: ChainId): boolean =>
  devices.has(deviceOfChain(chain)) && stores.has(storeOfChain(chain));

/** What is said of chains that can exist, once for each: the last word on it. */
export function wordsOnChains<Word extends readonly [chain: ChainId, next: number, ...string[]]>(
  authority: AuthorityState,
  words: readonly Word[],
): Word[] {
  const known = words.filter(([chain]) => isKnownChain(authority, chain));
  return [...new Map(known.map((word) => [word[0], word])).values()];
}
