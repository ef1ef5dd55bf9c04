import type { AuthorityProposal } from "../../shared/access/authority-entry.ts";
import type { Cut } from "../../shared/access/authority-state.ts";
import type { AuthorityKey } from "../../shared/access/sign-entry.ts";
import { deviceOfChain } from "../../shared/journal/operation.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { whyMemberStays } from "../../shared/replica/books.ts";
import type { DeviceReplica } from "../../shared/replica/device-replica.ts";
import type { DeviceSession } from "../../shared/replica/device-session.ts";
import type { HistoryEntry } from "../../shared/replica/member-history.ts";
import type { Replica } from "../../shared/replica/replica.ts";
import { readDisputedValue } from "./disputed-value.ts";
import { readDoubtfulDevices } from "./doubtful-devices.ts";
import { readKeptApart } from "./kept-apart.ts";
import { readNotCounted } from "./not-counted.ts";
import type { OwnSuccession } from "./own-succession.ts";
import type {
  ImportView,
  LinkStatus,
  ProposalFault,
  RescueDesk,
  Shop,
  ShopIdentity,
  ShopState,
  ValueFault,
} from "./shop.ts";

/** What the connection to the server offers; the wire behind it is not known here. */
export type ShopLink = Pick<
  DeviceSession,
  "status" | "subscribe" | "requestValue" | "changeAuthority" | "close"
>;

/** The shop of the tab that writes. */
export function createLocalShop(deps: {
  replica: DeviceReplica;
  link: ShopLink;
  rescue: RescueDesk;
  succession: Pick<OwnSuccession, "isRenewed" | "subscribe">;
  identity: ShopIdentity;
  /** the personal key on this device, if there is one */
  personalKey: AuthorityKey | undefined;
}): Shop {
  const { replica, link, identity, personalKey, succession } = deps;
  const listeners = new Set<() => void>();
  let turn = 0;
  const stateNow = () =>
    stateOf(replica, { link: link.status(), version: turn, renewed: succession.isRenewed() });
  let state = stateNow();
  const changed = () => {
    turn++;
    state = stateNow();
    for (const listener of listeners) listener();
  };
  // Every screen asks for these after every change: read once for all of them.
  let recent = { version: -1, byMost: new Map<number, Promise<HistoryEntry[]>>() };
  const recentOnce = (most: number): Promise<HistoryEntry[]> => {
    if (recent.version !== replica.version)
      recent = { version: replica.version, byMost: new Map() };
    const reading = recent.byMost.get(most) ?? replica.recent(most);
    recent.byMost.set(most, reading);
    return reading;
  };
  const unsubscribe = [
    replica.subscribe(changed),
    link.subscribe(changed),
    succession.subscribe(changed),
  ];
  return {
    identity,
    rescue: deps.rescue,
    get state() {
      return state;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    member: (id) => replica.member(id),
    members: () => replica.members(),
    spendable: async (member) => replica.spendable(member),
    saved: async (operation) => replica.saved(operation),
    history: (member) => replica.history(member),
    recent: (most) => recentOnce(most),
    imports: async () => importsOf(replica),
    notCounted: () => readNotCounted(replica),
    keptApart: () => readKeptApart(replica),
    doubtfulDevices: () => readDoubtfulDevices(replica),
    disputedValue: async () => readDisputedValue(replica),
    cutOf: async (device) => cutOf(replica, device),
    summary: async () => replica.summary(),
    perform: (command, staff) => replica.perform(command, staff),
    importMembers: (plan, sources, staff, watching) =>
      replica.importMembers(plan, sources, staff, watching),
    async requestValue(member, amountFen) {
      const answer = await link.requestValue(member, amountFen);
      return answer.ok ? done(undefined) : refuse(valueFaultOf(answer.refusal));
    },
    async propose(proposal, cards = []) {
      if (!personalKey) return refuse({ code: "no-key" });
      return sequence(link, proposal, [personalKey, ...(await cardKeys(cards))]);
    },
    proposeByCard: async (proposal, card) => sequence(link, proposal, await cardKeys([card])),
    async close() {
      for (const stop of unsubscribe) stop();
      link.close();
      await replica.close();
    },
  };
}

async function sequence(
  link: ShopLink,
  proposal: AuthorityProposal,
  keys: readonly AuthorityKey[],
): Promise<Result<void, ProposalFault>> {
  if (link.status().state !== "online") return refuse({ code: "offline" });
  const answer = await link.changeAuthority(proposal, keys);
  if (answer.ok) return done(undefined);
  if (answer.refusal === "offline") return refuse({ code: "offline" });
  // The cut: a device that is being stopped has recorded something since.
  const isStale = answer.refusal === "not-next" || answer.refusal === "cut-differs";
  return refuse({ code: isStale ? "changed-meanwhile" : "refused" });
}

/** The words' lists are large, and needed only here. */
async function cardKeys(cards: readonly Uint8Array[]): Promise<AuthorityKey[]> {
  if (cards.length === 0) return [];
  const { recoverySigner } = await import("../../shared/access/recovery-key.ts");
  return cards.map((entropy) => ({ by: "recovery", signer: recoverySigner({ entropy }) }));
}

const stateOf = (
  replica: DeviceReplica,
  { link, version, renewed }: { link: LinkStatus; version: number; renewed: boolean },
): ShopState => ({
  version,
  seat: "writer",
  authority: replica.authority,
  link,
  unsent: replica.unsent(),
  copies: replica.holders().map(({ device, complete, online }) => ({ device, complete, online })),
  damaged: replica.damaged,
  complete: replica.isComplete(),
  exceptions: countOf(replica.exceptions()),
  trouble: replica.trouble(),
  renewed,
  serverFinding: replica.serverFinding(),
  missing: replica.missing(),
  apart: replica.branches().length,
});

function valueFaultOf({
  code,
  available,
}: {
  code: string;
  available?: number | undefined;
}): ValueFault {
  if (code === "not-enough") return { code, available: available ?? 0 };
  if (code === "offline" || code === "not-home" || code === "not-accounted-for") return { code };
  return code === "unknown-member" ? { code } : { code: "failed" };
}

const cutOf = (replica: DeviceReplica, device: string): Cut =>
  Object.fromEntries(
    [...replica.heads()].filter(([chain, { next }]) => deviceOfChain(chain) === device && next > 0),
  );

function importsOf(replica: Replica): ImportView[] {
  const { books } = replica;
  const views = [...books.imports.values()].flatMap((batch): ImportView[] => {
    if (!batch.closed) return [];
    const undone = batch.undoneBy.length > 0;
    const staying = batch.members.flatMap((member): ImportView["staying"] => {
      const record = undone ? books.members.get(member) : undefined;
      const why = record && whyMemberStays(books, record);
      return why && why !== "not-undone" ? [{ member, why }] : [];
    });
    return [
      {
        batch: batch.ref,
        atMs: batch.atMs,
        files: batch.sources.map(({ name }) => name),
        members: batch.closed.members,
        openingFen: batch.closed.opening,
        purchases: batch.closed.purchases,
        purchasedFen: batch.closed.purchased,
        undone,
        staying,
      },
    ];
  });
  return views.sort((a, b) => b.atMs - a.atMs);
}

function countOf(items: Iterable<unknown>): number {
  let count = 0;
  for (const _ of items) count++;
  return count;
}
