import { useRef, useState } from "react";
import type { Result } from "../../shared/outcome/result.ts";
import type { Command, Refusal } from "../../shared/replica/commands.ts";
import type { Performed } from "../../shared/replica/replica.ts";
import type { Shop, ValueFault } from "./shop.ts";
import { useStaffAtTill } from "./staff-at-till.ts";
import { storageState } from "./storage-state.ts";
import { useUnfinished } from "./unfinished.ts";
import { useShop } from "./use-shop.tsx";

/** Why value cannot be had: an evictable browser is given none for the time without network. */
type ValueAway = "offline" | "offline-evictable" | "not-enough" | "not-accounted-for" | "failed";

/** Why nothing was done: an expected refusal, or one of the ways in which this screen can fail. */
export type DeedRefusal =
  | Refusal
  | { code: "nobody-at-till" }
  | {
      code: "value-not-here";
      reason: ValueAway;
      here: number;
      balance: number;
    }
  /** the tab that writes went away meanwhile: look first, then try again */
  | { code: "unknown-outcome" };

export interface Deed {
  state: "idle" | "saving" | "fetching-value";
  refusal: DeedRefusal | undefined;
  /** @returns what was recorded, or undefined: then `refusal` says why */
  perform(command: Command): Promise<Performed | undefined>;
  forget(): void;
}

/**
 * Has one command done, once: a second tap while it runs is not heard. Value that lies at its home
 * is fetched for a charge, and the charge then tried again.
 */
export function useDeed(): Deed {
  const shop = useShop();
  const { current } = useStaffAtTill();
  const running = useRef(false);
  const [state, setState] = useState<Deed["state"]>("idle");
  const [refusal, setRefusal] = useState<DeedRefusal>();
  useUnfinished(state !== "idle");
  return {
    state,
    refusal,
    forget: () => setRefusal(undefined),
    async perform(command) {
      if (running.current) return undefined;
      if (!current) {
        setRefusal({ code: "nobody-at-till" });
        return undefined;
      }
      running.current = true;
      setRefusal(undefined);
      setState("saving");
      try {
        const result = await performFetching(shop, command, current.id, () =>
          setState("fetching-value"),
        );
        if (result.ok) return result.value;
        setRefusal(result.refusal);
      } catch {
        setRefusal({ code: "unknown-outcome" });
      } finally {
        running.current = false;
        setState("idle");
      }
      return undefined;
    },
  };
}

const fetchTries = 5;
const fetchAgainMs = 1500;

const isOnItsWay = (fetched: Result<void, ValueFault>): boolean =>
  !fetched.ok &&
  (fetched.refusal.code === "not-enough" || fetched.refusal.code === "not-accounted-for");

async function performFetching(
  shop: Shop,
  command: Command,
  staff: string,
  onFetching: () => void,
): Promise<Result<Performed, DeedRefusal>> {
  const first = await shop.perform(command, staff);
  if (first.ok || first.refusal.code !== "value-elsewhere") return first;
  if (command.command !== "RecordSale" || command.member === undefined) return first;
  const { here, balance, wanted } = first.refusal;
  const notHere = (reason: ValueAway) =>
    ({ ok: false, refusal: { code: "value-not-here", reason, here, balance } }) as const;
  const away = storageState().persisted ? "offline" : "offline-evictable";
  if (shop.state.link.state !== "online") return notHere(away);
  onFetching();
  let fetched = await shop.requestValue(command.member, wanted);
  // Another till may be on its way of handing the value over: that takes seconds.
  for (let tried = 1; tried < fetchTries && isOnItsWay(fetched); tried++) {
    await new Promise((resolve) => setTimeout(resolve, fetchAgainMs));
    fetched = await shop.requestValue(command.member, wanted);
  }
  if (fetched.ok) {
    const second = await shop.perform(command, staff);
    return !second.ok && second.refusal.code === "value-elsewhere" ? notHere("failed") : second;
  }
  const { code } = fetched.refusal;
  if (code === "offline") return notHere(away);
  if (code === "not-enough" || code === "not-accounted-for") return notHere(code);
  return notHere("failed");
}
