import type { ListenOptions } from "../../server/platform.ts";
import type { Life, Scheduler } from "./scheduler.ts";
import type { Trace } from "./trace.ts";

export type Direction = "up" | "down";

/** A device's way to the server. A direction that is cut holds what is sent until it is whole again. */
export interface Link {
  readonly device: string;
  readonly cut: Record<Direction, boolean>;
  slowMs: number;
  /** the device has no power */
  isDark: boolean;
}

/** What listens under the server's address. */
export interface Listener {
  life: Life;
  options: ListenOptions;
}

/** What a connection needs of everything around it. */
export interface Air {
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly listener: Listener | undefined;
  /** without power not even a refusal comes back */
  readonly isServerDark: boolean;
  delayMs(link: Link): number;
  /** a connection began, or is gone on both sides */
  began(wire: Wired): void;
  gone(wire: Wired): void;
}

/** A connection as the network knows it. */
export interface Wired {
  readonly link: Link;
  breakOff(): void;
  ended(life: Life, isDark: boolean): void;
  /** somebody between the two puts bytes of his own in; told when the device has read them */
  inject(bytes: Uint8Array, read: () => void): void;
}
