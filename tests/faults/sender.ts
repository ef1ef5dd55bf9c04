import type { Run } from "../../shared/journal/run.ts";
import type { Drafting } from "../../shared/replica/author.ts";
import type { RawDevice, RawSocket } from "../server/raw-device.ts";

/** An honest device as far as sending goes: keeps what is not acknowledged and sends it again. */
export class Sender {
  readonly device: RawDevice;
  readonly written: Run[] = [];
  readonly acknowledged = new Set<Run>();
  #unsent = new Map<number, Run>();
  #socket: RawSocket | undefined;
  #nextId = 1;
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(device: RawDevice) {
    this.device = device;
  }

  get unacknowledged(): number {
    return this.#unsent.size;
  }

  /** Sends again whatever was not acknowledged; resolves when it is sent. */
  async connect(): Promise<void> {
    const socket = await this.device.connect("authority");
    this.#socket = socket;
    for (const [id, run] of this.#unsent) this.#send(id, run);
    let seen = 0;
    const look = () => {
      for (; seen < socket.messages.length; seen++) {
        const message = socket.messages[seen];
        if (message?.type === "accepted") this.#accepted(message.id);
        // What an honest device sends is never refused for good.
        if (message?.type === "refused" && !message.code.startsWith("store-"))
          throw new Error(`an honest run was refused: ${message.code}`);
      }
    };
    socket.socket.on("message", look);
    look();
  }

  /** Signs the next run, one after the other, and sends it where there is a connection. */
  write(drafts: readonly Drafting[]): Promise<void> {
    const written = this.#lastWrite.then(async () => {
      const { device } = this;
      const run = await device.author(drafts);
      const checked = await device.ledger.check(run, { verify: false });
      if (!checked.ok) throw new Error(checked.refusal.code);
      device.ledger.enter(checked.value, Date.now());
      this.written.push(run);
      const id = this.#nextId++;
      this.#unsent.set(id, run);
      this.#send(id, run);
    });
    this.#lastWrite = written;
    return written;
  }

  /** @returns true when everything is acknowledged, false when the connection is gone before */
  async answered(): Promise<boolean> {
    const { socket, closed } = this.#socket ?? {};
    if (!socket || !closed) return false;
    const done = new Promise<boolean>((resolve) => {
      const look = () => {
        if (this.#unsent.size > 0) return;
        socket.off("message", look);
        resolve(true);
      };
      socket.on("message", look);
      look();
    });
    return Promise.race([done, closed.then(() => false)]);
  }

  #accepted(id: number): void {
    const run = this.#unsent.get(id);
    if (!run) return;
    this.acknowledged.add(run);
    this.#unsent.delete(id);
  }

  #send(id: number, { operations, seal }: Run): void {
    const { socket } = this.#socket ?? {};
    if (socket?.readyState === socket?.OPEN)
      this.#socket?.say({ type: "submit", id, run: { operations, seal } });
  }
}
