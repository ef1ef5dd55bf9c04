import type { AuthorityProposal } from "../../shared/access/authority-entry.ts";
import type { AuthorityState, Cut } from "../../shared/access/authority-state.ts";
import type { ImportPlan } from "../../shared/imports/import-plan.ts";
import type { OperationRef } from "../../shared/journal/operation.ts";
import type { MemberId } from "../../shared/members/member-kinds.ts";
import type { Result } from "../../shared/outcome/result.ts";
import type { Command, Refusal } from "../../shared/replica/commands.ts";
import type { HistoryEntry } from "../../shared/replica/member-history.ts";
import type { MemberView } from "../../shared/replica/member-view.ts";
import type { Damage } from "../../shared/replica/ports.ts";
import type { ImportProgress, Performed, Saved } from "../../shared/replica/replica.ts";
import type { RescueProgress } from "../../shared/replica/rescue-file.ts";
import type { ServerFinding } from "../../shared/replica/server-watch.ts";
import type { IdentityTrouble } from "../../shared/replica/standing.ts";
import type { StateSummary } from "../../shared/replica/state-hash.ts";
import type { RescueFault, RescueReport } from "../../shared/replica/take-rescue.ts";
import type { Missing } from "../../shared/replica/witness.ts";
import type { DisputedValue } from "./disputed-value.ts";
import type { DoubtfulDevice } from "./doubtful-devices.ts";
import type { KeptApart } from "./kept-apart.ts";
import type { NotCounted } from "./not-counted.ts";

/** That a device goes on under a new identity, and why. */
export interface Renewal {
  /** the identity before */
  before: string;
  why: IdentityTrouble | undefined;
  /** wall milliseconds */
  atMs: number;
}

export interface ShopIdentity {
  org: string;
  device: string;
  store: string;
  /** whose personal key this device holds */
  staff?: string | undefined;
  /** set when this device goes on under a new identity */
  renewal?: Renewal | undefined;
}

export interface LinkStatus {
  state: "connecting" | "online" | "offline" | "refused" | "recovering";
  reason?: string | undefined;
  lastContactMs?: number | undefined;
  /** documents still being fetched */
  fetching?: number;
}

/** A device or server that reported what it holds. */
export interface Copy {
  device: string;
  complete: boolean;
  online: boolean;
}

/** What is always on screen; replaced, never changed, so that it can be compared. */
export interface ShopState {
  version: number;
  /** a follower shows what the writing tab of this profile knows and hands it its commands */
  seat: "writer" | "follower";
  authority: AuthorityState;
  link: LinkStatus;
  unsent: number;
  copies: readonly Copy[];
  /** what was found damaged here at this start */
  damaged: readonly Damage[];
  /** everything that is known to exist is here */
  complete: boolean;
  exceptions: number;
  /** why this device must go on under another identity */
  trouble: IdentityTrouble | undefined;
  /** it does already: this page only has to be opened anew */
  renewed: boolean;
  /** what this device noticed of its server */
  serverFinding: ServerFinding | undefined;
  /** operations that are known to have existed and are not here */
  missing: readonly Missing[];
  /** runs that stand apart: a second history of some device */
  apart: number;
}

export interface ImportView {
  batch: OperationRef;
  atMs: number;
  files: string[];
  members: number;
  openingFen: number;
  purchases: number;
  purchasedFen: number;
  undone: boolean;
  /** members of an undone import that are still there, and why */
  staying: { member: MemberId; why: "used-since" | "value-outstanding" }[];
}

export type ValueFault =
  | { code: "offline" }
  | { code: "not-home" }
  | { code: "not-enough"; available: number }
  | { code: "not-accounted-for" }
  | { code: "unknown-member" }
  | { code: "failed" };

export type ProposalFault = { code: "no-key" | "offline" | "changed-meanwhile" | "refused" };

export interface ImportSources {
  name: string;
  hash: string;
  rows: number;
}

export interface ImportWatching {
  onProgress?: (progress: ImportProgress) => void;
  shouldStop?: () => boolean;
}

export interface RescueWatching {
  onProgress?: (progress: RescueProgress) => void;
  shouldStop?: () => boolean;
}

/** Everything that this device holds as one file, and whatever of such a file is not here yet. */
export interface RescueDesk {
  /** @returns undefined when it was stopped */
  save(watching: RescueWatching): Promise<{ file: Blob; operations: number } | undefined>;
  /** nothing that is here is overwritten; stopped, what was taken stays */
  take(
    file: Blob,
    watching: RescueWatching,
  ): Promise<Result<RescueReport, RescueFault | "store-full" | "failed">>;
}

/** One shop as screens see it, whether this tab writes or follows. */
export interface Shop {
  readonly identity: ShopIdentity;
  readonly state: ShopState;
  subscribe(listener: () => void): () => void;
  /** only in the tab that writes: files are too large to hand over */
  readonly rescue: RescueDesk | undefined;

  member(id: MemberId): MemberView | undefined;
  members(): Iterable<MemberView>;

  spendable(member: MemberId): Promise<number>;
  saved(operation: OperationRef): Promise<Saved>;
  history(member: MemberId): Promise<HistoryEntry[]>;
  recent(most: number): Promise<HistoryEntry[]>;
  imports(): Promise<ImportView[]>;
  notCounted(): Promise<NotCounted[]>;
  keptApart(): Promise<KeptApart[]>;
  doubtfulDevices(): Promise<DoubtfulDevice[]>;
  disputedValue(): Promise<DisputedValue[]>;
  /** how far this device has what another one recorded */
  cutOf(device: string): Promise<Cut>;
  summary(): Promise<StateSummary>;

  perform(command: Command, staff: string): Promise<Result<Performed, Refusal>>;
  importMembers(
    plan: ImportPlan,
    sources: ImportSources[],
    staff: string,
    watching: ImportWatching,
  ): Promise<Result<{ batch: OperationRef }, Refusal | { code: "cancelled" }>>;
  /** brings what a charge needs into this device's purse */
  requestValue(member: MemberId, amountFen: number): Promise<Result<void, ValueFault>>;
  /**
   * Signs with the personal key on this device and has the server sequence it.
   * @param cards what the words of recovery cards come to, where those sign too
   */
  propose(
    proposal: AuthorityProposal,
    cards?: readonly Uint8Array[],
  ): Promise<Result<void, ProposalFault>>;
  /** has the server sequence what a recovery card alone signs */
  proposeByCard(
    proposal: AuthorityProposal,
    card: Uint8Array,
  ): Promise<Result<void, ProposalFault>>;
  close(): Promise<void>;
}
