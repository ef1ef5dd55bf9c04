import { useSyncExternalStore } from "react";
import type { Language } from "../i18n/say.ts";

/** What this device remembers for the people in front of it; nothing that may not be lost. */
export interface Preferences {
  language: Language;
  textSize: "normal" | "large" | "larger";
  /** millimetres of receipt paper */
  paper: 58 | 80;
  lastTender: "cash" | "wechat" | "alipay" | "card" | "other";
  /** who stood at this till last */
  staff: string;
  checklistHidden: boolean;
  checklistDone: readonly string[];
  shortcuts: boolean;
  /** what the server had wrong, was mended, and was read here */
  mendedSeen: string;
}

const place = "youbei.preferences";

const firstPreferences = (): Preferences => ({
  language: navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en",
  textSize: "normal",
  paper: 58,
  lastTender: "wechat",
  staff: "",
  checklistHidden: false,
  checklistDone: [],
  shortcuts: true,
  mendedSeen: "",
});

let current: Preferences | undefined;
const listeners = new Set<() => void>();

export function preferences(): Preferences {
  current ??= { ...firstPreferences(), ...stored() };
  return current;
}

export function setPreferences(changes: Partial<Preferences>): void {
  current = { ...preferences(), ...changes };
  try {
    localStorage.setItem(place, JSON.stringify(current));
  } catch {
    // A full or refused storage keeps them until the tab is closed.
  }
  for (const listener of listeners) listener();
}

export const usePreferences = (): Preferences => useSyncExternalStore(subscribe, preferences);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function stored(): Partial<Preferences> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(place) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Partial<Preferences>) : {};
  } catch {
    return {};
  }
}
