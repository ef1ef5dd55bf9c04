import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock, RandomSource, Signatures, Signer } from "../shared/journal/ports.ts";
import type { ReplicaStore } from "../shared/replica/ports.ts";
import type { Timers } from "../shared/replica/timers.ts";
import type { ServerApi } from "../shared/sync/server-api.ts";
import type { Assets } from "./api/static-files.ts";
import type { TargetKinds } from "./backups/target-kinds.ts";
import type { Catalogue } from "./data/catalogue.ts";
import type { LockFiles, Processes } from "./data/data-lock.ts";
import type { Log } from "./data/log.ts";
import type { Certificates } from "./https/certificates.ts";
import type { Machine } from "./https/machine.ts";
import type { SocketGate, SocketGateDeps } from "./serve/socket-gate.ts";
import type { Files } from "./storage/files.ts";

export interface Listening {
  /** `http://127.0.0.1:8787` */
  url: string;
  port: number;
  /** Answers connections from now on with another certificate; those that are open stay. */
  renew(tls: { cert: string; key: string }): void;
  /**
   * Listens on another address instead, with the same port; connections that are open stay.
   * @param host all addresses without one
   * @throws what the network refuses; it then listens where it did before
   */
  widen(host: string | undefined): Promise<void>;
  /** Takes no more connections and lets the present requests finish. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** all addresses without one */
  host?: string | undefined;
  /** 0 for any */
  port: number;
  /** PEM of certificate chain and key; plain http without */
  tls?: { cert: string; key: string } | undefined;
  fetch(request: Request, env: { address: string }): Response | Promise<Response>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** What the machine gives to a replica of any kind; put together in one place, passed on by name. */
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
  /** digest of the sources that run, where it is known: what others folded is folded again */
  program: string | undefined;
  /** the WebSocket class for a device's side */
  WebSocket: unknown;
}

/** What a server needs besides. */
export interface ServerPlatform extends Platform {
  files: Files;
  /** bytes that can still be written on the disk where a folder lies, or will lie */
  freeBytes(folder: string): Promise<number>;
  /** which disk a folder lies on; undefined when it is not there */
  diskOf(folder: string): Promise<string | undefined>;
  targets: TargetKinds;
  lockFiles: LockFiles;
  processes: Processes;
  log: Log;
  /** @param seed 32 secret bytes */
  signer(seed: Uint8Array): Signer;
  /** a folder store without lock or stamp: the data folder around it has both */
  folderStore(folder: string): ReplicaStore;
  openCatalogue(path: string): Promise<Catalogue>;
  listen(options: ListenOptions): Promise<Listening>;
  certificates: Certificates;
  machine: Machine;
  sockets(deps: SocketGateDeps): SocketGate;
  /** closes every socket that comes with this code and reason */
  refuseSockets(code: number, reason: string): ListenOptions["upgrade"];
  /** the built app, from its folder */
  assets(): Assets;
  version: string;
}
