import { isRecoveryKeyOf, openNextTerm } from "../../shared/access/open-next-term.ts";
import type { RecoveryKey } from "../../shared/access/recovery-key.ts";
import { authorityDocument, journalDocument } from "../../shared/documents/document-name.ts";
import type { Heads } from "../../shared/journal/chain.ts";
import { seqOfHead, storeOfChain } from "../../shared/journal/operation.ts";
import { elementsOf, type Run } from "../../shared/journal/run.ts";
import { readSeal } from "../../shared/journal/seal.ts";
import { assert } from "../../shared/outcome/assert.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { type Checkpoint, readCheckpoint } from "../../shared/replica/checkpoint.ts";
import type { DeviceReplica } from "../../shared/replica/device-replica.ts";
import { loadLedger } from "../../shared/replica/load-ledger.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";
import { type StateSummary, summarise } from "../../shared/replica/state-hash.ts";
import type { Missing } from "../../shared/replica/witness.ts";
import { businessDateOf } from "../../shared/time/business-date.ts";
import type { Catalogue } from "../data/catalogue.ts";
import { openHeadless } from "../headless/headless-replica.ts";
import type { ServerPlatform } from "../platform.ts";
import { buildAside, existingStore, recoveredFromSetting } from "../recovery/build-aside.ts";
import { rebuildStore } from "../recovery/rebuild-store.ts";
import type { Piece } from "../snapshots/pieces.ts";
import { standbyFolder } from "./standby-folder.ts";

export interface PromoteOptions {
  /** the standby's data folder, which the caller has locked */
  dir: string;
  recovery: RecoveryKey;
  /** go on although the server is known to have had more */
  despiteMissing: boolean;
  catalogue: Catalogue;
}

/** What the server that is replaced said that it holds, and is not here. */
export interface Lacking {
  /** by device, in its chain: first and last sequence */
  operations: Missing[];
  /** entries of the authority log */
  entries: number;
  /** when it said so, wall milliseconds by its clock */
  atMs: number | undefined;
}

export interface Promoted {
  term: number;
  /** identity of the new server, and of the one that was closed */
  server: string;
  closed: string;
  state: StateSummary;
  lacking: Lacking;
  /** operations that devices said they have, and had not brought: they will bring them */
  awaited: Missing[];
}

export type PromoteRefusal =
  | { code: "wrong-recovery-key" }
  | { code: "live-data"; folder: string }
  | { code: "lacking"; lacking: Lacking };

const readMost = 2000;

/**
 * Makes a server of a standby: what it holds becomes a server's store under the next term, which the
 * recovery card opens and which closes the old server. Built aside and put in place when it is whole.
 * @throws DataUnavailable StoreFault
 */
export async function promoteStandby(
  { dir, recovery, despiteMissing, catalogue }: PromoteOptions,
  platform: ServerPlatform,
): Promise<Result<Promoted, PromoteRefusal>> {
  const known = await lookAt(dir, platform);
  const { authority, heads, lacking } = known;
  if (!isRecoveryKeyOf(authority, recovery)) return refuse({ code: "wrong-recovery-key" });
  const old = await existingStore({ dir, moveAside: false }, platform);
  if (!old.ok) return refuse({ code: "live-data", folder: dir });
  if ((lacking.operations.length > 0 || lacking.entries > 0) && !despiteMissing)
    return refuse({ code: "lacking", lacking });
  const term = authority.term + 1;
  await rememberReport(catalogue, known, { term, atMs: platform.clock.nowMs() });
  const source = platform.folderStore(standbyFolder(dir));
  try {
    const { device, answer } = await buildAside(
      { dir, moveTo: old.value },
      platform,
      async (store, server) => {
        const entry = await openNextTerm(
          authority,
          { heads, server },
          recovery,
          platform.clock.nowMs(),
        );
        const state = await source.load();
        await rebuildStore(store, {
          ...documentsOf(source, state, { term, month: monthOf(authority.timeZone, platform) }),
          keys: state.keys,
          authority: [...authority.texts, entry],
          term,
          settings: { [recoveredFromSetting]: JSON.stringify({ standby: known.device }) },
        });
      },
      (store) => readBack(store, heads, platform),
    );
    const { awaited } = known;
    return done({
      term,
      server: device,
      closed: authority.server,
      state: answer,
      lacking,
      awaited,
    });
  } finally {
    await source.close();
  }
}

interface Known {
  device: string;
  authority: DeviceReplica["authority"];
  heads: Heads;
  lacking: Lacking;
  awaited: Missing[];
}

async function lookAt(dir: string, platform: ServerPlatform): Promise<Known> {
  const { replica, close } = await openHeadless(platform, standbyFolder(dir));
  try {
    const { authority, device } = replica;
    const heads = new Map(replica.heads());
    const text = replica.checkpoint();
    const keyOf = (server: string) => authority.devices.get(server)?.key;
    const checkpoint =
      text === undefined ? undefined : await readCheckpoint(text, keyOf, platform.signatures);
    const lacking = lackingOf(checkpoint, heads, authority.heads.length);
    const awaited = replica
      .missing()
      .filter(({ chain, to }) => !lacking.operations.some((l) => l.chain === chain && l.to >= to));
    return { device, authority, heads, lacking, awaited };
  } finally {
    await close();
  }
}

function lackingOf(checkpoint: Checkpoint | undefined, heads: Heads, entries: number): Lacking {
  const operations = (checkpoint?.heads ?? []).flatMap(([chain, next]) => {
    const from = heads.get(chain)?.next ?? 0;
    return next > from ? [{ chain, from, to: next - 1 }] : [];
  });
  const there = checkpoint ? seqOfHead(checkpoint.authority) + 1 : 0;
  return { operations, entries: Math.max(0, there - entries), atMs: checkpoint?.at };
}

/** The standby's replica stays behind in its folder: what it holds is known, whoever asks. */
async function rememberReport(
  catalogue: Catalogue,
  { device, heads, awaited, lacking }: Known,
  { term, atMs }: { term: number; atMs: number },
): Promise<void> {
  const held = [...heads]
    .filter(([, { next }]) => next > 0)
    .map(([chain, { next, hash }]) => [chain, next, hash] as [string, number, string]);
  const known = [...awaited, ...lacking.operations].map(
    ({ chain, to }) => [chain, to + 1] as [string, number],
  );
  await catalogue.update((data) => {
    const report = { heads: held, complete: true, persisted: true, known, term, atMs };
    data.reports = { ...data.reports, [device]: report };
  });
}

const monthOf = (timeZone: string, { clock }: ServerPlatform): string =>
  businessDateOf(clock.nowMs(), timeZone).slice(0, 7);

/** The documents of a replica, and after them what it holds in none: runs that came by heads. */
function documentsOf(
  source: ReplicaStore,
  { documents, outbox }: Awaited<ReturnType<ReplicaStore["load"]>>,
  { term, month }: { term: number; month: string },
) {
  const looseByName = new Map<string, Run[]>();
  for (const run of outbox) {
    const store = storeOfChain(readSeal(run.seal)?.chain ?? "");
    const name = journalDocument(term, store, month);
    looseByName.set(name, [...(looseByName.get(name) ?? []), run]);
  }
  const loose = [...looseByName.keys()].map((name) => ({
    name,
    elements: 0,
    pages: [],
    heads: {},
  }));
  const stored = documents
    .filter(({ name }) => name !== authorityDocument)
    .map(({ name, length }) => ({ name, elements: length, pages: [], heads: {} }));
  return {
    documents: [...stored, ...loose],
    async *piecesOf({ name, elements }: { name: string; elements: number }): AsyncGenerator<Piece> {
      const runs = looseByName.get(name);
      if (runs) yield { from: 0, elements: runs.flatMap(elementsOf) };
      for (let from = 0; from < elements; ) {
        const part = await source.read(name, from, readMost);
        if (part.length === 0) return;
        yield { from, elements: part };
        from += part.length;
      }
    },
  };
}

/** From the disk, as the next start will read it: nothing that was here is lost on the way. */
async function readBack(
  store: ReplicaStore,
  heads: Heads,
  { signatures, clock }: ServerPlatform,
): Promise<StateSummary> {
  const { ledger } = await loadLedger(store, await store.load(), signatures, clock.nowMs());
  const there = ledger.heads();
  for (const [chain, { next }] of heads)
    assert(
      (there.get(chain)?.next ?? 0) >= next,
      `what was promoted holds ${chain} as far as the standby did`,
    );
  return summarise(ledger);
}
