import type { Timers } from "./timers.ts";

/** Waits until something is true, looking at every change; @returns false when time is up first */
export async function untilTrue(
  isTrue: () => boolean,
  {
    changes,
    timers,
    waitMs,
  }: {
    changes: { subscribe(listener: () => void): () => void };
    timers: Timers;
    waitMs: number;
  },
): Promise<boolean> {
  if (isTrue()) return true;
  return new Promise((resolve) => {
    const finish = (answer: boolean) => {
      stopListening();
      cancel();
      resolve(answer);
    };
    const stopListening = changes.subscribe(() => {
      if (isTrue()) finish(true);
    });
    const cancel = timers.after(waitMs, () => finish(isTrue()));
  });
}
