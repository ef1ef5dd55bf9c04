import { sha256 } from "@noble/hashes/sha2.js";
import { hashText, toBase64Url, utf8 } from "../journal/bytes.ts";
import { type CanonicalValue, canonicalJson } from "../journal/canonical-json.ts";
import type { ChainId } from "../journal/operation.ts";
import type { MemberRestored, RestoreOpened } from "./restore-kinds.ts";

/** What goes back of a member, before it stands in a batch. */
export type RestoredMember = Omit<MemberRestored, "batch">;

/** What is approved beside the list itself. */
export type RestoreFacts = Omit<RestoreOpened, "proposal" | "subject">;

/**
 * What a second person approves, as one hash: the version, the scope, up to where it was compared, the
 * chain in which it will stand, and every change in its order.
 */
export function subjectOfRestore(
  chain: ChainId,
  { snapshot, time, scope, heads, reason, undoes }: RestoreFacts,
  members: Iterable<RestoredMember>,
): string {
  const list = sha256.create();
  let count = 0;
  for (const { member, fields, listing, value } of members) {
    list.update(utf8(`${canonicalJson({ member, fields, listing, value } as CanonicalValue)}\n`));
    count++;
  }
  const facts = { chain, snapshot, time, scope, heads, reason, undoes };
  const whole = { ...facts, count, members: toBase64Url(list.digest()) };
  return hashText(`youbei-restore-v1\n${canonicalJson(whole)}`);
}
