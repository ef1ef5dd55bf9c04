import type { Clock, RandomSource, Signatures, Signer } from "../journal/ports.ts";
import type { ReplicaStore } from "./ports.ts";

export interface Identity {
  org: string;
  device: string;
  store: string;
}

export interface DeviceReplicaDeps {
  store: ReplicaStore;
  clock: Clock;
  random: RandomSource;
  signatures: Signatures;
  signer: Signer;
  identity: Identity;
  /** full pinyin and readings of a name, for search; empty where it is not loaded */
  pinyinOf?: (name: string) => string;
  /** digest of the sources that run; without it everything is folded at each start */
  program?: string | undefined;
}
