import type { Clock } from "../../shared/journal/ports.ts";
import type { Timers } from "../../shared/replica/timers.ts";
import { realTurn } from "./ambient.ts";

/** One life of a program on a machine: from start to crash. What a dead one had planned never happens. */
export class Life {
  readonly name: string;
  readonly clock: Clock;
  isAlive = true;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.clock = clock;
  }
}

interface Planned {
  atMs: number;
  order: number;
  /** undefined for what belongs to the world itself */
  life: Life | undefined;
  run: () => void;
  isCancelled: boolean;
}

/**
 * All time there is. One event after the other; between two of them everything that needs no time runs
 * out, so that a crash falls on any point at which a program waits for disk, network or clock.
 */
export class Scheduler {
  nowMs = 0;
  eventsRun = 0;
  /** whose code is running */
  current: Life | undefined;
  /** what nobody caught: it would have ended the program */
  readonly thrown: unknown[] = [];
  readonly #heap: Planned[] = [];
  #order = 0;

  /** @returns what cancels it */
  after(delayMs: number, life: Life | undefined, run: () => void): () => void {
    const atMs = this.nowMs + Math.max(0, delayMs);
    const planned = { atMs, order: this.#order++, life, run, isCancelled: false };
    push(this.#heap, planned);
    return () => {
      planned.isCancelled = true;
    };
  }

  /** Never comes back when the life ends before. */
  wait(delayMs: number, life: Life | undefined): Promise<void> {
    return new Promise((resolve) => {
      if (!life || life.isAlive) this.after(delayMs, life, resolve);
    });
  }

  timersOf(life: Life): Timers {
    return {
      after: (delayMs, run) => (life.isAlive ? this.after(delayMs, life, run) : () => {}),
    };
  }

  /** Lets time pass until it is so; looks after every event. */
  async run(isOver: () => boolean): Promise<void> {
    await realTurn();
    while (!isOver()) {
      const next = pop(this.#heap);
      if (!next) return;
      if (next.isCancelled || next.life?.isAlive === false) continue;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.current = next.life;
      this.eventsRun++;
      try {
        next.run();
      } catch (error) {
        this.thrown.push(error);
      }
      await realTurn();
      this.current = undefined;
    }
  }
}

const isBefore = (a: Planned, b: Planned): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

function push(heap: Planned[], planned: Planned): void {
  let at = heap.length;
  heap.push(planned);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above] as Planned;
    if (isBefore(parent, planned)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = planned;
}

function pop(heap: Planned[]): Planned | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (!first || !last || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let below = at * 2 + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && isBefore(heap[below + 1] as Planned, heap[below] as Planned))
      below++;
    if (isBefore(last, heap[below] as Planned)) break;
    heap[at] = heap[below] as Planned;
    at = below;
  }
  heap[at] = last;
  return first;
}
