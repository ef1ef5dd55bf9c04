import type { MemberId } from "../../shared/members/member-kinds.ts";
import { type Result, refuse } from "../../shared/outcome/result.ts";
import type { Command, Refusal } from "../../shared/replica/commands.ts";
import type { Performed } from "../../shared/replica/replica.ts";
import type { Shop, ValueFault } from "./shop.ts";
import { storageState } from "./storage-state.ts";

/** Why value cannot be had: an evictable browser is given none for the time without network. */
type ValueAway = "offline" | "offline-evictable" | "not-enough" | "not-accounted-for" | "failed";

/** Why nothing was done: an expected refusal, or one of the ways in which this screen can fail. */
export type DeedRefusal =
  | Refusal
  | { code: "nobody-at-till" }
  | { code: "value-not-here"; reason: ValueAway; here: number; balance: number }
  /** the tab that writes went away meanwhile: look first, then try again */
  | { code: "unknown-outcome" };

const fetchTries = 5;
const fetchAgainMs = 1500;

/**
 * Has a command done; where the value for it lies at its home, fetches that and tries again: what a
 * charge needs, or a whole balance, so that a top-up can be undone where it was taken.
 */
export async function performWithValue(
  shop: Shop,
  command: Command,
  staff: string,
  { owner, onFetching }: { owner: MemberId | undefined; onFetching: () => void },
): Promise<Result<Performed, DeedRefusal>> {
  const first = await shop.perform(command, staff);
  if (first.ok || owner === undefined) return first;
  const { refusal } = first;
  if (refusal.code !== "value-elsewhere" && refusal.code !== "lot-held-elsewhere") return first;
  const isCharge = refusal.code === "value-elsewhere";
  const balance = isCharge ? refusal.balance : (shop.member(owner)?.balance ?? 0);
  const here = isCharge ? refusal.here : 0;
  const notHere = (reason: ValueAway): Result<Performed, DeedRefusal> =>
    isCharge ? refuse({ code: "value-not-here", reason, here, balance }) : first;
  const away = storageState().persisted ? "offline" : "offline-evictable";
  if (shop.state.link.state !== "online") return notHere(away);
  onFetching();
  const fetched = await fetchValue(shop, owner, isCharge ? refusal.wanted : balance);
  if (fetched.ok) {
    const second = await shop.perform(command, staff);
    return !second.ok && second.refusal.code === "value-elsewhere" ? notHere("failed") : second;
  }
  const { code } = fetched.refusal;
  if (code === "offline") return notHere(away);
  return notHere(code === "not-enough" || code === "not-accounted-for" ? code : "failed");
}

/** Another till may be on its way of handing the value over: that takes seconds. */
async function fetchValue(
  shop: Shop,
  owner: MemberId,
  amountFen: number,
): Promise<Result<void, ValueFault>> {
  let fetched = await shop.requestValue(owner, amountFen);
  for (let tried = 1; tried < fetchTries && isOnItsWay(fetched); tried++) {
    await new Promise((resolve) => setTimeout(resolve, fetchAgainMs));
    fetched = await shop.requestValue(owner, amountFen);
  }
  return fetched;
}

const isOnItsWay = (fetched: Result<void, ValueFault>): boolean =>
  !fetched.ok &&
  (fetched.refusal.code === "not-enough" || fetched.refusal.code === "not-accounted-for");
