import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import type { Signer } from "../../shared/journal/ports.ts";
import type { Run } from "../../shared/journal/run.ts";
import { readSeal, sealedBytes, writeSeal } from "../../shared/journal/seal.ts";
import { authorRun } from "../../shared/replica/author.ts";
import { Ledger } from "../../shared/replica/ledger.ts";
import { type Corpus, cashSale, enter, quickSigner } from "./corpus.ts";

/** The ledger of somebody who holds the first runs of a corpus. */
async function ledgerAfter(corpus: Corpus, count: number): Promise<Ledger> {
  const ledger = new Ledger(nodeSignatures);
  for (const text of corpus.organisation.authority) await ledger.addAuthority(text);
  for (const run of corpus.runs.slice(0, count)) await enter(ledger, run);
  return ledger;
}

/**
 * Runs of one operation each that continue another device's chain as they should, in every respect but
 * one: they are signed with a key that is not that device's.
 */
export async function forgeRuns(
  corpus: Corpus,
  { device, after, count }: { device: string; after: number; count: number },
): Promise<Run[]> {
  const ledger = await ledgerAfter(corpus, after);
  const runs: Run[] = [];
  const tools = { ledger, clock: corpus.organisation.clock, signer: quickSigner("crook") };
  for (let made = 0; made < count; made++) {
    const author = { device, store: "s1", staff: "boss", attested: true };
    const run = await authorRun(tools, author, [cashSale]);
    await enter(ledger, run);
    runs.push(run);
  }
  return runs;
}

/** The same operations under a seal that says something else, signed properly by `signer`. */
export async function reseal(run: Run, signer: Signer, change: object = {}): Promise<Run> {
  const seal = readSeal(run.seal);
  if (!seal) throw new Error("a seal to start from");
  const { sig: _sig, ...unsigned } = { ...seal, ...change };
  return {
    ...run,
    seal: writeSeal({ ...unsigned, sig: await signer.sign(sealedBytes(unsigned)) }),
  };
}
