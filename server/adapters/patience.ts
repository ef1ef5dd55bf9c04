import { setTimeout as waitMs } from "node:timers/promises";
import { TargetFault } from "../backups/target.ts";

/** Between tries when a server has had enough; 坚果云 counts requests by the half hour. */
const pausesMs = [2_000, 5_000, 15_000, 30_000];
const pauseMsMax = 60_000;

/** Resolves after a while; throws when the signal aborts. */
export type Wait = (ms: number, signal: AbortSignal | undefined) => Promise<void>;

export const waitFor: Wait = async (ms, signal) => {
  await waitMs(ms, undefined, { signal });
};

interface Patience {
  wait: Wait;
  signal: AbortSignal | undefined;
  faultOf(error: unknown): unknown;
  /** what the server asked for */
  retryAfterMs?: (error: unknown) => number | undefined;
}

/** Asks again, after longer and longer pauses, as long as the server says that it is busy. */
export async function patiently<Value>(
  { wait, signal, faultOf, retryAfterMs }: Patience,
  action: () => Promise<Value>,
): Promise<Value> {
  for (let tries = 0; ; tries++) {
    try {
      return await action();
    } catch (error) {
      const fault = faultOf(error);
      const pauseMs = pausesMs[tries];
      const isBusy = fault instanceof TargetFault && fault.code === "busy";
      if (!isBusy || pauseMs === undefined) throw fault;
      await wait(Math.min(retryAfterMs?.(error) ?? pauseMs, pauseMsMax), signal).catch((cause) => {
        throw new TargetFault("cancelled", "cancelled", { cause });
      });
    }
  }
}
