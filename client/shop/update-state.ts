import { useSyncExternalStore } from "react";

/** Set while a new version waits; calling it switches over and loads the page again. */
let apply: (() => void) | undefined;
let look: () => Promise<void> = async () => undefined;
const listeners = new Set<() => void>();

export function offerUpdate(take: () => void): void {
  apply = take;
  for (const listener of listeners) listener();
}

/** How to look for a new version now; set where the service worker is registered. */
export function onCheckForUpdate(check: () => Promise<void>): void {
  look = check;
}

export const checkForUpdate = (): Promise<void> => look();

export const useUpdate = (): (() => void) | undefined =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => apply,
  );
