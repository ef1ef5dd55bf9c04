import { type AuthorityState, roleNow } from "../access/authority-state.ts";
import { mayRecord } from "../access/permissions.ts";
import { capRole } from "../access/roles.ts";
import type { ImportPlan } from "../imports/import-plan.ts";
import type { ChainId, OperationRef } from "../journal/operation.ts";
import type { Clock, RandomSource, Signer } from "../journal/ports.ts";
import type { MemberId } from "../members/member-kinds.ts";
import { assert } from "../outcome/assert.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import { driftMsMax } from "../time/hybrid-clock.ts";
import { authorRun } from "./author.ts";
import type { Command, Refusal } from "./commands.ts";
import { type Decision, decide, type Facts } from "./decide.ts";
import { enterRuns } from "./enter-runs.ts";
import { type ImportSource, importRuns, openImport } from "./import-drafts.ts";
import type { LoadedLedger } from "./loaded-ledger.ts";
import type { Mailbox } from "./mailbox.ts";
import type { MemberIndex } from "./member-index.ts";
import { type ReplicaStore, StoreFault } from "./ports.ts";
import type { ImportProgress, Performed } from "./replica.ts";
import type { IdentityTrouble } from "./standing.ts";
import { sweepHome, voidUndoneLots } from "./steward.ts";

export interface RecorderDeps {
  store: ReplicaStore;
  clock: Clock;
  random: RandomSource;
  signer: Signer;
  identity: { org: string; device: string; store: string };
  pinyinOf?: ((name: string) => string) | undefined;
  chain: ChainId;
  mailbox: Mailbox;
  loaded(): LoadedLedger;
  index(): MemberIndex;
  isAttested(): boolean;
  trouble(): IdentityTrouble | undefined;
  /** how many operations of this device the server says that it holds, or once signed to */
  claimedNext(): number;
  changed(): void;
}

/** How many operations this device has recorded: a store that holds fewer has lost some. */
export const ownNextSetting = "own-next";

/** How long value that was fetched for a charge is left here before it may be swept home. */
const holdMs = 120_000;

type Recording = Pick<Decision, "drafts" | "newKey"> & { keys?: () => [MemberId, string][] };

/** Everything that a device records itself: what people do, and what it does with its own purse. */
export class Recorder {
  /** how many operations this device knows to have recorded */
  recordedNext: number;
  readonly #deps: RecorderDeps;
  readonly #holdUntilByMember = new Map<MemberId, number>();

  constructor(deps: RecorderDeps, recordedNext: number) {
    this.#deps = deps;
    this.recordedNext = recordedNext;
  }

  perform(command: Command, staff: string): Promise<Result<Performed, Refusal>> {
    return this.#deps.mailbox.post(async () => {
      const decision = decide(command, this.#facts());
      if (!decision.ok) return decision;
      const recorded = await this.#record(decision.value, staff);
      if (recorded.ok && command.command === "UndoImport") await this.voidUndone();
      return recorded;
    });
  }

  async importMembers(
    plan: ImportPlan,
    sources: ImportSource[],
    staff: string,
    {
      onProgress,
      shouldStop,
    }: { onProgress?: (progress: ImportProgress) => void; shouldStop?: () => boolean },
  ): Promise<Result<{ batch: OperationRef }, Refusal | { code: "cancelled" }>> {
    const { mailbox, identity, random, pinyinOf = () => "" } = this.#deps;
    const opened = await mailbox.post(() => this.#record({ drafts: [openImport(sources)] }, staff));
    if (!opened.ok) return opened;
    const [batch = ""] = opened.value.operations;
    const total = plan.members.length;
    for (const run of importRuns(plan, batch, { org: identity.org, random, pinyinOf })) {
      if (shouldStop?.()) return refuse({ code: "cancelled" });
      const recorded = await mailbox.post(() =>
        this.#record({ drafts: run.drafts, keys: () => run.keys }, staff),
      );
      if (!recorded.ok) return recorded;
      onProgress?.({ done: run.members, total });
    }
    return done({ batch });
  }

  /** Value fetched for a charge stays here while the charge is being made. */
  holdValue(member: MemberId): void {
    this.#holdUntilByMember.set(member, this.#deps.clock.nowMs() + holdMs);
  }

  /** At contact: value goes where it lives. Keeps an allotment only where it cannot be evicted. */
  sweepHome(persisted: boolean): Promise<void> {
    const { mailbox, clock, identity, chain } = this.#deps;
    return mailbox.post(async () => {
      const nowMs = clock.nowMs();
      const { authority } = this;
      const device = authority.devices.get(identity.device);
      if (!device || device.closed) return;
      const held = new Set(
        [...this.#holdUntilByMember].filter(([, until]) => until > nowMs).map(([member]) => member),
      );
      const holder = { device: device.id, chain, keepsAllotment: device.till && persisted, held };
      for (const drafting of sweepHome(this.#deps.loaded().ledger.books, authority, holder))
        await this.#record({ drafts: [drafting] }, "");
    });
  }

  /** Takes back lots of undone imports; only to be called while the mailbox is ours. */
  async voidUndone(): Promise<void> {
    const { loaded, chain } = this.#deps;
    for (const drafting of voidUndoneLots(loaded().ledger.books, chain))
      await this.#record({ drafts: [drafting] }, "");
  }

  get authority(): AuthorityState {
    return this.#deps.loaded().ledger.log;
  }

  /** Authors, stores and enters one run; nothing counts that was not stored. */
  async #record(recording: Recording, staff: string): Promise<Result<Performed, Refusal>> {
    const { store, clock, signer, identity, chain, loaded, index, isAttested } = this.#deps;
    const { ledger, loose } = loaded();
    const barred = this.#whyBarred(staff);
    if (barred) return refuse(barred);
    const author = { ...identity, staff, attested: isAttested() };
    const run = await authorRun({ ledger, clock, signer }, author, recording.drafts);
    const checked = await ledger.check(run, { verify: false });
    assert(checked.ok, "what we author passes our own check");
    const { operations } = checked.value;
    for (const { kind } of operations)
      if (!this.#may(staff, kind)) return refuse({ code: "not-permitted", kind });
    const refs = operations.map(({ seq }) => `${chain}:${seq}`);
    const { newKey } = recording;
    const keys: [MemberId, string][] = newKey
      ? [[refs[newKey.index] as string, newKey.key]]
      : (recording.keys?.() ?? []);
    const next = checked.value.after.next;
    const settings = { [ownNextSetting]: String(next) };
    try {
      await store.commit({ outboxAdd: [run], keysAdd: keys, settings });
    } catch (fault) {
      if (fault instanceof StoreFault) return refuse({ code: `store-${fault.reason}` });
      throw fault;
    }
    this.recordedNext = next;
    loose.add(run);
    index().addKeys(keys);
    const placed = [{ run, document: "", at: 0 }];
    await enterRuns(loaded(), placed, { verify: false, nowMs: clock.nowMs() });
    this.#deps.changed();
    return done({ operations: refs });
  }

  #whyBarred(staff: string): Refusal | undefined {
    const { identity, chain, clock, loaded, trouble, claimedNext } = this.#deps;
    const { ledger } = loaded();
    const device = this.authority.devices.get(identity.device);
    if (!device) return { code: "not-enrolled" };
    if (device.closed) return { code: "read-only" };
    // To go on from an older head would be a second history of this device.
    if (trouble()) return { code: "identity-in-doubt" };
    if (ledger.head(chain).next < Math.max(this.recordedNext, claimedNext()))
      return { code: "own-history-missing" };
    const wallMs = clock.nowMs();
    const [seenMs] = ledger.clock;
    const isWrong = wallMs < seenMs - driftMsMax || wallMs < Date.UTC(2024, 0, 1);
    if (isWrong && staff !== "") return { code: "clock-wrong", wallMs, seenMs };
    return undefined;
  }

  #may(staff: string, kind: string): boolean {
    if (staff === "") return mayRecord("system", kind);
    const role = roleNow(this.authority.staff.get(staff));
    const device = this.authority.devices.get(this.#deps.identity.device);
    return role !== undefined && mayRecord(capRole(role, device?.ceiling ?? "system"), kind);
  }

  #facts(): Facts {
    const { identity, chain, random, loaded, index } = this.#deps;
    return {
      org: identity.org,
      books: loaded().ledger.books,
      chain,
      random,
      keyOf: (member) => index().keyOf(member),
      fieldsOf: (member) => index().view(member)?.fields ?? {},
      memberByCard: (card) => index().memberByCard(card),
    };
  }
}
