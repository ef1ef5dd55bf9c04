import * as z from "zod/mini";
import { headOfEntry } from "../access/authority-entry.ts";
import type { AuthorityState } from "../access/authority-state.ts";
import { compareLogs } from "../access/compare-logs.ts";
import {
  authorityDocument,
  type DocumentName,
  splitJournalName,
} from "../documents/document-name.ts";
import { type AuthorityHead, seqOfHead } from "../journal/operation.ts";
import type { Run } from "../journal/run.ts";
import { enterRuns } from "./enter-runs.ts";
import type { LoadedLedger } from "./loaded-ledger.ts";
import { runsIn } from "./operation-places.ts";
import type { ReplicaStore } from "./ports.ts";
import type { ReceiveOutcome } from "./replica.ts";
import { wronglyCounted } from "./which-branch-counts.ts";

/** Entries of the authority log that a device holds and a recovery left behind. */
export interface LostBranch {
  /** the entry that they go on from */
  after: AuthorityHead;
  /** texts, in sequence */
  entries: string[];
}

const lostSetting = "lost-entries";
const branches = z.array(z.strictObject({ after: z.string(), entries: z.array(z.string()) }));

/** What is kept aside between starts; see `LogKeeper.adopt`. */
export function readAside(settings: Readonly<Record<string, string>>): LostBranch[] {
  const text = settings[lostSetting];
  return text === undefined ? [] : branches.parse(JSON.parse(text));
}

export const headsAside = (aside: readonly LostBranch[]): Set<AuthorityHead> =>
  new Set(aside.flatMap(headsOf));

export const headsOf = ({ after, entries }: LostBranch): AuthorityHead[] =>
  entries.map((text, index) => headOfEntry(seqOfHead(after) + 1 + index, text));

export interface LogKeeperDeps {
  store: ReplicaStore;
  nowMs(): number;
  loaded(): LoadedLedger;
  /** folds everything again from the store */
  rebuild(): Promise<void>;
}

/**
 * A device's copy of the authority log: it grows, and where the recovery key opened it anew it is
 * replaced. What only this device held of the old one is kept until the new one knows it.
 */
export class LogKeeper {
  readonly #deps: LogKeeperDeps;
  #aside: LostBranch[];

  constructor(deps: LogKeeperDeps, settings: Readonly<Record<string, string>>) {
    this.#deps = deps;
    this.#aside = readAside(settings);
  }

  /** Entries that go on from ours; checked, stored, and in force when this resolves. */
  async receive(from: number, texts: readonly string[]): Promise<ReceiveOutcome> {
    const { store, rebuild, nowMs, loaded } = this.#deps;
    const { ledger } = loaded();
    for (const text of texts) {
      const added = await ledger.addAuthority(text);
      if (added.ok) continue;
      await rebuild();
      return { ok: false, code: "forged", detail: added.refusal };
    }
    try {
      await store.commit({ append: [{ name: authorityDocument, from, elements: texts }] });
    } catch (fault) {
      await rebuild();
      throw fault;
    }
    loaded().lengths.set(authorityDocument, from + texts.length);
    const isOther = loaded().branches.size > 0 && (await wronglyCounted(loaded())).length > 0;
    if (ledger.refoldNeeded || isOther) await rebuild();
    else await enterRuns(loaded(), [], { verify: true, nowMs: nowMs() });
    return { ok: true };
  }

  /**
   * A log that the recovery key opened anew takes the place of ours, in one change of the store; what
   * only ours said is kept aside.
   * @param log checked entry by entry
   * @returns whether it did
   */
  async adopt(log: AuthorityState): Promise<boolean> {
    const { store, rebuild, loaded } = this.#deps;
    const own = loaded().ledger.log;
    const { standing, common } = compareLogs(own, log);
    if (standing !== "superseding") return false;
    const left = {
      after: own.heads[common - 1] as AuthorityHead,
      entries: own.texts.slice(common),
    };
    const aside = pendingIn([...this.#aside, left], log);
    const { emptied, runs } = await this.#documentsOf(log.term);
    await store.commit({
      replace: [{ name: authorityDocument, elements: log.texts }, ...emptied],
      outboxAdd: runs,
      settings: { [lostSetting]: JSON.stringify(aside) },
    });
    this.#aside = aside;
    await rebuild();
    return true;
  }

  /**
   * Of a server that another one of the same term took the place of, documents have the names of the
   * new one's and are others: their runs are kept as such.
   */
  async #documentsOf(term: number): Promise<{
    emptied: { name: DocumentName; elements: readonly string[] }[];
    runs: Run[];
  }> {
    const { store, loaded } = this.#deps;
    const { lengths, loose } = loaded();
    const names = [...lengths.keys()].filter((name) => splitJournalName(name)?.term === term);
    const runs = new Map<string, Run>();
    for (const name of names) {
      const elements = await store.read(name, 0, Number.MAX_SAFE_INTEGER);
      for (const { run } of runsIn(elements, 0).runs)
        if (!loose.has(run.seal)) runs.set(run.seal, run);
    }
    const emptied = names.map((name) => ({ name, elements: [] }));
    return { emptied, runs: [...runs.values()] };
  }

  /** What the log does not know yet of the entries that are kept aside. */
  pending(): LostBranch[] {
    return this.#aside.length === 0 ? [] : pendingIn(this.#aside, this.#deps.loaded().ledger.log);
  }
}

function pendingIn(
  aside: readonly LostBranch[],
  { heads, lost }: Pick<AuthorityState, "heads" | "lost">,
): LostBranch[] {
  return aside.flatMap((branch) => {
    const own = headsOf(branch);
    const at = own.findIndex((head) => !lost.has(head) && heads[seqOfHead(head)] !== head);
    if (at < 0) return [];
    return [{ after: own[at - 1] ?? branch.after, entries: branch.entries.slice(at) }];
  });
}
