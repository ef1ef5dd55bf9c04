import { useSyncExternalStore } from "react";

export interface StorageState {
  /** the browser promised not to evict this site's data */
  persisted: boolean;
  usedBytes: number;
  quotaBytes: number;
}

let state: StorageState = { persisted: false, usedBytes: 0, quotaBytes: 0 };
const listeners = new Set<() => void>();

export const storageState = (): StorageState => state;

export const useStorageState = (): StorageState =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, storageState);

/** Looks how the browser keeps our data; asks it to promise when `ask` is set. */
export async function lookAtStorage({ ask }: { ask: boolean }): Promise<StorageState> {
  const { storage } = navigator;
  try {
    const persisted = ask ? await storage.persist() : await storage.persisted();
    const { usage = 0, quota = 0 } = await storage.estimate();
    state = { persisted, usedBytes: usage, quotaBytes: quota };
  } catch {
    // Where the browser does not answer, it has not promised anything.
    state = { ...state, persisted: false };
  }
  for (const listener of listeners) listener();
  return state;
}

export const isNearlyFull = ({ usedBytes, quotaBytes }: StorageState): boolean =>
  quotaBytes > 0 && usedBytes > quotaBytes * 0.8;
