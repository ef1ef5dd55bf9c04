import { authorityDocument } from "../documents/document-name.ts";
import type { DeviceMessage, ServerMessage } from "../sync/messages.ts";
import type { Timers } from "./timers.ts";

export interface RequestsDeps {
  send: (message: DeviceMessage) => void;
  ids: () => number;
  timers: Timers;
  waitMs: number;
}

/** Questions to the server, each with a number that its answer carries. */
export class Requests {
  readonly #deps: RequestsDeps;
  readonly #waiting = new Map<number, (answer: ServerMessage | undefined) => void>();

  constructor(deps: RequestsDeps) {
    this.#deps = deps;
  }

  /** @returns undefined when no answer comes in time, or the connection ends */
  ask = async (message: (id: number) => DeviceMessage): Promise<ServerMessage | undefined> => {
    const { send, ids, timers, waitMs } = this.#deps;
    const id = ids();
    const answer = await new Promise<ServerMessage | undefined>((resolve) => {
      this.#waiting.set(id, resolve);
      timers.after(waitMs, () => resolve(undefined));
      send(message(id));
    });
    this.#waiting.delete(id);
    return answer;
  };

  /** Whether whoever we are connected with still answers. */
  async isAnswered(): Promise<boolean> {
    const name = authorityDocument;
    return (
      (await this.ask((id) => ({ type: "compare", id, name, length: 0, last: "" }))) !== undefined
    );
  }

  answered(id: number, answer: ServerMessage): void {
    this.#waiting.get(id)?.(answer);
  }

  reset(): void {
    for (const resolve of this.#waiting.values()) resolve(undefined);
    this.#waiting.clear();
  }
}
