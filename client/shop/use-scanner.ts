import { useEffect, useRef } from "react";
import { createScanReader } from "./scanner.ts";

/**
 * Hears a scanner wherever the focus is, except in a field that wants to be typed into: there the
 * code belongs.
 */
export function useScanner(onScan: (code: string) => void): void {
  const latest = useRef(onScan);
  latest.current = onScan;
  useEffect(() => {
    const read = createScanReader();
    const onKey = (event: KeyboardEvent) => {
      if (!isOurs(event.target)) return;
      const code = read({ code: event.code, shift: event.shiftKey, atMs: event.timeStamp });
      if (code === undefined) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      latest.current(code);
    };
    window.addEventListener("keydown", onKey, { capture: true });
    return () => window.removeEventListener("keydown", onKey, { capture: true });
  }, []);
}

function isOurs(target: EventTarget | null): boolean {
  if (document.querySelector("[role=dialog]")) return false;
  if (!(target instanceof HTMLElement)) return true;
  return !target.matches("input, textarea, select") || target.dataset["tillField"] === "true";
}
