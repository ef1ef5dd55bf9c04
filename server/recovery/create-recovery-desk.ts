import { readAuthorityLog } from "../../shared/access/authority-log.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { isRecoveryKeyOf, openNextTerm } from "../../shared/access/open-next-term.ts";
import { type RecoveryKey, recoverySigner } from "../../shared/access/recovery-key.ts";
import type { ChainHead } from "../../shared/journal/chain.ts";
import type { ChainId } from "../../shared/journal/operation.ts";
import type { Clock, Signatures } from "../../shared/journal/ports.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import type { Timers } from "../../shared/replica/timers.ts";
import { recoveryProofBytes } from "../../shared/sync/ticket.ts";
import { provenHead } from "./proven-head.ts";
import type { RecoveryDesk } from "./recovery-desk.ts";

export interface RecoveryDeskDeps {
  recovery: RecoveryKey;
  /** this new server's identity */
  server: { device: string; key: string };
  /** Makes the first entries of the log durable; see `Relay.found`. */
  found(entries: readonly string[]): Promise<Result<string, string>>;
  clock: Clock;
  timers: Timers;
  signatures: Signatures;
}

interface Offer {
  entries: readonly string[];
  state: AuthorityState;
}

/**
 * Other devices may know of more entries than the first that calls: a tablet that was in a drawer must
 * not take the shop back to its own past.
 */
const gatherMs = 3000;

/** Recovers from nothing but the recovery key and whoever connects. */
export const createRecoveryDesk = (deps: RecoveryDeskDeps): RecoveryDesk => new GatheringDesk(deps);

class GatheringDesk implements RecoveryDesk {
  readonly #deps: RecoveryDeskDeps;
  readonly #heads = new Map<ChainId, ChainHead>();
  #best: Offer | undefined;
  #adopted: Promise<Result<void, string>> | undefined;

  constructor(deps: RecoveryDeskDeps) {
    this.#deps = deps;
  }

  prove(org: string, nonce: string): Promise<string> {
    return recoverySigner(this.#deps.recovery).sign(recoveryProofBytes(org, nonce));
  }

  async adopt(entries: readonly string[], seals: readonly string[]): Promise<Result<void, string>> {
    const { recovery, server, signatures, timers } = this.#deps;
    const log = await readAuthorityLog(entries, signatures);
    if (!log.ok) return refuse("malformed");
    const state = log.value;
    if (!isRecoveryKeyOf(state, recovery)) return refuse("not-accepted");
    if (state.devices.has(server.device)) return refuse("already-founded");
    if (this.#best && !isSameLog(this.#best.state, state)) return refuse("forked-log");
    if (!this.#best || state.heads.length > this.#best.state.heads.length)
      this.#best = { entries, state };
    for (const text of seals) await this.#takeSeal(state, text);
    this.#adopted ??= new Promise<void>((resolve) => {
      timers.after(gatherMs, resolve);
    }).then(() => this.#found());
    return this.#adopted;
  }

  async #takeSeal(state: AuthorityState, text: string): Promise<void> {
    const proven = await provenHead(state, text, this.#deps.signatures);
    if (proven && proven.head.next > (this.#heads.get(proven.chain)?.next ?? 0))
      this.#heads.set(proven.chain, proven.head);
  }

  async #found(): Promise<Result<void, string>> {
    const best = this.#best;
    if (!best) return refuse("malformed");
    const { recovery, server, clock, found } = this.#deps;
    const nextTerm = { heads: this.#heads, server };
    const entry = await openNextTerm(best.state, nextTerm, recovery, clock.nowMs());
    const founded = await found([...best.entries, entry]);
    if (founded.ok) return done(undefined);
    // A full disk may be emptied: the next device that calls tries again.
    this.#adopted = undefined;
    return refuse(founded.refusal);
  }
}

/** Whether one log is the beginning of the other. */
function isSameLog(a: AuthorityState, b: AuthorityState): boolean {
  const common = Math.min(a.heads.length, b.heads.length) - 1;
  return a.org === b.org && a.heads[common] === b.heads[common];
}
