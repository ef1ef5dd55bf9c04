import { type AuthorityState, isKnownRecovery } from "../../shared/access/authority-state.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import type { ReplicaStore, StoredState } from "../../shared/replica/ports.ts";
import { type OwnIdentity, rootSetting } from "./own-settings.ts";

/** The authority log as the server shows it, checked from its first entry on. */
export interface ShownLog {
  texts: readonly string[];
  state: AuthorityState;
}

/**
 * A store without the beginning of the authority log can be opened by nobody: damage may have reached
 * it. It is then read from the server again, and believed only if it knows the newest recovery key
 * that this device has known, and when this device is in it with its own key.
 * @param readLog asks the server; undefined when it does not answer
 * @returns the store, or undefined when the log is not to be had now
 * @throws StoreFault
 */
export async function withLog(
  store: ReplicaStore,
  { device, org }: Pick<OwnIdentity, "device" | "org">,
  { publicKey, readLog }: { publicKey: string; readLog: () => Promise<ShownLog | undefined> },
): Promise<ReplicaStore | undefined> {
  const found = await store.load();
  if (holdsLog(found)) return loadedOnce(store, found);
  const log = await readLog();
  const root = found.settings[rootSetting];
  const isOurs =
    log?.state.org === org &&
    log.state.devices.get(device)?.key === publicKey &&
    (root === undefined || isKnownRecovery(log.state, root));
  if (!isOurs) return undefined;
  await store.commit({ append: [{ name: authorityDocument, from: 0, elements: log.texts }] });
  return loadedOnce(store, { ...(await store.load()), damaged: found.damaged });
}

const holdsLog = ({ documents }: StoredState): boolean =>
  documents.some(({ name, length }) => name === authorityDocument && length > 0);

/** What was found damaged is put aside by the first load: it is told once, to whoever opens the store. */
function loadedOnce(store: ReplicaStore, state: StoredState): ReplicaStore {
  let held: StoredState | undefined = state;
  return {
    ...store,
    async load() {
      const first = held;
      held = undefined;
      return first ?? store.load();
    },
  };
}
