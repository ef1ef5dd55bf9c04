import { bech32 } from "@scure/base";
import { fromBase64Url, fromUtf8 } from "../journal/bytes.ts";
import { type RecoveryKey, recoverySecret } from "./recovery-key.ts";

/**
 * Text that only the recovery card opens, in the armored age format (age-encryption.org/v1), so that
 * the standard `age` tool opens it too. The library is fetched when it is needed first.
 * @param encryptKey the recovery key's public half for encryption, as entry 0 of the log states it
 */
export async function sealForRecovery(encryptKey: string, text: string): Promise<string> {
  const { armor, Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  encrypter.addRecipient(ageRecipient(encryptKey));
  return armor.encode(await encrypter.encrypt(text));
}

/** @returns undefined when it was not sealed for this card, or is damaged */
export async function openWithRecovery(
  recovery: RecoveryKey,
  sealed: string,
): Promise<string | undefined> {
  const { armor, Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  decrypter.addIdentity(ageIdentity(recovery));
  try {
    return fromUtf8(new Uint8Array(await decrypter.decrypt(armor.decode(sealed))));
  } catch {
    return undefined;
  }
}

/** `AGE-SECRET-KEY-1…`, for the standard tool. */
export const ageIdentity = (recovery: RecoveryKey): string =>
  bech32.encodeFromBytes("age-secret-key-", recoverySecret(recovery)).toUpperCase();

/** `age1…`: for whom the standard tool seals. */
export function ageRecipient(encryptKey: string): string {
  const bytes = fromBase64Url(encryptKey);
  return bech32.encodeFromBytes("age", bytes ?? new Uint8Array());
}
