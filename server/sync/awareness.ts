import * as decoding from "lib0/decoding";

const awarenessBytesMax = 4096;

/**
 * Awareness is parsed and then forgotten; nobody else ever gets it. Only the sender's own client id
 * may be in it, with no state or an empty one.
 * @param known client id that this socket used before
 * @returns the client id (the known one when the message names none), or undefined when malformed
 * @throws Error when the bytes end early
 */
export function isHarmlessAwareness(
  bytes: Uint8Array,
  known: number | undefined,
): number | undefined {
  if (bytes.length > awarenessBytesMax) return undefined;
  const decoder = decoding.createDecoder(bytes);
  const clients = decoding.readVarUint(decoder);
  if (clients === 0) return decoding.hasContent(decoder) ? undefined : (known ?? -1);
  if (clients > 1) return undefined;
  const client = decoding.readVarUint(decoder);
  decoding.readVarUint(decoder);
  const state = decoding.readVarString(decoder);
  if (decoding.hasContent(decoder)) return undefined;
  if (known !== undefined && known >= 0 && known !== client) return undefined;
  return state === "null" || state === "{}" ? client : undefined;
}
