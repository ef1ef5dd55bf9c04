import type { AuthorityState } from "../../shared/access/authority-state.ts";
import type { Clock, Signer } from "../../shared/journal/ports.ts";
import type { Identity } from "../../shared/replica/device-replica-deps.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";
import type { IdentityTrouble } from "../../shared/replica/standing.ts";
import { forgetOwnHistory, type SuccessionPort } from "../../shared/replica/succeed-itself.ts";
import { identitySetting, type OwnIdentity } from "./own-settings.ts";
import type { Renewal } from "./shop.ts";

export interface OwnSuccessionDeps {
  store: Pick<ReplicaStore, "commit">;
  identity: OwnIdentity;
  trouble(): IdentityTrouble | undefined;
  clock: Clock;
  /** the profile's key of that name, made durably at the first call */
  signerNamed(name: string): Promise<Signer>;
  /** only when it was made before */
  knownSigner(name: string): Promise<Signer | undefined>;
  /** the authority log as the server shows it to that key; undefined when it does not */
  readLog(signer: Signer): Promise<AuthorityState | undefined>;
  /** this profile is somebody else now: send nothing more, and open the page anew */
  onRenewed(): void;
}

/** How a profile becomes its own successor; `isRenewed` from then until the page is opened anew. */
export interface OwnSuccession extends SuccessionPort {
  isRenewed(): boolean;
  subscribe(listener: () => void): () => void;
  /** The server lets this identity in no longer: is it because the next one was admitted already? */
  notAdmitted(): Promise<void>;
}

/**
 * The new key has one name for each identity that it follows: a page that was closed between the
 * server's word and `adopt` finds its own key in the authority log when it comes back, and goes on.
 */
export function createOwnSuccession(deps: OwnSuccessionDeps): OwnSuccession {
  const { identity, store } = deps;
  const keyName = `device-key after ${identity.device}`;
  const listeners = new Set<() => void>();
  let renewed = false;
  let why: IdentityTrouble | undefined;
  let isLooking = false;
  const adopt = async ({ org, device, store: shop }: Identity): Promise<void> => {
    if (renewed) return;
    const renewal: Renewal = {
      before: identity.device,
      why: why ?? deps.trouble(),
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
  const lookForHeir = async () => {
    const signer = await deps.knownSigner(keyName);
    const state = signer && (await deps.readLog(signer));
    const heir = [...(state?.devices.values() ?? [])].find(
      ({ key, closed }) => key === signer?.publicKey && !closed,
    );
    if (state && heir) await adopt({ org: state.org, device: heir.id, store: heir.store });
  };
  return {
    newSigner() {
      // Once our own copy of the log names the heir, nothing is wrong any more.
      why ??= deps.trouble();
      return deps.signerNamed(keyName);
    },
    pendingSigner: () => deps.knownSigner(keyName),
    adopt,
    isRenewed: () => renewed,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async notAdmitted() {
      if (isLooking || renewed) return;
      isLooking = true;
      // Without network it is looked again when the server refuses the next time.
      await lookForHeir().catch(() => undefined);
      isLooking = false;
    },
  };
}
