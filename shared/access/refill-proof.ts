import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { hashText, toBase64Url, utf8 } from "../journal/bytes.ts";
import type { PairingCode } from "./pairing-code.ts";

/**
 * What a new server and the device that refills it prove to each other: that they know the code that
 * the new server shows. It has 80 bits, so nobody who listens or stands between finds it out.
 */
export type RefillProof = string;

/** By the server: that it is the one with this code, and what its identity is. */
export const greetingProof = (
  code: PairingCode,
  nonce: string,
  server: { device: string; key: string },
): RefillProof => prove(code, ["greeting", nonce, server.device, server.key]);

/**
 * By the device: that somebody who has seen the code wants this server to take just this log.
 * @param address origin at which the device reaches it
 */
export const refillProof = (
  code: PairingCode,
  server: { device: string },
  { entries, address }: { entries: readonly string[]; address: string },
): RefillProof => prove(code, ["refill", server.device, address, hashText(entries.join("\n"))]);

/** By whoever asks how far it is. */
export const standingProof = (code: PairingCode, nonce: string): RefillProof =>
  prove(code, ["standing", nonce]);

function prove(code: PairingCode, said: readonly string[]): RefillProof {
  const key = hkdf(sha256, utf8(code), utf8("youbei-v1"), utf8("refill"), 32);
  return toBase64Url(hmac(sha256, key, utf8(`youbei-refill-v1\n${said.join("\n")}`)));
}
