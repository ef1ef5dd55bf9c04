import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { type Operation, readOperation } from "../../shared/journal/operation.ts";
import type { Clock } from "../../shared/journal/ports.ts";
import { assert } from "../../shared/outcome/assert.ts";
import type { SafetyFacts } from "../../shared/safety/safety-facts.ts";
import type { Holder } from "../../shared/sync/messages.ts";
import { nextRunMs } from "../backups/backup-plan.ts";
import type { TargetRecord } from "../backups/target-store.ts";
import type { OpenData } from "../data/open-data.ts";
import { endsOf } from "../snapshots/document-heads.ts";
import { readSnapshot } from "../snapshots/list-snapshots.ts";
import { standbyFacts } from "../standby/standby-facts.ts";
import {
  type KnownPlace,
  type KnownTarget,
  safetyReport,
  type ThinRange,
  thinRanges,
} from "./safety-report.ts";

export interface SafetyDeps {
  data: OpenData;
  clock: Clock;
  /** which disk a folder lies on; undefined when it is not there */
  diskOf(folder: string): Promise<string | undefined>;
  /** who is connected; nobody without a running server */
  holders(): readonly Holder[];
}

const newestReadMost = 50;

/** What is known here of every copy of the records. @throws StoreFault when the targets cannot be read */
export async function gatherSafety(deps: SafetyDeps): Promise<SafetyFacts> {
  const { data, clock } = deps;
  const { relay, catalogue } = data;
  const { authority } = relay;
  assert(authority, "only a shop that was founded has records");
  const nowMs = clock.nowMs();
  const records = await data.backups.targets();
  const places = [
    serverPlace(data, authority, nowMs),
    ...devicePlaces(deps, authority, nowMs),
    ...(await Promise.all(records.map((record) => targetPlace(deps, record)))),
  ];
  const { snapshotCheck, snapshots } = catalogue.data();
  const newest = snapshots.at(-1);
  const thin = await thinOf(deps, thinRanges(places));
  const standby = await standbyFacts(data, deps.holders(), nowMs);
  return safetyReport({
    nowMs,
    org: authority.org,
    term: authority.term,
    places,
    targets: records.map((record) => targetOf(data, record, nowMs)),
    snapshots: {
      total: snapshots.length,
      ...(newest ? { newest: { id: newest.id, atMs: newest.atMs } } : {}),
      ...(snapshotCheck ? { verified: snapshotCheck } : {}),
    },
    ...(thin ? { thin } : {}),
    ...(standby ? { standby } : {}),
  });
}

function serverPlace(
  { relay, state }: OpenData,
  { server, devices }: AuthorityState,
  nowMs: number,
): KnownPlace {
  return {
    id: server,
    name: devices.get(server)?.name ?? "",
    kind: "server",
    medium: "server",
    heads: new Map([...relay.heads()].map(([chain, { next }]) => [chain, next])),
    complete: true,
    sound: state.damaged.length === 0 && relay.trouble() !== "store-damaged",
    online: true,
    offline: false,
    seenMs: nowMs,
    inShop: true,
    onServersDisk: false,
  };
}

function devicePlaces(
  { data, holders }: SafetyDeps,
  { devices }: AuthorityState,
  nowMs: number,
): KnownPlace[] {
  const connected = new Map(holders().map((holder) => [holder.device, holder]));
  const { reports } = data.catalogue.data();
  return [...devices.values()]
    .filter(({ server, closed }) => !server && !closed)
    .map(({ id, name }) => {
      const holder = connected.get(id);
      const report = reports[id];
      const heads = holder?.heads ?? report?.heads ?? [];
      const online = holder?.online ?? false;
      const seenMs = online ? nowMs : report?.atMs;
      return {
        id,
        name,
        kind: "device",
        medium: "device",
        heads: new Map(heads.map(([chain, next]) => [chain, next])),
        complete: holder?.complete ?? report?.complete ?? false,
        sound: true,
        online,
        offline: false,
        ...(seenMs === undefined ? {} : { seenMs }),
        inShop: true,
        onServersDisk: false,
      };
    });
}

async function targetPlace(
  { data, diskOf }: SafetyDeps,
  record: TargetRecord,
): Promise<KnownPlace> {
  const { id, name, settings, place } = record;
  const { last, isBroken, verification, failure } = data.backups.historyOf(record);
  // What a backup leads to is said by the manifest of its snapshot; without that it counts for nothing.
  const manifest = last && (await readSnapshot(data.snapshotFolder, last.snapshot));
  const ends = manifest ? endsOf(manifest.documents) : new Map<string, { next: number }>();
  const folder = settings.kind === "directory" ? settings.path : undefined;
  const disk = folder === undefined ? undefined : await diskOf(folder);
  const onServersDisk = disk !== undefined && disk === (await diskOf(data.dir));
  return {
    id,
    name,
    kind: "target",
    medium: folder === undefined ? "network" : "disk",
    heads: new Map([...ends].map(([chain, { next }]) => [chain, next])),
    complete: last !== undefined && manifest !== undefined,
    sound: isBroken !== true && verification?.ok !== false,
    online: last !== undefined && failure === undefined,
    offline: place?.offline ?? false,
    ...(last ? { seenMs: last.atMs } : {}),
    inShop: onServersDisk || !(place?.offSite ?? false),
    onServersDisk,
  };
}

function targetOf(data: OpenData, record: TargetRecord, nowMs: number): KnownTarget {
  const { id, name, settings, plan, place } = record;
  const history = data.backups.historyOf(record);
  const { last, lastBytes, verification, drill, provenMs, failure } = history;
  return {
    id,
    name,
    kind: settings.kind,
    offSite: place?.offSite ?? false,
    offline: place?.offline ?? false,
    drillEveryMs: plan.drillMs,
    nextMs: nextRunMs(plan, history, nowMs),
    ...(last ? { lastMs: last.atMs } : {}),
    ...(lastBytes === undefined ? {} : { bytes: lastBytes }),
    ...(verification ? { verified: { atMs: verification.atMs, ok: verification.ok } } : {}),
    ...(drill
      ? {
          drill: {
            atMs: drill.atMs,
            ok: drill.ok,
            tookMs: Math.round(drill.restoreMs + drill.verifyMs),
            members: drill.members,
          },
        }
      : {}),
    ...(provenMs === undefined ? {} : { provenMs }),
    ...(failure ? { failure: { sinceMs: failure.sinceMs, code: failure.code } } : {}),
  };
}

/** The newest by its own clock; one that only a device holds has none that is known here. */
async function thinOf(
  { data }: SafetyDeps,
  ranges: readonly ThinRange[],
): Promise<SafetyFacts["thin"]> {
  let newest: { ref: string; places: number; atMs?: number } | undefined;
  for (const { chain, to, places } of ranges.slice(0, newestReadMost)) {
    const operation = await newestOf(data, chain, to);
    const atMs = operation?.hlc[0];
    if (newest && (atMs ?? 0) <= (newest.atMs ?? 0)) continue;
    newest = { ref: `${chain}:${to}`, places, ...(atMs === undefined ? {} : { atMs }) };
  }
  const operations = ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  return newest && { operations, newest };
}

async function newestOf(
  { relay }: OpenData,
  chain: string,
  seq: number,
): Promise<Operation | undefined> {
  const runs = await relay.runsFrom(chain, seq);
  const text = runs[0]?.operations.find((each) => readOperation(each)?.seq === seq);
  return text === undefined ? undefined : readOperation(text);
}
