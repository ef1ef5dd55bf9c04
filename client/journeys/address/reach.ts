import { useCallback, useEffect, useState } from "react";

export type Reach = "asking" | "yes" | "no";

const answerMsMax = 10_000;

/**
 * Whether this browser gets an answer from another origin, with a certificate that it trusts. What the
 * answer says cannot be read from here, and need not be.
 */
export function useReach(origin: string): { reach: Reach; again: () => void } {
  const [reach, setReach] = useState<Reach>("asking");
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again at every turn
  useEffect(() => {
    let isHere = true;
    setReach("asking");
    void fetch(`${origin}/healthz`, {
      mode: "no-cors",
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(answerMsMax),
    })
      .then(
        () => "yes" as const,
        () => "no" as const,
      )
      .then((answer) => {
        if (isHere) setReach(answer);
      });
    return () => {
      isHere = false;
    };
  }, [origin, turn]);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === "visible") again();
    };
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [again]);
  return { reach, again };
}
