import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8 } from "../journal/bytes.ts";
import type { RandomSource, Signer } from "../journal/ports.ts";
import { seedSigner } from "./recovery-key.ts";

/** Crockford's base 32: no I, L, O, U. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const symbols = 16;

/** 80 bits as `XXXX-XXXX-XXXX-XXXX`: the seed of the key that signs one enrolment. */
export type PairingCode = string;

export function newPairingCode(random: RandomSource): PairingCode {
  const text = [...random.bytes(symbols)].map((byte) => alphabet.charAt(byte & 31)).join("");
  return text.replace(/(.{4})(?=.)/g, "$1-");
}

/** Reads a code as typed; I and L count as 1, O as 0. */
export function readPairingCode(text: string): PairingCode | undefined {
  const plain = text
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[\s-]/g, "")
    .replace(/[IL]/g, "1")
    .replace(/O/g, "0");
  if (plain.length !== symbols || [...plain].some((symbol) => !alphabet.includes(symbol)))
    return undefined;
  return plain.replace(/(.{4})(?=.)/g, "$1-");
}

export const pairingSigner = (code: PairingCode): Signer =>
  seedSigner(hkdf(sha256, utf8(code), utf8("youbei-v1"), utf8("pairing"), 32));
