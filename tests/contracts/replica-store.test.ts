import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFolderStore } from "../../server/adapters/folder-store.ts";
import { createNodeFiles } from "../../server/adapters/node-files.ts";
import { createMemoryStore } from "./memory-store.ts";
import { replicaStoreContract } from "./replica-store-contract.ts";

replicaStoreContract("a folder", async () => {
  const dir = await mkdtemp(join(tmpdir(), "youbei-store-"));
  return {
    open: () => createFolderStore(dir, { files: createNodeFiles() }),
    dispose: () => rm(dir, { recursive: true }),
  };
});

replicaStoreContract("memory", () => {
  const store = createMemoryStore();
  return { open: () => store, dispose: () => undefined };
});
