import type { AuthorityProposal } from "../access/authority-entry.ts";
import type { AuthorityKey } from "../access/sign-entry.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import { type ServerApi, Unreachable } from "../sync/server-api.ts";
import type { DeviceReplica } from "./device-replica.ts";
import { submitEntry } from "./server-contact.ts";

export interface ChangeDeps {
  replica: DeviceReplica;
  api: ServerApi;
  /** waits until something is true of the replica; false when it never came */
  until(isTrue: () => boolean): Promise<boolean>;
}

const triesMost = 5;

/**
 * Signs a change of rights and has it sequenced; signs again where another entry came first.
 * Resolves when this replica holds it.
 */
export async function changeAuthority(
  { replica, api, until }: ChangeDeps,
  proposal: AuthorityProposal,
  keys: readonly AuthorityKey[],
): Promise<Result<void, string>> {
  for (let tried = 0; tried < triesMost; tried++) {
    const before = replica.authority.heads.length;
    const entry = await replica.signAuthority(proposal, keys);
    try {
      const sequenced = await submitEntry(api, entry);
      const grown = () => replica.authority.heads.length > before;
      if (sequenced.ok) return (await until(grown)) ? done(undefined) : refuse("offline");
      if (sequenced.refusal !== "not-next") return sequenced;
      if (!(await until(grown))) return refuse("offline");
    } catch (fault) {
      if (fault instanceof Unreachable) return refuse("offline");
      throw fault;
    }
  }
  return refuse("not-next");
}
