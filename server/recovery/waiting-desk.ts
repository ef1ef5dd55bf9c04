import { readAuthorityLog } from "../../shared/access/authority-log.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { isRecoveryKeyOf } from "../../shared/access/open-next-term.ts";
import { type RecoveryKey, recoverySigner } from "../../shared/access/recovery-key.ts";
import type { ChainHead } from "../../shared/journal/chain.ts";
import type { ChainId } from "../../shared/journal/operation.ts";
import type { Signatures } from "../../shared/journal/ports.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { recoveryProofBytes } from "../../shared/sync/ticket.ts";
import { chooseLog, type OfferedLog } from "./offered-logs.ts";
import { provenHead } from "./proven-head.ts";
import type { HeardFromDevices } from "./recover-from-sources.ts";
import type { CallingDevice, RecoveryDesk } from "./recovery-desk.ts";
import { promise } from "./survey-sources.ts";

/** Logs that are kept at most: a device calls again and again, with the same one. */
const logsMost = 64;
const chainsMost = 4096;

/**
 * Hears what devices know before a new server is made of other sources too: which log goes on, and how
 * far chains went. Their operations come afterwards, over the ordinary connection.
 */
export class WaitingDesk implements RecoveryDesk {
  readonly #recovery: RecoveryKey;
  readonly #signatures: Signatures;
  readonly #onHeard: () => void;
  readonly #logsByHead = new Map<string, OfferedLog>();
  readonly #heads = new Map<ChainId, ChainHead>();
  readonly #promised = new Map<ChainId, number>();
  readonly #devices = new Set<string>();

  constructor(deps: { recovery: RecoveryKey; signatures: Signatures; onHeard(): void }) {
    this.#recovery = deps.recovery;
    this.#signatures = deps.signatures;
    this.#onHeard = deps.onHeard;
  }

  prove(org: string, nonce: string): Promise<string> {
    return recoverySigner(this.#recovery).sign(recoveryProofBytes(org, nonce));
  }

  async adopt(
    entries: readonly string[],
    seals: readonly string[],
    caller?: CallingDevice,
  ): Promise<Result<void, string>> {
    const log = await readAuthorityLog(entries, this.#signatures);
    if (!log.ok) return refuse("malformed");
    const state = log.value;
    if (!isRecoveryKeyOf(state, this.#recovery)) return refuse("not-accepted");
    const head = state.heads.at(-1) ?? "";
    if (this.#logsByHead.size < logsMost)
      this.#logsByHead.set(head, { from: caller?.device ?? "device", entries, state });
    for (const text of seals) await this.#takeSeal(state, text);
    if (caller) this.#hear(state, caller);
    this.#onHeard();
    return done(undefined);
  }

  /** Devices that may still be used and have not called, by the best log that was offered. */
  awaited(others: readonly OfferedLog[] = []): string[] {
    const { log } = chooseLog([...others, ...this.#logsByHead.values()], this.#recovery);
    const active = [...(log?.state.devices.values() ?? [])].filter(
      (device) => !device.server && !device.closed,
    );
    return active.filter(({ id }) => !this.#devices.has(id)).map(({ name }) => name);
  }

  heard(): HeardFromDevices & { devices: number } {
    return {
      logs: [...this.#logsByHead.values()],
      heads: this.#heads,
      promised: this.#promised,
      devices: this.#devices.size,
    };
  }

  async #takeSeal(state: AuthorityState, text: string): Promise<void> {
    const proven = await provenHead(state, text, this.#signatures);
    if (proven && proven.head.next > (this.#heads.get(proven.chain)?.next ?? 0))
      this.#heads.set(proven.chain, proven.head);
  }

  #hear(state: AuthorityState, { device, heads }: CallingDevice): void {
    if (!state.devices.has(device)) return;
    this.#devices.add(device);
    const room = chainsMost - this.#promised.size;
    promise(
      this.#promised,
      heads.filter(([chain]) => this.#promised.has(chain)),
    );
    promise(this.#promised, heads.filter(([chain]) => !this.#promised.has(chain)).slice(0, room));
  }
}
