import { toBase64Url } from "../../shared/journal/bytes.ts";
import type { Signer } from "../../shared/journal/ports.ts";
import type { YoubeiDatabase } from "./database.ts";

type StoredKey =
  | { kind: "web-crypto"; privateKey: CryptoKey; publicKey: string }
  | { kind: "seed"; seed: Uint8Array<ArrayBuffer> };

/**
 * The profile's key of that name, made at the first call. Its private half is a CryptoKey that cannot
 * be exported; where WebCrypto lacks Ed25519 or IndexedDB cannot keep such a key, 32 random bytes.
 */
export async function openSigner(db: YoubeiDatabase, name: string): Promise<Signer> {
  return (await findSigner(db, name)) ?? toSigner(await makeKey(db, name));
}

/** The profile's key of that name, if there is one. */
export async function findSigner(db: YoubeiDatabase, name: string): Promise<Signer | undefined> {
  const known = (await db.identity.get(name))?.value as StoredKey | undefined;
  return known && toSigner(known);
}

async function makeKey(db: YoubeiDatabase, name: string): Promise<StoredKey> {
  try {
    const pair = (await crypto.subtle.generateKey("Ed25519", false, [
      "sign",
      "verify",
    ])) as CryptoKeyPair;
    const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    const key: StoredKey = {
      kind: "web-crypto",
      privateKey: pair.privateKey,
      publicKey: toBase64Url(raw),
    };
    await db.identity.put({ name, value: key });
    return key;
  } catch {
    const key: StoredKey = { kind: "seed", seed: crypto.getRandomValues(new Uint8Array(32)) };
    await db.identity.put({ name, value: key });
    return key;
  }
}

async function toSigner(key: StoredKey): Promise<Signer> {
  if (key.kind === "seed") {
    const { seedSigner } = await import("../../shared/access/recovery-key.ts");
    return seedSigner(key.seed);
  }
  return {
    publicKey: key.publicKey,
    sign: async (message) =>
      toBase64Url(new Uint8Array(await crypto.subtle.sign("Ed25519", key.privateKey, message))),
  };
}
