import type { StopSignals } from "../serve/stop-signals.ts";

const signals = ["SIGTERM", "SIGINT"] as const;

export const nodeStopSignals: StopSignals = {
  first: () =>
    new Promise((resolve) => {
      let asked = false;
      for (const signal of signals)
        process.on(signal, () => {
          if (asked) process.exit(130);
          asked = true;
          resolve(signal);
        });
    }),
  forceAfter(limitMs) {
    setTimeout(() => process.exit(1), limitMs).unref();
  },
};
