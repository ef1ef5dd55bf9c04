import { useRef, useState } from "react";
import type { MemberId } from "../../shared/members/member-kinds.ts";
import type { Command } from "../../shared/replica/commands.ts";
import type { Performed } from "../../shared/replica/replica.ts";
import { type DeedRefusal, performWithValue } from "./perform-with-value.ts";
import { useStaffAtTill } from "./staff-at-till.ts";
import { useUnfinished } from "./unfinished.ts";
import { useShop } from "./use-shop.tsx";

export interface Deed {
  state: "idle" | "saving" | "fetching-value";
  refusal: DeedRefusal | undefined;
  /**
   * @param owner whose value it concerns, where the command itself does not say
   * @returns what was recorded, or undefined: then `refusal` says why
   */
  perform(command: Command, owner?: MemberId): Promise<Performed | undefined>;
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
    async perform(command, owner) {
      if (running.current) return undefined;
      if (!current) {
        setRefusal({ code: "nobody-at-till" });
        return undefined;
      }
      running.current = true;
      setRefusal(undefined);
      setState("saving");
      try {
        const result = await performWithValue(shop, command, current.id, {
          owner: command.command === "RecordSale" ? command.member : owner,
          onFetching: () => setState("fetching-value"),
        });
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
