import type { ChainId, Operation } from "../../shared/journal/operation.ts";
import { readStoredOperation } from "../../shared/journal/operation.ts";
import { readSeal } from "../../shared/journal/seal.ts";
import type { Relay } from "../relay/relay.ts";

/** What this server holds beyond some heads, chain by chain, in sequence. */
export async function* operationsAfter(
  relay: Pick<Relay, "heads" | "runsFrom">,
  nextOf: (chain: ChainId) => number,
): AsyncGenerator<Operation> {
  for (const [chain, { next }] of relay.heads())
    yield* operationsIn(relay, chain, nextOf(chain), next);
}

/** Operations of a chain from one sequence up to another. */
export async function* operationsIn(
  relay: Pick<Relay, "runsFrom">,
  chain: ChainId,
  from: number,
  end: number,
): AsyncGenerator<Operation> {
  for (let seq = from; seq < end; ) {
    const runs = await relay.runsFrom(chain, seq);
    if (runs.length === 0) return;
    for (const run of runs) {
      const first = readSeal(run.seal)?.first ?? seq;
      for (const [index, text] of run.operations.entries()) {
        const operation = readStoredOperation(text);
        if (operation && first + index >= seq && first + index < end) yield operation;
      }
      seq = Math.max(seq, first + run.operations.length);
    }
  }
}
