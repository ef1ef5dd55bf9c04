/** One connected client of a system under load. */
export interface LoadClient {
  /** Sends this client's update `nth`; called in order. */
  send(nth: number): void;
  close(): void;
}

/** What clients tell whoever drives them. */
export interface LoadEvents {
  /** so many of this client's updates are acknowledged by now */
  acknowledged(client: number, count: number): void;
  /** the observer, the last of the clients, has this update in its copy */
  seen(client: number, nth: number): void;
}

/** How one system is spoken to. Everything that can be made before the clock starts is made in `prepare`. */
export interface LoadDriver {
  prepare(clients: number, updatesEach: number): Promise<void>;
  connect(client: number, isObserver: boolean, events: LoadEvents): Promise<LoadClient>;
}

/** What a load generator is asked to do. */
export interface LoadOrder {
  /** path of the module that exports `createDriver` */
  driver: string;
  url: string;
  shopFile: string;
  clients: number;
  updatesEach: number;
  /** acknowledgements, of all clients together, before anything is measured */
  warmUp: number;
  /** updates of one client that are not acknowledged yet, at most */
  inFlight: number;
  /** updates a second of all clients together; 0: as fast as acknowledgements come */
  perSecond: number;
  /** wait for what was stored, not for what was applied; only some servers tell them apart */
  isKillSafe: boolean;
  /** kill this process once so many are acknowledged; 0: never */
  killAfter: number;
  pid: number;
}

export interface LoadResult {
  updates: number;
  seconds: number;
  perSecond: number;
  ackMs: Percentiles;
  propagationMs: Percentiles;
  /** cores that the server used while it was measured */
  serverBusy: number;
  /** of the generator's one thread, so that nobody measures the generator unawares */
  generatorBusy: number;
  /** by client, how many were acknowledged: `nth` below it */
  acknowledged: number[];
}

export interface Percentiles {
  p50: number;
  p99: number;
  most: number;
}
