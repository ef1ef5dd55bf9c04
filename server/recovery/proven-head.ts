import type { AuthorityState } from "../../shared/access/authority-state.ts";
import type { ChainHead } from "../../shared/journal/chain.ts";
import { type ChainId, deviceOfChain } from "../../shared/journal/operation.ts";
import type { Signatures } from "../../shared/journal/ports.ts";
import { readSeal, sealedBytes } from "../../shared/journal/seal.ts";

/**
 * How far a chain came is believed under its own device's signature only.
 * @param text a seal
 */
export async function provenHead(
  state: AuthorityState,
  text: string,
  signatures: Signatures,
): Promise<{ chain: ChainId; head: ChainHead } | undefined> {
  const seal = readSeal(text);
  const key = seal && state.devices.get(deviceOfChain(seal.chain))?.key;
  if (!seal || key === undefined || seal.org !== state.org) return undefined;
  if (!(await signatures.verify(key, sealedBytes(seal), seal.sig))) return undefined;
  return { chain: seal.chain, head: { next: seal.last + 1, hash: seal.head } };
}
