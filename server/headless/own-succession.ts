import { join } from "node:path";
import type { Signer } from "../../shared/journal/ports.ts";
import { assert } from "../../shared/outcome/assert.ts";
import type { Identity } from "../../shared/replica/device-replica-deps.ts";
import { newId } from "../../shared/replica/new-id.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";
import { forgetOwnHistory, type SuccessionPort } from "../../shared/replica/succeed-itself.ts";
import type { Platform } from "../platform.ts";

export interface OwnSuccessionDeps {
  platform: Pick<Platform, "fileSigner" | "random">;
  folder: string;
  store: Pick<ReplicaStore, "commit">;
  /** as the store had them when it was opened */
  settings: Readonly<Record<string, string>>;
  /** what makes the folder that of another device, whose key is in this file */
  identified(identity: Identity, keyFile: string): Record<string, string>;
  /** this folder is another device now: send nothing more, and open it anew */
  onRenewed: (() => void) | undefined;
}

const successorKeySetting = "successor-key";

/**
 * How a folder becomes its own successor. The file of the new key is named before its entry is sent, so
 * that a program that dies before it hears the answer finds its own key in the authority log, and goes on.
 */
export function createOwnSuccession(deps: OwnSuccessionDeps): SuccessionPort {
  const { platform, folder, store, settings, identified, onRenewed } = deps;
  let keyFile = settings[successorKeySetting];
  const signerIn = (file: string): Promise<Signer> => platform.fileSigner(join(folder, file));
  return {
    async newSigner() {
      if (keyFile !== undefined) return signerIn(keyFile);
      const named = `device-${newId(platform.random, 8)}.key`;
      const signer = await signerIn(named);
      await store.commit({ settings: { [successorKeySetting]: named } });
      keyFile = named;
      return signer;
    },
    pendingSigner: async () => (keyFile === undefined ? undefined : signerIn(keyFile)),
    async adopt(identity) {
      assert(keyFile !== undefined, "whoever is adopted has a key that was made here");
      await store.commit({
        settings: {
          ...identified(identity, keyFile),
          ...forgetOwnHistory,
          [successorKeySetting]: undefined,
        },
      });
      onRenewed?.();
    },
  };
}
