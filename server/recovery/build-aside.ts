import { basename, join } from "node:path";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { newId } from "../../shared/replica/new-id.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";
import { stampFolder } from "../data/data-lock.ts";
import { liveFolder, writeIdentity } from "../data/open-data.ts";
import { finishPutting, putInPlace } from "../data/put-in-place.ts";
import type { ServerPlatform } from "../platform.ts";
import { fileOfDocument } from "../storage/elements-file.ts";
import { makeFolders, removeTree } from "../storage/whole-files.ts";
import type { RecoveryRefusal } from "./recovery-refusal.ts";

export type RecoverPlatform = Pick<
  ServerPlatform,
  "clock" | "random" | "signatures" | "signer" | "files" | "lockFiles" | "processes" | "folderStore"
>;

/** Setting of a store that says where it came from, as JSON. */
export const recoveredFromSetting = "recovered-from";

/** What lies where the new store shall be. @returns where it is to be moved, if there is anything */
export async function existingStore(
  { dir, moveAside }: { dir: string; moveAside: boolean },
  { files, random }: RecoverPlatform,
): Promise<Result<string | undefined, RecoveryRefusal>> {
  const live = liveFolder(dir);
  await finishPutting(dir, files);
  if ((await files.list(live)).length === 0) return done(undefined);
  const log = await files.stat(join(live, fileOfDocument(authorityDocument)));
  if (log && !moveAside) return refuse({ code: "live-data", folder: live });
  return done(`${live}.before-recovery-${newId(random, 6)}`);
}

export interface NewServer {
  device: string;
  key: string;
  seed: Uint8Array;
}

/**
 * Builds a new server's store beside the live one and puts it in place when it is whole; killed at any
 * step, what was there is there.
 * @param fill writes the store; the authority log last
 * @param readBack looks at it as the next start will
 */
export async function buildAside<Answer>(
  { dir, moveTo }: { dir: string; moveTo: string | undefined },
  platform: RecoverPlatform,
  fill: (store: ReplicaStore, server: NewServer) => Promise<void>,
  readBack: (store: ReplicaStore) => Promise<Answer>,
): Promise<{ device: string; answer: Answer }> {
  const { files, random, signer } = platform;
  const live = liveFolder(dir);
  const scratch = `${live}.recovering`;
  await removeTree(files, scratch);
  await makeFolders(files, scratch);
  await stampFolder(scratch, "server", platform);
  const identity = { device: newId(random), seed: random.bytes(32) };
  await writeIdentity(scratch, identity, platform);
  const { device } = identity;
  const server = { ...identity, key: signer(identity.seed).publicKey };
  const answer = await withStore(platform.folderStore(scratch), async (store) => {
    await store.load();
    await fill(store, server);
  })
    .then(() => withStore(platform.folderStore(scratch), readBack))
    .catch(async (error: unknown) => {
      await removeTree(files, scratch).catch(() => undefined);
      throw error;
    });
  if (moveTo === undefined) {
    await files.rename(scratch, live);
    await files.syncFolder(dir);
  } else {
    const names = { built: basename(scratch), live: basename(live), moveTo: basename(moveTo) };
    await putInPlace(dir, names, files);
  }
  return { device, answer };
}

async function withStore<Answer>(
  store: ReplicaStore,
  use: (store: ReplicaStore) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
