import type { Clock, RandomSource, Signatures, Signer } from "../shared/journal/ports.ts";
import type { Timers } from "../shared/replica/device-session.ts";
import type { ReplicaStore } from "../shared/replica/ports.ts";
import type { ServerApi } from "../shared/sync/server-api.ts";

/** What the machine gives; put together in `main`, passed on by name. */
export interface Platform {
  clock: Clock;
  random: RandomSource;
  timers: Timers;
  signatures: Signatures;
  /** a replica's folder, locked for this process */
  openStore(folder: string): Promise<ReplicaStore>;
  /** a key in a file that only its owner may read; made when it is not there */
  fileSigner(path: string): Promise<Signer>;
  /** a server's HTTP interface, `https://host:port` */
  httpApi(address: string): ServerApi;
  WebSocket: unknown;
}
