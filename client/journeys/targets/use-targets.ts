import { useCallback, useEffect, useState } from "react";
import type { TargetAnswer, ToldTest } from "../../../shared/safety/target-answers.ts";
import { askTargets, type TargetFault } from "../../shop/target-desk.ts";
import { useShop } from "../../shop/use-shop.tsx";

/** What is typed into the form, by the name of the field. */
export type Typed = Readonly<Record<string, string>>;

export interface WantedPlace {
  name: string;
  settings: Readonly<Record<string, unknown>>;
  offSite: boolean;
  offline: boolean;
}

/** Asking the server about places of backups, and signing what is wanted. */
export function useTargets() {
  const shop = useShop();
  const [known, setKnown] = useState<TargetAnswer<"list">>();
  const [fault, setFault] = useState<TargetFault>();
  const [test, setTest] = useState<ToldTest>();
  const [busy, setBusy] = useState<"test" | "add" | "remove">();
  const [said, setSaid] = useState<"added" | "removeAsked">();
  const look = useCallback(async () => {
    const answer = await askTargets({ do: "list" });
    if (answer.ok) setKnown(answer.value);
    else setFault(answer.fault);
  }, []);
  useEffect(() => void look(), [look]);

  async function during<Answer>(
    what: "test" | "add" | "remove",
    work: () => Promise<Answer>,
  ): Promise<Answer | undefined> {
    if (busy) return undefined;
    setBusy(what);
    setFault(undefined);
    setTest(undefined);
    setSaid(undefined);
    try {
      return await work();
    } catch {
      setFault("failed");
      return undefined;
    } finally {
      setBusy(undefined);
    }
  }

  const sign = async (entry: Parameters<typeof shop.propose>[0]): Promise<boolean> => {
    const sequenced = await shop.propose(entry);
    if (!sequenced.ok) setFault(sequenced.refusal.code === "offline" ? "offline" : "failed");
    return sequenced.ok;
  };

  return {
    known,
    fault,
    test,
    busy,
    said,
    forget: () => {
      setTest(undefined);
      setFault(undefined);
      setSaid(undefined);
    },
    tryOut: (settings: WantedPlace["settings"]) =>
      during("test", async () => {
        const answer = await askTargets({ do: "test", settings });
        if (answer.ok) setTest(answer.value.test);
        else setFault(answer.fault);
      }),
    /** @returns whether it is a place of backups from now on */
    add: (wanted: WantedPlace) =>
      during("add", async () => {
        const answer = await askTargets({ do: "add", ...wanted });
        if (!answer.ok) setFault(answer.fault);
        else if ("test" in answer.value) setTest(answer.value.test);
        else {
          const { proposal } = answer.value;
          if (!(await sign({ kind: "ActApproved", body: { proposal } }))) return false;
          await untilListed(wanted.name, setKnown);
          setSaid("added");
          return true;
        }
        return false;
      }),
    remove: (id: string) =>
      during("remove", async () => {
        const answer = await askTargets({ do: "remove", id });
        if (!answer.ok) return setFault(answer.fault);
        const body = { ...answer.value, act: "change-targets" } as const;
        if (await sign({ kind: "ActProposed", body })) setSaid("removeAsked");
      }),
  };
}

/** The server does what was approved a moment later. */
async function untilListed(
  name: string,
  show: (known: TargetAnswer<"list">) => void,
): Promise<void> {
  for (let tried = 0; tried < 20; tried++) {
    const answer = await askTargets({ do: "list" });
    if (answer.ok) show(answer.value);
    if (answer.ok && answer.value.targets.some((target) => target.name === name)) return;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
