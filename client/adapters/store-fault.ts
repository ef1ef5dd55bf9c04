import { StoreFault } from "../../shared/replica/ports.ts";

/** The browser's words → ours. Dexie wraps the cause, sometimes twice. */
export function toStoreFault(error: unknown): StoreFault {
  if (error instanceof StoreFault) return error;
  const names = namesOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (names.some((name) => full.has(name))) return new StoreFault("full", message);
  if (names.some((name) => refused.has(name))) return new StoreFault("refused", message);
  return new StoreFault("broken", message);
}

const full = new Set(["QuotaExceededError", "NS_ERROR_DOM_INDEXEDDB_QUOTA_ERR"]);

/** Private windows and "block all cookies": opening fails in one of these ways. */
const refused = new Set([
  "SecurityError",
  "InvalidStateError",
  "MissingAPIError",
  "MissingApiError",
  "NotAllowedError",
  "OpenFailedError",
]);

function namesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== "object" || error === null || depth > 4) return [];
  const { name, inner, cause, failures } = error as Record<string, unknown>;
  const nested = [inner, cause, ...(Array.isArray(failures) ? failures : [])];
  return [
    ...(typeof name === "string" ? [name] : []),
    ...nested.flatMap((each) => namesOf(each, depth + 1)),
  ];
}
