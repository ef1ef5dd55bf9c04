import type { AuthorityState } from "../access/authority-state.ts";
import { isKnownChain } from "../access/known-chains.ts";
import type { Heads } from "../journal/chain.ts";
import { type ChainId, deviceOfChain } from "../journal/operation.ts";
import type { Holder } from "../sync/messages.ts";

/** Operations that are known to have existed and are not here. */
export interface Missing {
  chain: ChainId;
  /** first and last sequence */
  from: number;
  to: number;
}

/** What a replica knows of the others: what the server holds, who else is complete, what should exist. */
export class Witness {
  serverHeads: Heads = new Map();
  /** since this start another replica confirmed what this one holds of its own chain */
  isAttested = false;
  #holders: readonly Holder[] = [];
  readonly #claimedNext = new Map<ChainId, number>();
  readonly #authority: () => AuthorityState;

  /** @param authority says which chains there can be: of others nothing is believed, and nothing kept */
  constructor(remembered: string | undefined, authority: () => AuthorityState) {
    this.#authority = authority;
    for (const [chain, next] of readClaims(remembered)) this.claim(chain, next);
  }

  get holders(): readonly Holder[] {
    return this.#holders;
  }

  othersHold(holders: readonly Holder[]): void {
    this.#holders = holders;
    for (const { device, heads, known } of holders) {
      for (const [chain, next] of heads)
        if (deviceOfChain(chain) === device) this.claim(chain, next);
      for (const [chain, next] of known ?? []) this.claim(chain, next);
    }
  }

  claim(chain: ChainId, next: number): void {
    if (!isKnownChain(this.#authority(), chain)) return;
    if (next > (this.#claimedNext.get(chain) ?? 0)) this.#claimedNext.set(chain, next);
  }

  missing(heads: Heads): Missing[] {
    return [...this.#claimedNext].flatMap(([chain, next]) => {
      const from = heads.get(chain)?.next ?? 0;
      return next > from ? [{ chain, from, to: next - 1 }] : [];
    });
  }
}

/** To be kept between starts. */
export const writeClaims = (missing: readonly Missing[]): string =>
  JSON.stringify(missing.map(({ chain, to }) => [chain, to + 1]));

function readClaims(text: string | undefined): [ChainId, number][] {
  try {
    return text === undefined ? [] : (JSON.parse(text) as [ChainId, number][]);
  } catch {
    return [];
  }
}
