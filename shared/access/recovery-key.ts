import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist as english } from "@scure/bip39/wordlists/english.js";
import { wordlist as chinese } from "@scure/bip39/wordlists/simplified-chinese.js";
import { fromBase64Url, toBase64Url, utf8 } from "../journal/bytes.ts";
import type { RandomSource, Signer } from "../journal/ports.ts";

/** 128 bits that found the organisation and can rebuild it; shown once as words (BIP 39). */
export interface RecoveryKey {
  entropy: Uint8Array;
}

/** Both lists carry the same key; a card may show either. */
export type RecoveryLanguage = "zh" | "en";

const lists: Record<RecoveryLanguage, string[]> = { zh: chinese, en: english };

export const newRecoveryKey = (random: RandomSource): RecoveryKey => ({
  entropy: random.bytes(16),
});

/** Twelve words: hanzi or English. */
export const recoveryWords = (key: RecoveryKey, language: RecoveryLanguage): string[] =>
  entropyToMnemonic(key.entropy, lists[language]).split(/[ \u3000]/);

/**
 * Reads a card as typed: any spacing, hanzi without spaces, capitals.
 * @returns undefined when a word is unknown or the checksum does not fit
 */
export function readRecoveryWords(text: string): RecoveryKey | undefined {
  const plain = text.normalize("NFKC").toLowerCase().trim();
  const hanzi = /^[\p{Script=Han}\s\d.、,，]+$/u.test(plain);
  const words = hanzi
    ? [...plain].filter((character) => /\p{Script=Han}/u.test(character))
    : plain.split(/[^a-z]+/).filter(Boolean);
  if (words.length !== 12) return undefined;
  try {
    const list = hanzi ? chinese : english;
    return { entropy: mnemonicToEntropy(words.join(" "), list) };
  } catch {
    return undefined;
  }
}

/** What entry 0 of the authority log says of the key: one half signs, the other opens backups. */
export const recoveryPublic = (key: RecoveryKey): { sign: string; encrypt: string } => ({
  sign: toBase64Url(ed25519.getPublicKey(derive(key.entropy, "sign"))),
  encrypt: toBase64Url(x25519.getPublicKey(recoverySecret(key))),
});

/** X25519 secret that opens what was sealed for the card. */
export const recoverySecret = (key: RecoveryKey): Uint8Array => derive(key.entropy, "encrypt");

export const recoverySigner = (key: RecoveryKey): Signer => seedSigner(derive(key.entropy, "sign"));

/** A signer from 32 secret bytes: for keys that are words or codes rather than stored keys. */
export function seedSigner(seed: Uint8Array): Signer {
  return {
    publicKey: toBase64Url(ed25519.getPublicKey(seed)),
    sign: (message) => Promise.resolve(toBase64Url(ed25519.sign(message, seed))),
  };
}

/** Ed25519 in JavaScript, for where WebCrypto lacks it; accepts exactly what RFC 8032 does. */
export function verifyInJavaScript(
  publicKey: string,
  message: Uint8Array,
  signature: string,
): boolean {
  const key = fromBase64Url(publicKey);
  const sig = fromBase64Url(signature);
  if (key?.length !== 32 || sig?.length !== 64) return false;
  try {
    return ed25519.verify(sig, message, key, { zip215: false });
  } catch {
    return false;
  }
}

function derive(secret: Uint8Array, purpose: string): Uint8Array {
  return hkdf(sha256, secret, utf8("youbei-v1"), utf8(purpose), 32);
}
