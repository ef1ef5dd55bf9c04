import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { readFile } from "node:fs/promises";
import { toBase64Url } from "../../shared/journal/bytes.ts";
import type { RandomSource, Signatures, Signer } from "../../shared/journal/ports.ts";
import { writeDurably } from "./write-durably.ts";

const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex");
const seedBytes = 32;

/** Ed25519 by Node's own OpenSSL; keys and signatures as raw bytes in base64url. */
export const nodeSignatures: Signatures = {
  verify(publicKey, message, signature) {
    const bytes = Buffer.from(signature, "base64url");
    if (bytes.length !== 64) return Promise.resolve(false);
    try {
      const key = createPublicKey({
        key: { kty: "OKP", crv: "Ed25519", x: publicKey },
        format: "jwk",
      });
      return Promise.resolve(verify(null, message, key, bytes));
    } catch {
      return Promise.resolve(false);
    }
  },
};

export function signerFromSeed(seed: Uint8Array): Signer {
  const key = createPrivateKey({
    key: Buffer.concat([pkcs8Head, seed]),
    format: "der",
    type: "pkcs8",
  });
  return {
    publicKey: publicText(key),
    sign: (message) => Promise.resolve(toBase64Url(sign(null, message, key))),
  };
}

/**
 * A key in a file that only its owner may read; made when it is not there.
 * @throws Error when the file holds anything but a key
 */
export async function fileSigner(path: string, random: RandomSource): Promise<Signer> {
  const known = await readSeed(path);
  if (known) return signerFromSeed(known);
  const seed = random.bytes(seedBytes);
  await writeDurably(path, `${toBase64Url(seed)}\n`, { mode: 0o600 });
  return signerFromSeed(seed);
}

/** @returns undefined when there is no such file */
export async function readFileSigner(path: string): Promise<Signer | undefined> {
  const seed = await readSeed(path);
  return seed && signerFromSeed(seed);
}

async function readSeed(path: string): Promise<Uint8Array | undefined> {
  const text = await readFile(path, "utf8").catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === "ENOENT") return undefined;
    throw fault;
  });
  if (text === undefined) return undefined;
  const seed = Buffer.from(text.trim(), "base64url");
  if (seed.length !== seedBytes) throw new Error(`${path} does not hold a key`);
  return seed;
}

const publicText = (key: KeyObject): string =>
  String(createPublicKey(key).export({ format: "jwk" }).x);
