import { readProcess } from "../systems/read-process.ts";
import type { LoadClient, LoadDriver, LoadOrder, LoadResult, Percentiles } from "./load-client.ts";

const stallMs = 60_000;

/** Connects all clients, lets them write, and reports rates and delays. */
export async function driveLoad(driver: LoadDriver, order: LoadOrder): Promise<LoadResult> {
  const load = new Load(order);
  await driver.prepare(order.clients, order.updatesEach);
  for (let client = 0; client < order.clients; client++)
    load.clients.push(await driver.connect(client, client === order.clients - 1, load));
  return load.run();
}

class Load {
  readonly clients: LoadClient[] = [];
  readonly #order: LoadOrder;
  readonly #sent: number[];
  readonly #acknowledged: number[];
  readonly #sentMs: Float64Array[];
  #ackMs: number[] = [];
  #seenMs: number[] = [];
  #toAcknowledge: number;
  #toSee: number;
  #isWarm = false;
  #beganMs = 0;
  #lastMs = 0;
  #cpu = process.cpuUsage();
  #serverSeconds = 0;
  #finish: () => void = () => {};

  constructor(order: LoadOrder) {
    const { clients, updatesEach } = order;
    this.#order = order;
    this.#toAcknowledge = clients * updatesEach;
    this.#toSee = (clients - 1) * updatesEach;
    this.#sent = new Array<number>(clients).fill(0);
    this.#acknowledged = new Array<number>(clients).fill(0);
    this.#sentMs = this.#sent.map(() => new Float64Array(updatesEach));
  }

  async run(): Promise<LoadResult> {
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    this.#lastMs = performance.now();
    if (this.#order.warmUp === 0) this.#begin();
    if (this.#order.perSecond > 0) this.#sendEvenly(this.#lastMs);
    else for (const client of this.clients.keys()) this.#fill(client);
    const watch = setInterval(() => {
      if (performance.now() - this.#lastMs > stallMs) this.#finish();
    }, 1000);
    await finished;
    clearInterval(watch);
    const seconds = (this.#lastMs - this.#beganMs) / 1000;
    const used = process.cpuUsage(this.#cpu);
    const serverSeconds = this.#order.killAfter > 0 ? 0 : this.#serverCpu() - this.#serverSeconds;
    for (const client of this.clients) client.close();
    return {
      updates: this.#ackMs.length,
      seconds,
      perSecond: this.#ackMs.length / seconds,
      ackMs: percentilesOf(this.#ackMs),
      propagationMs: percentilesOf(this.#seenMs),
      serverBusy: serverSeconds / seconds,
      generatorBusy: (used.user + used.system) / 1e6 / seconds,
      acknowledged: this.#acknowledged,
    };
  }

  acknowledged(client: number, count: number): void {
    const nowMs = performance.now();
    const before = this.#acknowledged[client] ?? 0;
    if (count <= before) return;
    for (let nth = before; nth < count; nth++)
      this.#ackMs.push(nowMs - (this.#sentMs[client]?.[nth] ?? nowMs));
    this.#acknowledged[client] = count;
    this.#toAcknowledge -= count - before;
    this.#lastMs = nowMs;
    const { killAfter, pid, perSecond, warmUp } = this.#order;
    if (killAfter > 0 && this.#ackMs.length >= killAfter) {
      process.kill(pid, "SIGKILL");
      this.#finish();
      return;
    }
    if (!this.#isWarm && this.#ackMs.length >= warmUp) this.#begin();
    if (perSecond === 0) this.#fill(client);
    this.#finishIfDone();
  }

  seen(client: number, nth: number): void {
    const isItsOwn = client === this.clients.length - 1;
    if (isItsOwn) return;
    const sentMs = this.#sentMs[client]?.[nth];
    if (!sentMs) return;
    this.#lastMs = performance.now();
    this.#seenMs.push(this.#lastMs - sentMs);
    this.#toSee--;
    this.#finishIfDone();
  }

  /** From here on it is measured: what came before was compiling. */
  #begin(): void {
    this.#isWarm = true;
    this.#ackMs = [];
    this.#seenMs = [];
    this.#cpu = process.cpuUsage();
    this.#serverSeconds = this.#serverCpu();
    this.#beganMs = performance.now();
  }

  #serverCpu(): number {
    return readProcess(this.#order.pid).cpuSeconds;
  }

  #finishIfDone(): void {
    if (this.#toAcknowledge <= 0 && this.#toSee <= 0) this.#finish();
  }

  #fill(client: number): void {
    const { inFlight, updatesEach } = this.#order;
    const open = () => (this.#sent[client] ?? 0) - (this.#acknowledged[client] ?? 0);
    while (open() < inFlight && (this.#sent[client] ?? 0) < updatesEach) this.#send(client);
  }

  #send(client: number): void {
    const nth = this.#sent[client] ?? 0;
    (this.#sentMs[client] as Float64Array)[nth] = performance.now();
    this.#sent[client] = nth + 1;
    this.clients[client]?.send(nth);
  }

  /** Clients take turns; what the timer misses is made up for at once. */
  #sendEvenly(beganMs: number): void {
    const total = this.clients.length * this.#order.updatesEach;
    let sent = 0;
    const timer = setInterval(() => {
      const due = ((performance.now() - beganMs) / 1000) * this.#order.perSecond;
      while (sent < Math.min(due, total)) this.#send(sent++ % this.clients.length);
      if (sent >= total) clearInterval(timer);
    }, 1);
  }
}

function percentilesOf(samples: number[]): Percentiles {
  const sorted = Float64Array.from(samples).sort();
  const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}
