import { nodeSignatures, signerFromSeed } from "../../server/adapters/node-signatures.ts";
import type { Signatures, Signer } from "../../shared/journal/ports.ts";

const verdictBySignature = new Map<string, Promise<boolean>>();
const signerBySeed = new Map<string, Signer>();
const verdictsMost = 20_000;

/**
 * Node's Ed25519, asked once for the same question: all replicas of a simulation check the same seals.
 * The key is the whole question, so that a forged one is never answered from an honest one's verdict.
 */
export const signatures: Signatures = {
  verify(key, message, signature) {
    const question = `${key} ${signature} ${Buffer.from(message).toString("latin1")}`;
    let verdict = verdictBySignature.get(question);
    if (verdict === undefined) {
      if (verdictBySignature.size > verdictsMost) verdictBySignature.clear();
      verdict = nodeSignatures.verify(key, message, signature);
      verdictBySignature.set(question, verdict);
    }
    return verdict;
  },
};

/** Making a key costs more than signing with it, and a machine starts often. */
export function signerOf(seed: Uint8Array): Signer {
  const name = Buffer.from(seed).toString("latin1");
  const signer = signerBySeed.get(name) ?? signerFromSeed(seed);
  if (signerBySeed.size > verdictsMost) signerBySeed.clear();
  signerBySeed.set(name, signer);
  return signer;
}
