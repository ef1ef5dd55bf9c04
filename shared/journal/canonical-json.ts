/** JSON that we sign: objects, arrays, strings, safe integers, booleans. */
export type CanonicalValue =
  | string
  | number
  | boolean
  | readonly CanonicalValue[]
  | { readonly [key: string]: CanonicalValue | undefined };

const depthMax = 12;
const widthMax = 4096;

/**
 * RFC 8785 restricted to what we use: keys sorted by code unit, no floats, no null.
 * Keys whose value is `undefined` are left out.
 * @throws TypeError for anything that JSON could read back differently
 */
export function canonicalJson(value: CanonicalValue, depth = 0): string {
  if (depth > depthMax) throw new TypeError("nested too deep to sign");
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new TypeError("text is not well-formed Unicode");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || Object.is(value, -0))
      throw new TypeError(`not a safe integer: ${value}`);
    return String(value);
  }
  if (typeof value === "boolean") return value ? "true" : "false";
  if (Array.isArray(value)) {
    if (value.length > widthMax) throw new TypeError("list too long to sign");
    return `[${value.map((item) => canonicalJson(item, depth + 1)).join(",")}]`;
  }
  if (typeof value !== "object" || value === null) throw new TypeError("value cannot be signed");
  const object = value as { readonly [key: string]: CanonicalValue | undefined };
  const keys = Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .sort();
  if (keys.length > widthMax) throw new TypeError("object too wide to sign");
  if (keys.includes("__proto__")) throw new TypeError("__proto__ cannot be a key");
  return `{${keys
    .map(
      (key) => `${canonicalJson(key)}:${canonicalJson(object[key] as CanonicalValue, depth + 1)}`,
    )
    .join(",")}}`;
}

/** Parses only text that `canonicalJson` would have written; anything else is `undefined`. */
export function parseCanonical(text: string): CanonicalValue | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isOurs = isPlainlyOurs(text, value) || canonicalJson(value as CanonicalValue) === text;
    return isOurs ? (value as CanonicalValue) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The quick proof, which nearly every honest text passes: `JSON.stringify` writes the same, and there is
 * nothing in the value that we would not. `\ud` may be half a character and is left to the slow proof,
 * as are keys that JavaScript keeps in an order of its own (`"9"` before `"10"`).
 */
const isPlainlyOurs = (text: string, value: unknown): boolean =>
  JSON.stringify(value) === text && !text.includes("\\ud") && isSignable(value, 0);

function isSignable(value: unknown, depth: number): boolean {
  if (depth > depthMax) return false;
  if (typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isSafeInteger(value);
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value))
    return value.length <= widthMax && value.every((item) => isSignable(item, depth + 1));
  const keys = Object.keys(value);
  const isInOrder = keys.every((key, at) => at === 0 || (keys[at - 1] as string) < key);
  if (keys.length > widthMax || !isInOrder || keys.includes("__proto__")) return false;
  return Object.values(value).every((item) => isSignable(item, depth + 1));
}
