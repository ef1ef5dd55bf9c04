import type { Writable } from "node:stream";
import { WebSocket } from "ws";

type Frame = Parameters<WebSocket["send"]>[0];
type SendOptions = Parameters<WebSocket["send"]>[1];
type Sent = (error?: Error) => void;

/**
 * A WebSocket of which everything that is sent in one turn leaves in one write. A group of runs is
 * acknowledged at once: a write for each would cost the server more than reading them.
 */
export class GatheringSocket extends WebSocket {
  #stream: Writable | undefined;
  #isGathering = false;

  /** @param stream what this socket writes to; until it is known every frame is a write */
  gatherOn(stream: Writable): void {
    this.#stream = stream;
  }

  override send(data: Frame, sent?: Sent): void;
  override send(data: Frame, options: SendOptions, sent?: Sent): void;
  override send(data: Frame, ...rest: [sent?: Sent] | [options: SendOptions, sent?: Sent]): void {
    this.#gather();
    super.send(data, ...(rest as [SendOptions, Sent?]));
  }

  #gather(): void {
    const stream = this.#stream;
    if (!stream || this.#isGathering) return;
    this.#isGathering = true;
    stream.cork();
    process.nextTick(() => {
      this.#isGathering = false;
      stream.uncork();
    });
  }
}
