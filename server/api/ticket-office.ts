import { toBase64Url } from "../../shared/journal/bytes.ts";
import type { Clock, RandomSource } from "../../shared/journal/ports.ts";
import { ticketMsMax } from "../../shared/sync/ticket.ts";

/** Challenges and tickets outstanding at most; the oldest give way. */
const outstandingMax = 10_000;

/** Hands out challenges and tickets, each good once and for a minute. Nothing survives a restart. */
export class TicketOffice {
  readonly #clock: Clock;
  readonly #random: RandomSource;
  readonly #challenges = new Map<string, number>();
  readonly #tickets = new Map<string, { device: string; untilMs: number }>();

  constructor(clock: Clock, random: RandomSource) {
    this.#clock = clock;
    this.#random = random;
  }

  challenge(): string {
    const challenge = toBase64Url(this.#random.bytes(24));
    this.#challenges.set(challenge, this.#clock.nowMs() + ticketMsMax);
    dropOldest(this.#challenges);
    return challenge;
  }

  /** Whether a challenge was ours, is fresh and had not been answered; it is used up by asking. */
  redeemChallenge(challenge: string): boolean {
    const untilMs = this.#challenges.get(challenge);
    this.#challenges.delete(challenge);
    return untilMs !== undefined && this.#clock.nowMs() <= untilMs;
  }

  tickets(device: string, count: number): string[] {
    return Array.from({ length: count }, () => {
      const ticket = toBase64Url(this.#random.bytes(24));
      this.#tickets.set(ticket, { device, untilMs: this.#clock.nowMs() + ticketMsMax });
      dropOldest(this.#tickets);
      return ticket;
    });
  }

  /** @returns the device that a ticket was given to; it is used up by asking */
  redeemTicket(ticket: string): string | undefined {
    const known = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    return known && this.#clock.nowMs() <= known.untilMs ? known.device : undefined;
  }
}

function dropOldest(map: Map<string, unknown>): void {
  if (map.size <= outstandingMax) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
