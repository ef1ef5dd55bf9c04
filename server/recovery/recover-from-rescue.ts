import type { AuthorityState } from "../../shared/access/authority-state.ts";
import type { RecoveryKey } from "../../shared/access/recovery-key.ts";
import {
  authorityDocument,
  type DocumentName,
  journalDocument,
} from "../../shared/documents/document-name.ts";
import { fromBase64Url } from "../../shared/journal/bytes.ts";
import type { Heads } from "../../shared/journal/chain.ts";
import { readOperation, refOf, storeOfChain } from "../../shared/journal/operation.ts";
import { elementsOf, type Run } from "../../shared/journal/run.ts";
import { readSeal } from "../../shared/journal/seal.ts";
import { hashOfKey } from "../../shared/members/member-fields.ts";
import type { MemberId } from "../../shared/members/member-kinds.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { isSealedByItsDevice } from "../../shared/replica/branches.ts";
import { Ledger } from "../../shared/replica/ledger.ts";
import { loadLedger } from "../../shared/replica/load-ledger.ts";
import type { HeldState, LoadedLedger } from "../../shared/replica/loaded-ledger.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";
import { type StateSummary, summarise } from "../../shared/replica/state-hash.ts";
import type { Missing } from "../../shared/replica/witness.ts";
import { businessDateOf } from "../../shared/time/business-date.ts";
import { lockFolder } from "../data/data-lock.ts";
import { mayBegin } from "../relay/running-months.ts";
import type { KeyEntry } from "../snapshots/keyring-pages.ts";
import {
  buildAside,
  existingStore,
  type RecoverPlatform,
  recoveredFromSetting,
} from "./build-aside.ts";
import { isRecoveryKeyOf, openNextTerm } from "./open-next-term.ts";
import { type RescuedFiles, readRescueFiles } from "./read-rescue-files.ts";
import type { RecoveryRefusal } from "./recovery-refusal.ts";

export interface RescueOptions {
  dir: string;
  /** files, of one device or of several */
  rescue: readonly string[];
  recovery: RecoveryKey;
  moveAside: boolean;
}

export interface RecoveredFromRescue {
  term: number;
  server: string;
  closed: string;
  state: StateSummary;
  /** operations that the files promise and do not hold */
  missing: Missing[];
  /** runs that do not check */
  refused: number;
  damage: { file: string; line: number }[];
  movedTo: string | undefined;
}

const elementsAtOnce = 2000;
const keysAtOnce = 1000;

/**
 * Makes a new server of rescue files: the union of what they hold, under the next term. Nothing in
 * them is believed but what its device sealed and the log signed by the recovery card's owner.
 * @throws DataUnavailable StoreFault
 */
export async function recoverFromRescue(
  options: RescueOptions,
  platform: RecoverPlatform,
): Promise<Result<RecoveredFromRescue, RecoveryRefusal>> {
  const { recovery, dir } = options;
  for (const path of options.rescue)
    if (!(await platform.files.stat(path))) return refuse({ code: "no-rescue-file" });
  const found = await readRescueFiles(options.rescue, recovery, platform);
  const { state } = found;
  if (!state) return refuse({ code: "no-rescue-file" });
  if (!isRecoveryKeyOf(state, recovery)) return refuse({ code: "wrong-recovery-key" });
  const unlock = await lockFolder(dir, platform);
  try {
    const old = await existingStore(options, platform);
    if (!old.ok) return old;
    return done(await build({ ...found, state }, old.value, options, platform));
  } finally {
    await unlock();
  }
}

async function build(
  found: RescuedFiles & { state: AuthorityState },
  moveTo: string | undefined,
  { dir, recovery }: RescueOptions,
  platform: RecoverPlatform,
): Promise<RecoveredFromRescue> {
  const { state } = found;
  const { good, refused } = await provedRuns(found, platform);
  const term = state.term + 1;
  const from = { rescue: found.headers.map(({ device, at }) => ({ device, at })) };
  const settings = { [recoveredFromSetting]: JSON.stringify(from) };
  const { device, answer } = await buildAside(
    { dir, moveTo },
    platform,
    async (store, server) => {
      const at = { term, timeZone: state.timeZone, nowMs: platform.clock.nowMs() };
      const documents = await writeDocuments(store, good, found, at);
      const heads = await headsOf(store, documents, found.authority, platform);
      const next = { heads, server };
      const entry = await openNextTerm(state, next, recovery, platform.clock.nowMs());
      await store.commit({
        append: [{ name: authorityDocument, from: 0, elements: [...found.authority, entry] }],
        settings,
      });
    },
    async (store) => {
      const { ledger } = await load(store, await store.load(), platform);
      return { state: summarise(ledger), heads: ledger.heads() };
    },
  );
  return {
    term,
    server: device,
    closed: state.server,
    state: answer.state,
    missing: missingOf(found, answer.heads),
    refused,
    damage: found.damage,
    movedTo: moveTo,
  };
}

async function provedRuns(
  found: RescuedFiles,
  { signatures }: RecoverPlatform,
): Promise<{ good: Run[]; refused: number }> {
  const ledger = new Ledger(signatures);
  for (const text of found.authority) await ledger.addAuthority(text);
  const good: Run[] = [];
  for (const run of found.runs)
    if (await isSealedByItsDevice(run, ledger, signatures)) good.push(run);
  return { good, refused: found.runs.length - good.length };
}

/**
 * Chains in sequence, each in documents of its store and of the months in which it was recorded. What
 * a device gives as its date is believed within reason only: it names the document.
 */
async function writeDocuments(
  store: ReplicaStore,
  runs: readonly Run[],
  found: RescuedFiles,
  at: { term: number; timeZone: string; nowMs: number },
): Promise<{ name: DocumentName; length: number }[]> {
  const keys = chooseKeys(found.keys, runs);
  for (let from = 0; from < keys.length; from += keysAtOnce)
    await store.commit({ keysAdd: keys.slice(from, from + keysAtOnce) });
  const thisMonth = businessDateOf(at.nowMs, at.timeZone).slice(0, 7);
  const elementsByName = new Map<DocumentName, string[]>();
  for (const run of [...runs].sort(inSequence)) {
    const chain = readSeal(run.seal)?.chain ?? "";
    const stated = readOperation(run.operations[0] ?? "")?.date.slice(0, 7) ?? "";
    const month = mayBegin(stated, at) ? stated : thisMonth;
    const name = journalDocument(at.term, storeOfChain(chain), month);
    const elements = elementsByName.get(name);
    if (elements) elements.push(...elementsOf(run));
    else elementsByName.set(name, elementsOf(run));
  }
  for (const [name, elements] of elementsByName)
    for (let from = 0; from < elements.length; from += elementsAtOnce)
      await store.commit({
        append: [{ name, from, elements: elements.slice(from, from + elementsAtOnce) }],
      });
  return [...elementsByName].map(([name, { length }]) => ({ name, length }));
}

/** One key for a member: the right one where the operation that adds the member is here. */
function chooseKeys(offered: readonly KeyEntry[], runs: readonly Run[]): KeyEntry[] {
  const hashByMember = new Map<MemberId, unknown>();
  for (const text of runs.flatMap(({ operations }) => operations)) {
    const operation = text.includes("MemberAdded") ? readOperation(text) : undefined;
    if (operation?.kind === "MemberAdded")
      hashByMember.set(refOf(operation), operation.body["keyHash"]);
  }
  const chosen = new Map<MemberId, string>();
  for (const [member, key] of offered) {
    const bytes = fromBase64Url(key);
    if (bytes?.length !== 32 || chosen.has(member)) continue;
    const hash = hashByMember.get(member);
    if (hash === undefined || hash === hashOfKey(bytes)) chosen.set(member, key);
  }
  return [...chosen];
}

/** How far each chain follows from its beginning; the log is not in the store yet. */
async function headsOf(
  store: ReplicaStore,
  documents: readonly { name: DocumentName; length: number }[],
  authority: readonly string[],
  platform: RecoverPlatform,
): Promise<Heads> {
  const withLog: Pick<ReplicaStore, "read"> = {
    read: async (name, from, most) =>
      name === authorityDocument
        ? authority.slice(from, from + most)
        : store.read(name, from, most),
  };
  return (await load(withLog, { documents, outbox: [] }, platform)).ledger.heads();
}

const load = (
  store: Pick<ReplicaStore, "read">,
  held: HeldState,
  { signatures, clock }: RecoverPlatform,
): Promise<LoadedLedger> => loadLedger(store, held, signatures, clock.nowMs());

function inSequence(a: Run, b: Run): number {
  const one = readSeal(a.seal);
  const other = readSeal(b.seal);
  if (!one || !other) return 0;
  if (one.chain !== other.chain) return one.chain < other.chain ? -1 : 1;
  return one.first - other.first;
}

function missingOf(
  { headers }: RescuedFiles,
  heads: ReadonlyMap<string, { next: number }>,
): Missing[] {
  const promised = new Map<string, number>();
  for (const header of headers)
    for (const [chain, next] of header.heads)
      promised.set(chain, Math.max(next, promised.get(chain) ?? 0));
  return [...promised].flatMap(([chain, next]) => {
    const from = heads.get(chain)?.next ?? 0;
    return next > from ? [{ chain, from, to: next - 1 }] : [];
  });
}
