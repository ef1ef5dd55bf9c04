import type { Signatures } from "../../shared/journal/ports.ts";

/** For a log that was verified entry by entry when it was stored. */
export const trusting: Signatures = { verify: () => Promise.resolve(true) };
