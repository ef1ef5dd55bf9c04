import { openNextTerm } from "../../shared/access/open-next-term.ts";
import type { RecoveryKey } from "../../shared/access/recovery-key.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import type { ChainHead, Heads } from "../../shared/journal/chain.ts";
import type { ChainId } from "../../shared/journal/operation.ts";
import type { Run } from "../../shared/journal/run.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { loadLedger } from "../../shared/replica/load-ledger.ts";
import type { HeldState, LoadedLedger } from "../../shared/replica/loaded-ledger.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";
import { type StateSummary, summarise } from "../../shared/replica/state-hash.ts";
import type { Missing } from "../../shared/replica/witness.ts";
import { lockFolder } from "../data/data-lock.ts";
import {
  buildAside,
  existingStore,
  type NewServer,
  type RecoverPlatform,
  recoveredFromSetting,
} from "./build-aside.ts";
import { missingOf } from "./missing-of.ts";
import { type ChosenLog, chooseLog, type OfferedLog } from "./offered-logs.ts";
import { recordParted } from "./record-parted.ts";
import type { RecoveryRefusal } from "./recovery-refusal.ts";
import type { RecoverySource, SourceDamage } from "./recovery-source.ts";
import { saveAside } from "./save-aside.ts";
import { promise, type SurveyedSource, surveySources } from "./survey-sources.ts";
import { type Union, writeUnion } from "./write-union.ts";

/** What devices said while they were waited for. */
export interface HeardFromDevices {
  logs: readonly OfferedLog[];
  /** heads of the old servers' chains, as those signed them */
  heads: Heads;
  promised: ReadonlyMap<ChainId, number>;
}

export interface UniteOptions {
  dir: string;
  sources: readonly RecoverySource[];
  recovery: RecoveryKey;
  /** a live store that is there is moved aside, never deleted */
  moveAside: boolean;
  devices?: HeardFromDevices;
  /** told from time to time what was read; operations */
  onProgress?(from: string, operations: number): void;
  isCancelled?(): boolean;
}

export interface SourceReport {
  name: string;
  kind: RecoverySource["kind"];
  /** operations in it that check, and those that no source before it has */
  operations: number;
  fresh: number;
  /** entries of its authority log */
  entries: number;
  /** runs that no device of the shop sealed */
  refused: number;
  /** of another shop or card: nothing of it was used */
  foreign: boolean;
  damage: SourceDamage[];
}

export interface RecoveredFromSources {
  term: number;
  server: string;
  closed: string;
  state: StateSummary;
  sources: SourceReport[];
  /** whose authority log was gone on from */
  authorityFrom: string;
  /** entries of other logs that the new one carries for the owner to look at */
  lostEntries: number;
  /** operations that somebody promises and nobody brought */
  missing: Missing[];
  /** operations before which something is missing; kept in a rescue file for later */
  aside: { file: string; operations: number } | undefined;
  /** members whose key nobody brought */
  missingKeys: number;
  movedTo: string | undefined;
}

/** Somebody has asked to break off. */
class Cancelled extends Error {}

/** Runs were written before which something is missing: a store that holds them takes nothing more. */
class Unjoined extends Error {
  readonly seals: readonly string[];

  constructor(runs: readonly Run[]) {
    super("some runs do not join");
    this.seals = runs.map(({ seal }) => seal);
  }
}

/**
 * Makes a new server of all sources together: the union of what they hold, under the next term.
 * Nothing in them is believed but what its device sealed and the log signed by the recovery card's
 * owner; what is wrong with one concerns no other. Nothing is put in place before it is whole.
 * @throws DataUnavailable StoreFault
 */
export async function recoverFromSources(
  options: UniteOptions,
  platform: RecoverPlatform,
): Promise<Result<RecoveredFromSources, RecoveryRefusal>> {
  const { recovery, dir, devices } = options;
  const unlock = await lockFolder(dir, platform);
  try {
    const old = await existingStore(options, platform);
    if (!old.ok) return old;
    const goOn = () => {
      if (options.isCancelled?.()) throw new Cancelled();
    };
    goOn();
    const surveyed = await surveySources(options.sources, { ...platform, recovery, goOn });
    const logs = [...surveyed.flatMap(({ log }) => log ?? []), ...(devices?.logs ?? [])];
    const chosen = chooseLog(logs, recovery);
    if (!chosen.log)
      return refuse({ code: logs.length > 0 ? "wrong-recovery-key" : "nothing-readable" });
    const isOurs = ({ log }: SurveyedSource) => !log || !chosen.foreign.includes(log);
    const job = { options, chosen: { ...chosen, log: chosen.log }, surveyed, isOurs };
    return done(await build(job, old.value, platform));
  } catch (error) {
    if (error instanceof Cancelled) return refuse({ code: "cancelled" });
    throw error;
  } finally {
    await unlock();
  }
}

interface Job {
  options: UniteOptions;
  chosen: ChosenLog & { log: OfferedLog };
  surveyed: readonly SurveyedSource[];
  isOurs(surveyed: SurveyedSource): boolean;
}

async function build(
  job: Job,
  moveTo: string | undefined,
  platform: RecoverPlatform,
): Promise<RecoveredFromSources> {
  const unjoined = new Set<string>();
  for (;;)
    try {
      return await buildOnce(job, { moveTo, unjoined }, platform);
    } catch (error) {
      if (!(error instanceof Unjoined)) throw error;
      for (const seal of error.seals) unjoined.add(seal);
    }
}

async function buildOnce(
  { options, chosen, surveyed, isOurs }: Job,
  { moveTo, unjoined }: { moveTo: string | undefined; unjoined: ReadonlySet<string> },
  platform: RecoverPlatform,
): Promise<RecoveredFromSources> {
  const { log, parted } = chosen;
  const { clock, signatures } = platform;
  const term = log.state.term + 1;
  const ours = surveyed.filter(isOurs);
  let union: Union | undefined;
  let aside: RecoveredFromSources["aside"];
  let server: NewServer | undefined;
  const { device, answer } = await buildAside(
    { dir: options.dir, moveTo },
    platform,
    async (store, made) => {
      server = made;
      union = await writeUnion(store, {
        sources: ours.map(({ source }) => source),
        log,
        others: parted.map((other) => other.log),
        keys: ours.flatMap(({ keys }) => keys),
        term,
        nowMs: clock.nowMs(),
        unjoined,
        signatures,
        onProgress(from, operations) {
          if (options.isCancelled?.()) throw new Cancelled();
          options.onProgress?.(from, operations);
        },
      });
      const loaded = await loadWithLog(store, union.documents, log.entries, platform);
      if (loaded.deferred.length > 0) throw new Unjoined(loaded.deferred.map(({ run }) => run));
      aside = await saveAside(union.aside, { ...options, term, state: log.state }, platform);
      const heads = furthest(loaded.ledger.heads(), options.devices?.heads ?? new Map());
      const next = { heads, server: made };
      const entry = await openNextTerm(log.state, next, options.recovery, clock.nowMs());
      const from = { sources: ours.map(({ source: { kind, name } }) => ({ kind, name })) };
      await store.commit({
        append: [{ name: authorityDocument, from: 0, elements: [...log.entries, entry] }],
        settings: { [recoveredFromSetting]: JSON.stringify(from) },
      });
    },
    async (store) => {
      const held = await store.load();
      const loaded = await load(store, held, platform);
      const { device: id, seed } = server as NewServer;
      const signer = platform.signer(seed);
      const lostEntries = await recordParted(loaded, parted, {
        ...platform,
        store,
        device: id,
        signer,
      });
      const { ledger } = lostEntries > 0 ? await load(store, await store.load(), platform) : loaded;
      const state = summarise(ledger);
      const known = new Set(held.keys.map(([member]) => member));
      const members = [...ledger.books.members.keys()];
      const missingKeys = members.filter((member) => !known.has(member)).length;
      if (options.isCancelled?.()) throw new Cancelled();
      return { state, heads: ledger.heads(), lostEntries, missingKeys };
    },
  );
  const written = union as Union;
  const promised = new Map(options.devices?.promised);
  for (const source of ours) promise(promised, source.promised);
  return {
    term,
    server: device,
    closed: log.state.server,
    state: answer.state,
    sources: surveyed.map((found) => reportOf(found, written.brought[ours.indexOf(found)])),
    authorityFrom: log.from,
    lostEntries: answer.lostEntries,
    missing: missingOf(promised, answer.heads, written.aside),
    aside,
    missingKeys: answer.missingKeys,
    movedTo: moveTo,
  };
}

/** The log is not in the store yet. */
function loadWithLog(
  store: ReplicaStore,
  documents: HeldState["documents"],
  authority: readonly string[],
  platform: RecoverPlatform,
): Promise<LoadedLedger> {
  const withLog: Pick<ReplicaStore, "read"> = {
    read: async (name, from, most) =>
      name === authorityDocument
        ? authority.slice(from, from + most)
        : store.read(name, from, most),
  };
  return load(withLog, { documents, outbox: [] }, platform);
}

const load = (
  store: Pick<ReplicaStore, "read">,
  held: HeldState,
  { signatures, clock }: RecoverPlatform,
): Promise<LoadedLedger> => loadLedger(store, held, signatures, clock.nowMs());

function furthest(heads: Heads, others: Heads): Map<ChainId, ChainHead> {
  const both = new Map(heads);
  for (const [chain, head] of others)
    if (head.next > (both.get(chain)?.next ?? 0)) both.set(chain, head);
  return both;
}

function reportOf(
  { source: { name, kind }, log, damage }: SurveyedSource,
  brought: Union["brought"][number] | undefined,
): SourceReport {
  const { operations = 0, fresh = 0, refused = 0 } = brought ?? {};
  const entries = log?.entries.length ?? 0;
  return { name, kind, operations, fresh, entries, refused, foreign: !brought, damage };
}
