import { useEffect, useSyncExternalStore } from "react";

/** Who is in the middle of something that a reload would lose: an amount typed, a form, an import. */
const unfinished = new Set<symbol>();
const listeners = new Set<() => void>();

const isSomethingUnfinished = (): boolean => unfinished.size > 0;

export const useSomethingUnfinished = (): boolean =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, isSomethingUnfinished);

/** While `holds`, nothing may reload or cover the page. */
export function useUnfinished(holds: boolean): void {
  useEffect(() => {
    if (!holds) return;
    const mark = Symbol("unfinished");
    unfinished.add(mark);
    tell();
    return () => {
      unfinished.delete(mark);
      tell();
    };
  }, [holds]);
}

function tell(): void {
  for (const listener of listeners) listener();
}
