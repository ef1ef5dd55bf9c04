import type { Signer } from "../journal/ports.ts";
import {
  type AuthorityEntry,
  type AuthorityProposal,
  type AuthoritySigner,
  signedBytes,
  writeEntry,
} from "./authority-entry.ts";
import type { AuthorityState } from "./authority-state.ts";

/** A key together with the name under which the log knows it. */
export interface AuthorityKey {
  by: AuthoritySigner;
  signer: Signer;
}

/**
 * Signs a proposal as the next entry of the log.
 * @param after the log so far; for entry 0 only the organisation's id
 * @returns the entry's text, ready for the server to sequence
 */
export async function signEntry(
  after: { org: string } | AuthorityState,
  proposal: AuthorityProposal,
  keys: readonly AuthorityKey[],
  atMs: number,
): Promise<string> {
  const state = "heads" in after ? after : undefined;
  const unsigned = {
    v: 1,
    org: after.org,
    seq: state ? state.heads.length : 0,
    prev: state ? state.lastHash : "",
    at: Math.max(0, Math.floor(atMs)),
    ...proposal,
  } as Omit<AuthorityEntry, "sigs">;
  const bytes = signedBytes(unsigned);
  const sigs = [];
  for (const { by, signer } of keys)
    sigs.push({ by, key: signer.publicKey, sig: await signer.sign(bytes) });
  return writeEntry({ ...unsigned, sigs } as AuthorityEntry);
}
