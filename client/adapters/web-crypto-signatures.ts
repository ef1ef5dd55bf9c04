import { fromBase64Url } from "../../shared/journal/bytes.ts";
import type { Signatures } from "../../shared/journal/ports.ts";

/** Verifies with WebCrypto, in JavaScript where it lacks Ed25519. */
export function createWebCryptoSignatures(): Signatures {
  const keys = new Map<string, Promise<CryptoKey>>();
  let supported: Promise<boolean> | undefined;
  const keyOf = (publicKey: string, raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> => {
    let key = keys.get(publicKey);
    if (!key) {
      key = crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
      keys.set(publicKey, key);
    }
    return key;
  };
  return {
    async verify(publicKey, message, signature) {
      supported ??= hasEd25519();
      if (!(await supported)) {
        const { verifyInJavaScript } = await import("../../shared/access/recovery-key.ts");
        return verifyInJavaScript(publicKey, message, signature);
      }
      const raw = fromBase64Url(publicKey) as Uint8Array<ArrayBuffer> | undefined;
      const sig = fromBase64Url(signature) as Uint8Array<ArrayBuffer> | undefined;
      if (raw?.length !== 32 || sig?.length !== 64) return false;
      try {
        return await crypto.subtle.verify("Ed25519", await keyOf(publicKey, raw), sig, message);
      } catch {
        keys.delete(publicKey);
        return false;
      }
    },
  };
}

async function hasEd25519(): Promise<boolean> {
  try {
    await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
    return true;
  } catch {
    return false;
  }
}
