import { useSyncExternalStore } from "react";
import type { Signer } from "../../shared/journal/ports.ts";
import { askTickets } from "../../shared/replica/server-contact.ts";
import { readSafetyFacts, type SafetyFacts } from "../../shared/safety/safety-facts.ts";
import { problemCode, type ServerApi, Unreachable } from "../../shared/sync/server-api.ts";

/** What the server said last of the copies, and when this device heard it. */
export interface HeardSafety {
  facts: SafetyFacts;
  /** wall milliseconds of this device */
  heardMs: number;
}

export type SafetyAnswer = "heard" | "offline" | "not-entitled" | "other-tab";

const place = "youbei.safety";
const listeners = new Set<() => void>();
let heard: HeardSafety | undefined = remembered();
let ask: (() => Promise<SafetyFacts | "not-entitled" | undefined>) | undefined;

/** Known without network too. */
export const useHeardSafety = (): HeardSafety | undefined =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => heard,
  );

/** How to ask; set in the tab that has the device's key. */
export function onAskSafety(
  api: ServerApi,
  device: { org: string; device: string; signer: Signer },
): void {
  ask = async () => {
    const tickets = await askTickets(api, device, 1);
    const [ticket] = tickets.ok ? tickets.value : [];
    if (ticket === undefined) return undefined;
    const answer = await api.get("/api/v1/safety", ticket);
    if (answer.status === 200) return readSafetyFacts(answer.body);
    return problemCode(answer) === "not-entitled" ? "not-entitled" : undefined;
  };
}

/** Asks again; a server that does not answer leaves everything as it was. */
export async function lookAtSafety(): Promise<SafetyAnswer> {
  if (!ask) return "other-tab";
  try {
    const told = await ask();
    if (told === "not-entitled") return told;
    if (!told) return "offline";
    heard = { facts: told, heardMs: Date.now() };
    remember(heard);
    for (const listener of listeners) listener();
    return "heard";
  } catch (fault) {
    if (fault instanceof Unreachable) return "offline";
    throw fault;
  }
}

function remember(known: HeardSafety): void {
  try {
    localStorage.setItem(place, JSON.stringify(known));
  } catch {
    // Asked again when the page is opened.
  }
}

function remembered(): HeardSafety | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(place) ?? "null") as Partial<HeardSafety> | null;
    const facts = readSafetyFacts(kept?.facts);
    return facts && typeof kept?.heardMs === "number"
      ? { facts, heardMs: kept.heardMs }
      : undefined;
  } catch {
    return undefined;
  }
}
