import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import type { Clock, RandomSource } from "../../shared/journal/ports.ts";
import type { ReplicaStore, StatePages } from "../../shared/replica/ports.ts";
import type { Timers } from "../../shared/replica/timers.ts";
import { lockFolder, stampFolder } from "../data/data-lock.ts";
import type { Log } from "../data/log.ts";
import type { ServerPlatform } from "../platform.ts";
import type { Files } from "../storage/files.ts";
import { openCatalogue } from "./catalogue.ts";
import { createFolderPages } from "./folder-pages.ts";
import { createFolderStore } from "./folder-store.ts";
import { diskOf, freeBytes } from "./free-bytes.ts";
import { createHttpApi } from "./http-api.ts";
import { startHttpServer } from "./http-server.ts";
import { createNodeFiles } from "./node-files.ts";
import { nodeMachine } from "./node-machine.ts";
import { nodeLockFiles, nodeProcesses } from "./node-processes.ts";
import { fileSigner, nodeSignatures, signerFromSeed } from "./node-signatures.ts";
import { refuseSockets } from "./refuse-sockets.ts";
import { createStaticFolder } from "./static-folder.ts";
import { createTargetKinds } from "./target-kinds.ts";
import { SocketServer } from "./websocket-server.ts";
import { x509Certificates } from "./x509-certificates.ts";

const systemClock: Clock = { nowMs: () => Date.now() };

const systemRandom: RandomSource = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
};

const systemTimers: Timers = {
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Everything from Node and the disk; a test may put other files underneath. */
export function createNodePlatform(log: Log, files: Files = createNodeFiles()): ServerPlatform {
  const project = projectFolder();
  return {
    clock: systemClock,
    random: systemRandom,
    timers: systemTimers,
    signatures: nodeSignatures,
    openStore: (folder) => openReplicaFolder(folder, files),
    fileSigner: (path) => fileSigner(path, systemRandom),
    httpApi: createHttpApi,
    WebSocket,
    files,
    freeBytes,
    diskOf,
    targets: createTargetKinds({ files, random: systemRandom }),
    lockFiles: nodeLockFiles,
    processes: nodeProcesses,
    log,
    signer: signerFromSeed,
    folderStore: (folder) =>
      Object.assign(createFolderStore(folder, { files }), { pages: pagesIn(folder, files) }),
    openCatalogue: (path) => openCatalogue(path, files),
    listen: startHttpServer,
    certificates: x509Certificates,
    machine: nodeMachine,
    sockets: (deps) => new SocketServer(deps),
    refuseSockets,
    assets: () => createStaticFolder(join(project, "dist")),
    version: versionOf(project),
    program: programOf(project),
  };
}

/** A headless replica's folder, locked until the store is closed. */
async function openReplicaFolder(folder: string, files: Files): Promise<ReplicaStore> {
  const tools = { files, lockFiles: nodeLockFiles, processes: nodeProcesses };
  const unlock = await lockFolder(folder, tools);
  try {
    await stampFolder(folder, "replica", tools);
  } catch (error) {
    await unlock();
    throw error;
  }
  const store = createFolderStore(folder, { files });
  return {
    load: () => store.load(),
    pages: pagesIn(folder, files),
    read: (name, from, most) => store.read(name, from, most),
    commit: (change) => store.commit(change),
    async close() {
      await store.close();
      await unlock();
    },
  };
}

/** The folder with package.json: above `server/` in the sources, above `build/` when built. */
function projectFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (dirname(folder) !== folder) {
    try {
      readFileSync(join(folder, "package.json"));
      return folder;
    } catch {
      folder = dirname(folder);
    }
  }
  return folder;
}

const pagesIn = (folder: string, files: Files): StatePages =>
  createFolderPages(join(folder, "state-pages"), { files });

/** What the build wrote down of its sources; unknown where the sources run themselves. */
function programOf(project: string): string | undefined {
  const here = fileURLToPath(import.meta.url);
  try {
    const built = join(project, "build");
    return here.startsWith(built) ? readFileSync(join(built, ".digest"), "utf8") : undefined;
  } catch {
    return undefined;
  }
}

function versionOf(project: string): string {
  try {
    const text = readFileSync(join(project, "package.json"), "utf8");
    return String((JSON.parse(text) as { version?: unknown }).version);
  } catch {
    return "0";
  }
}
