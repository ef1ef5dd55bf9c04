import { join } from "node:path";
import { fromBase64Url, toBase64Url } from "../../shared/journal/bytes.ts";
import type { Signer } from "../../shared/journal/ports.ts";
import { keptStateOf } from "../../shared/replica/kept-state.ts";
import { loadLedger } from "../../shared/replica/load-ledger.ts";
import { newId } from "../../shared/replica/new-id.ts";
import type { ReplicaStore, StoredState } from "../../shared/replica/ports.ts";
import { StateKeeper } from "../../shared/replica/state-keeper.ts";
import { ServerBackups } from "../backups/server-backups.ts";
import { alarmSaying } from "../monitor/alarm-sayings.ts";
import type { ServerPlatform } from "../platform.ts";
import type { Alarm, RaiseAlarm } from "../relay/alarms.ts";
import { Relay } from "../relay/relay.ts";
import type { MonthFault } from "../snapshots/closed-months.ts";
import { readSnapshot } from "../snapshots/list-snapshots.ts";
import type { Manifest } from "../snapshots/manifest.ts";
import { ServerSnapshots } from "../snapshots/server-snapshots.ts";
import { SnapshotFolder } from "../snapshots/snapshot-folder.ts";
import { sourceOfRelay } from "../snapshots/snapshot-sources.ts";
import { versionBeforeUpdate } from "../snapshots/version-before-update.ts";
import { fenceWhenSuperseded } from "../standby/fence.ts";
import { makeFolders, replaceFile } from "../storage/whole-files.ts";
import { AuditLog } from "./audit-log.ts";
import type { Catalogue } from "./catalogue.ts";
import { jsonBytes, lockFolder, readJson, stampFolder } from "./data-lock.ts";
import { mendCatalogue } from "./mend-catalogue.ts";
import { finishPutting } from "./put-in-place.ts";

/** Where things lie in a server's data folder. */
export const liveFolder = (dir: string): string => join(dir, "live");
export const snapshotsFolder = (dir: string): string => join(dir, "snapshots");

export interface ServerIdentity {
  device: string;
  signer: Signer;
}

/** A server's folder, open and locked for this process; nothing of it is folded yet. */
export interface OpenFolder {
  dir: string;
  store: ReplicaStore;
  state: StoredState;
  identity: ServerIdentity;
  catalogue: Catalogue;
  snapshotFolder: SnapshotFolder;
  audit: AuditLog;
  alarm: RaiseAlarm;
  close(): Promise<void>;
}

/** A server's data, ready to be served or worked on. */
export interface OpenData extends OpenFolder {
  relay: Relay;
  snapshots: ServerSnapshots;
  backups: ServerBackups;
}

export interface DataPlace {
  dir: string;
  /** where snapshots lie, when not in the data folder */
  snapshots?: string | undefined;
}

/**
 * Opens a server's data: lock, version stamp, store, identity, ledger.
 * @throws DataUnavailable StoreFault
 */
export async function openData(place: DataPlace, platform: ServerPlatform): Promise<OpenData> {
  const folder = await openFolder(place, platform);
  try {
    const { store, state, identity, alarm, catalogue } = folder;
    const relay = await openRelay(platform, folder);
    for (const { where, what } of state.damaged) alarm({ kind: "damage", detail: { where, what } });
    const ids = await folder.snapshotFolder.ids();
    const newest = await newestManifest(folder, ids);
    if (newest) compareWithNewest(relay, newest);
    const { clock, random } = platform;
    const keeper = keeperOf(relay, store, platform);
    const snapshots = new ServerSnapshots({
      folder: folder.snapshotFolder,
      source: sourceOfRelay(relay, { store, signer: identity.signer }),
      catalogue: {
        snapshots: () => catalogue.data().snapshots,
        keep: (listings) =>
          catalogue.update((data) => {
            data.snapshots = listings;
          }),
      },
      clock,
      random,
      onMonthFault: (fault) => tellMonthFault(fault, { relay, alarm }),
    });
    await mendCatalogue({ ids, newest, catalogue, snapshots }, platform.log);
    await versionBeforeUpdate({ catalogue, snapshots }, platform);
    return {
      ...folder,
      relay,
      snapshots,
      backups: backupsOf(folder, relay, snapshots, platform),
      async close() {
        keeper.close();
        await relay.close();
        await keeper.keepNow();
        await folder.close();
      },
    };
  } catch (error) {
    await folder.close();
    throw error;
  }
}

/** A closed month that changed stops everybody from writing: it is never closed anew by itself. */
function tellMonthFault(
  fault: MonthFault,
  { relay, alarm }: { relay: Relay; alarm: RaiseAlarm },
): void {
  if (fault.kind === "month-changed") relay.goReadOnly("store-broken");
  const detail =
    fault.kind === "record-damaged"
      ? { where: `closed/${fault.file}.json`, what: "is no record as this server writes them" }
      : { where: fault.document, what: `a closed month ${fault.what}` };
  alarm({ kind: "damage", detail });
}

function backupsOf(
  { dir, store, identity, catalogue, alarm }: OpenFolder,
  relay: Relay,
  snapshots: ServerSnapshots,
  { files, freeBytes, clock, random, signatures, targets }: ServerPlatform,
): ServerBackups {
  const live = {
    term: () => relay.authority?.term,
    lengthOf: (name: string) => relay.documentLength(name),
    read: (name: string, from: number, most: number) => store.read(name, from, most),
  };
  const machine = { files, freeBytes, clock, random, signatures, kinds: targets };
  const authority = () => relay.authority;
  const deps = { ...machine, dir, identity, catalogue, snapshots, authority, live, alarm };
  return new ServerBackups(deps);
}

/**
 * Opens a server's folder without reading what it means; for whoever looks for damage.
 * @throws DataUnavailable StoreFault
 */
export async function openFolder(
  { dir, snapshots }: DataPlace,
  platform: ServerPlatform,
): Promise<OpenFolder> {
  const { files, clock, log } = platform;
  const unlock = await lockFolder(dir, platform);
  try {
    await finishPutting(dir, files);
    const live = liveFolder(dir);
    await makeFolders(files, live);
    await stampFolder(live, "server", platform);
    const store = platform.folderStore(live);
    const audit = new AuditLog(live, { files, clock });
    return {
      dir,
      store,
      state: await store.load(),
      identity: await openIdentity(live, platform),
      catalogue: await platform.openCatalogue(join(dir, "catalogue.json")),
      snapshotFolder: new SnapshotFolder(snapshots ?? snapshotsFolder(dir), files),
      audit,
      alarm(raised: Alarm) {
        const level = raised.kind === "store-recovered" ? "info" : "error";
        const todo = alarmSaying(raised.kind);
        log[level]({ alarm: raised.kind, ...raised.detail, todo }, raised.kind);
        audit.append({ alarm: raised.kind, ...raised.detail });
      },
      async close() {
        await store.close();
        await audit.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function newestManifest(
  { snapshotFolder }: OpenFolder,
  ids: readonly string[],
): Promise<Manifest | undefined> {
  const newest = ids.at(-1);
  return newest === undefined ? undefined : readSnapshot(snapshotFolder, newest);
}

/**
 * What the newest snapshot holds was acknowledged. A store that lacks some of it was cut, or an old
 * copy was put back: devices would be told something else under the names that they know.
 */
function compareWithNewest(relay: Relay, manifest: Manifest): void {
  if (manifest.term !== relay.authority?.term || manifest.server !== relay.device) return;
  for (const { name, elements } of manifest.documents) {
    const length = relay.documentLength(name);
    if (length >= elements) continue;
    relay.suspend({ document: name, length, snapshot: manifest.id, elements });
  }
}

async function openRelay(
  { signatures, clock, timers, program }: ServerPlatform,
  { store, state, identity, alarm }: OpenFolder,
): Promise<Relay> {
  const kept = keptStateOf(store, program);
  const loaded = await loadLedger(store, state, signatures, clock.nowMs(), kept);
  const { device, signer } = identity;
  const deps = { store, clock, timers, signatures, device, signer, alarm };
  const relay = new Relay(deps, loaded, state.keys);
  const isDamaged = state.damaged.some(({ what }) => what.includes("are damaged"));
  if (isDamaged || loaded.deferred.length > 0) relay.goReadOnly("store-damaged");
  fenceWhenSuperseded(relay);
  return relay;
}

const keeperOf = (relay: Relay, store: ReplicaStore, { timers, program }: ServerPlatform) =>
  new StateKeeper({
    store,
    kept: keptStateOf(store, program),
    timers,
    loaded: () => relay.loaded,
    isIdle: () => relay.mailbox.isIdle(),
  });

/** This server's own key; made when the folder is new, durable before it is used. */
async function openIdentity(live: string, platform: ServerPlatform): Promise<ServerIdentity> {
  const path = join(live, "identity.json");
  const kept = (await readJson(platform.files, path)) as
    | { device?: unknown; seed?: unknown }
    | undefined;
  const seed = typeof kept?.seed === "string" ? fromBase64Url(kept.seed) : undefined;
  if (typeof kept?.device === "string" && seed?.length === 32)
    return { device: kept.device, signer: platform.signer(seed) };
  const made = { device: newId(platform.random), seed: platform.random.bytes(32) };
  await writeIdentity(live, made, platform);
  return { device: made.device, signer: platform.signer(made.seed) };
}

export async function writeIdentity(
  live: string,
  { device, seed }: { device: string; seed: Uint8Array },
  { files }: Pick<ServerPlatform, "files">,
): Promise<void> {
  const path = join(live, "identity.json");
  await replaceFile(files, path, jsonBytes({ device, seed: toBase64Url(seed) }));
}
