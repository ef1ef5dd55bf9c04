/** A key as the scanner's keyboard sends it. */
export interface KeyStroke {
  /** where the key is on the keyboard: a Chinese input method changes `key`, never this */
  code: string;
  shift: boolean;
  atMs: number;
}

/** Between two keys of a scanner; people need twice as long. */
const gapMsMax = 40;
const charactersMin = 4;

/**
 * Tells a scanner, which types as fast as a machine and ends with Enter, from a person.
 * @returns a function that takes each key and returns the whole code at its Enter
 */
export function createScanReader(): (stroke: KeyStroke) => string | undefined {
  let text = "";
  let lastMs = 0;
  return ({ code, shift, atMs }) => {
    if (atMs - lastMs > gapMsMax) text = "";
    lastMs = atMs;
    if (code === "Enter" || code === "NumpadEnter") {
      const scanned = text;
      text = "";
      return scanned.length >= charactersMin ? scanned : undefined;
    }
    if (code.startsWith("Shift")) return undefined;
    text += characterOf(code, shift);
    return undefined;
  };
}

function characterOf(code: string, shift: boolean): string {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
  if (digit !== undefined) return digit;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter !== undefined) return shift ? letter : letter.toLowerCase();
  if (code === "Minus" || code === "NumpadSubtract") return shift ? "_" : "-";
  return "";
}
