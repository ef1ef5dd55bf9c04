import type { DeviceSession } from "../../shared/replica/device-session.ts";
import type { Timers } from "../../shared/replica/timers.ts";

/**
 * Waits until a session has come as far as asked, or can never, or time is up.
 * @returns whether it has
 */
export function waitUntil(
  timers: Timers,
  session: DeviceSession,
  isTrue: () => boolean,
  waitMs: number,
): Promise<boolean> {
  if (isTrue()) return Promise.resolve(true);
  return new Promise((resolve) => {
    let cancelTick = () => {};
    const finish = (answer: boolean) => {
      stopListening();
      cancelTick();
      cancelEnd();
      resolve(answer);
    };
    const look = () => {
      if (isTrue()) finish(true);
      else if (session.status().state === "refused") finish(false);
    };
    const stopListening = session.subscribe(look);
    const cancelEnd = timers.after(waitMs, () => finish(isTrue()));
    const tick = () => {
      look();
      cancelTick = timers.after(50, tick);
    };
    cancelTick = timers.after(50, tick);
  });
}
