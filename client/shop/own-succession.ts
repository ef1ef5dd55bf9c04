import type { Clock, Signer } from "../../shared/journal/ports.ts";
import type { DeviceReplica } from "../../shared/replica/device-replica.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";
import { forgetOwnHistory, type SuccessionPort } from "../../shared/replica/succeed-itself.ts";
import { identitySetting, type OwnIdentity } from "./own-settings.ts";
import type { Renewal } from "./shop.ts";

export interface OwnSuccessionDeps {
  store: Pick<ReplicaStore, "commit">;
  identity: OwnIdentity;
  replica: Pick<DeviceReplica, "authority" | "subscribe" | "trouble">;
  clock: Clock;
  /** the profile's key of that name, made durably at the first call */
  signerNamed(name: string): Promise<Signer>;
  /** this profile is somebody else now: send nothing more, and open the page anew */
  onRenewed(): void;
}

/** How a profile becomes its own successor; `isRenewed` from then until the page is opened anew. */
export interface OwnSuccession extends SuccessionPort {
  isRenewed(): boolean;
  subscribe(listener: () => void): () => void;
  stop(): void;
}

/**
 * The new key has one name for each identity that it follows: a page that was closed between the
 * server's word and `adopt` finds its own key in the authority log when it comes back, and goes on.
 */
export function createOwnSuccession(deps: OwnSuccessionDeps): OwnSuccession {
  const { identity, replica, store } = deps;
  const keyName = `device-key after ${identity.device}`;
  const listeners = new Set<() => void>();
  let renewed = false;
  const newSigner = () => deps.signerNamed(keyName);
  const adopt: SuccessionPort["adopt"] = async ({ org, device, store: shop }) => {
    if (renewed) return;
    const renewal: Renewal = {
      before: identity.device,
      why: replica.trouble(),
      atMs: deps.clock.nowMs(),
    };
    const next: OwnIdentity = { ...identity, org, device, store: shop, keyName, renewal };
    await store.commit({
      settings: { [identitySetting]: JSON.stringify(next), ...forgetOwnHistory },
    });
    renewed = true;
    deps.onRenewed();
    for (const listener of listeners) listener();
  };
  let looked = false;
  const stop = replica.subscribe(() => {
    const { devices, org } = replica.authority;
    const heir = devices.get(devices.get(identity.device)?.closed?.by ?? "");
    if (!heir || looked || renewed) return;
    looked = true;
    const goOn = async () => {
      const signer = await newSigner();
      if (heir.key === signer.publicKey)
        await adopt({ org, device: heir.id, store: heir.store }, signer);
    };
    goOn().catch(() => {
      looked = false;
    });
  });
  return {
    newSigner,
    adopt,
    isRenewed: () => renewed,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop,
  };
}
