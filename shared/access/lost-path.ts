import type { AuthorityHead } from "../journal/operation.ts";
import type { AuthorityState, LostEntry } from "./authority-state.ts";

type Lost = Pick<AuthorityState, "lost">;

/**
 * Lost entries from where their log parted from ours up to one of them.
 * @returns undefined when that one is not known
 */
export function lostPath({ lost }: Lost, head: AuthorityHead): LostEntry[] | undefined {
  const path: LostEntry[] = [];
  for (let at = lost.get(head); at; at = lost.get(at.after)) path.unshift(at);
  return path.length > 0 ? path : undefined;
}

/** Of these, the ones that grant what is not in force; undefined when there are none. */
export function openThrough(state: Lost, head: AuthorityHead): LostEntry[] | undefined {
  const open = lostPath(state, head)?.filter(
    ({ standing }) => standing === "open" || standing === "dismissed",
  );
  return open && open.length > 0 ? open : undefined;
}

/** Whether everything is in force that was in force where an operation cited this lost entry. */
export const isInForce = (state: Lost, head: AuthorityHead): boolean =>
  openThrough(state, head) === undefined;

/** Lost entries that wait for the owner's answer, as they were written. */
export const entriesToAnswer = ({ lost }: Lost): [AuthorityHead, LostEntry][] =>
  [...lost].filter(([, { standing }]) => standing === "open");
