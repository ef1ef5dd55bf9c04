import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fromBase64Url, toBase64Url } from "../../shared/journal/bytes.ts";
import type { RandomSource, Signatures, Signer } from "../../shared/journal/ports.ts";
import { writeDurably } from "./write-durably.ts";

const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex");
const seedBytes = 32;

const spkiHead = Buffer.from("302a300506032b6570032100", "hex");
const keysMax = 2000;
const keys = new Map<string, KeyObject>();

/**
 * Ed25519 by Node's own OpenSSL; keys and signatures as raw bytes in base64url, written in the one way
 * that every other replica accepts too.
 */
export const nodeSignatures: Signatures = {
  async verify(publicKey, message, signature) {
    const bytes = fromBase64Url(signature);
    const key = keyOf(publicKey);
    return key !== undefined && bytes?.length === 64 && verify(null, message, key, bytes);
  },
};

/** Keys are few and come again with every run. */
function keyOf(publicKey: string): KeyObject | undefined {
  const known = keys.get(publicKey);
  if (known) return known;
  const raw = fromBase64Url(publicKey);
  if (raw?.length !== seedBytes) return undefined;
  try {
    const key = createPublicKey({
      key: Buffer.concat([spkiHead, raw]),
      format: "der",
      type: "spki",
    });
    if (keys.size >= keysMax) keys.clear();
    keys.set(publicKey, key);
    return key;
  } catch {
    return undefined;
  }
}

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
