import { useState } from "react";
import { type MoneyFault, parseYuan } from "../../shared/money/fen.ts";

export interface Amount {
  typed: string;
  /** fen; 0 while nothing readable is typed */
  fen: number;
  fault: MoneyFault | "not-positive" | undefined;
  type(text: string): void;
  press(key: string): void;
  backspace(): void;
  clear(): void;
}

const typedLengthMax = 14;

/** An amount in yuan as it is being typed, on a keypad or a keyboard. */
export function useAmount(first = ""): Amount {
  const [typed, setTyped] = useState(first);
  const parsed = typed === "" ? undefined : parseYuan(typed.replace(/\.$/, ""));
  const fen = parsed?.ok ? parsed.value : 0;
  return {
    typed,
    fen,
    fault: faultOf(parsed, fen),
    type: (text) => setTyped(text.slice(0, 40)),
    press: (key) => setTyped((before) => pressed(before, key)),
    backspace: () => setTyped((before) => before.slice(0, -1)),
    clear: () => setTyped(""),
  };
}

function faultOf(parsed: ReturnType<typeof parseYuan> | undefined, fen: number): Amount["fault"] {
  if (!parsed) return undefined;
  if (!parsed.ok) return parsed.refusal;
  return fen > 0 ? undefined : "not-positive";
}

/** A till does not take a third decimal, nor a second point. */
function pressed(before: string, key: string): string {
  if (before.length >= typedLengthMax || /\.\d\d$/.test(before)) return before;
  if (key === ".") return before.includes(".") ? before : `${before || "0"}.`;
  return before === "0" ? key : before + key;
}
