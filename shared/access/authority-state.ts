import type { AuthorityHead, ChainId } from "../journal/operation.ts";
import type { AuthorityEntry } from "./authority-entry.ts";
import type { Proposal, RecoveryPublic } from "./proposal.ts";
import type { Role } from "./roles.ts";

export interface Store {
  id: string;
  name: string;
  /** label of the old system that this store was made from */
  label?: string | undefined;
}

export interface Staff {
  id: string;
  name: string;
  /** personal public keys; several when the person uses several devices */
  keys: string[];
  /** role by the entry that gave it, oldest first; `active` false keeps the name readable */
  roles: { since: number; role: Role; active: boolean }[];
}

export interface Device {
  id: string;
  name: string;
  key: string;
  /** the store it works in */
  store: string;
  ceiling: Role;
  till: boolean;
  /** a server writes in every store */
  server: boolean;
  staff?: string | undefined;
  /** personal key of that person which it holds */
  staffKey?: string | undefined;
  /** sequence of the entry that enrolled it */
  since: number;
  replaces?: string | undefined;
  /** set when this identity was closed */
  closed?: Closing;
}

/** Heads up to which something counts. */
export type Cut = Readonly<Record<ChainId, { next: number; hash: string }>>;

/** How an identity ended. */
export interface Closing {
  /**
   * Which entry ended it, and so what becomes of what it recorded beyond its cut: `replaced`, somebody
   * enrolled another device in its place: that counts, late; `stopped` (by the server: it has two
   * histories), `revoked` (by the owner or the card) and `succeeded` (by itself): it does not;
   * `server-replaced`: what it had given out counts, late.
   */
  why: "replaced" | "stopped" | "revoked" | "succeeded" | "server-replaced";
  /** who goes on in its place; undefined while it is only frozen */
  by: string | undefined;
  /** sequence of the entry of this log that closed it */
  since: number;
  /** up to where its chains count as they stand, and its purse is its successor's */
  cut: Cut;
  /** where a device that was replaced was stopped afterwards: beyond it nothing counts */
  end?: Cut;
  /** who served then: what a replaced device took in beyond its cut is in that server's purse */
  server: string;
  /** sequence of the entry by which its purse passed on; undefined while nobody may spend it */
  settledSince: number | undefined;
}

export interface Invitation {
  key: string;
  store: string;
  ceiling: Role;
  till: boolean;
  staff?: string | undefined;
  replaces?: string | undefined;
  expires: number;
  used: boolean;
}

export interface TopUpPreset {
  /** fen paid */
  principal: number;
  /** fen given */
  bonus: number;
}

/** A card that was in force, or is. */
export interface KnownRecovery extends RecoveryPublic {
  /** sequence of the entry that put it in force */
  since: number;
  /** whether the card before it had a part in that */
  byCard: boolean;
}

/** Who may do what at one point of a log. */
export type Rights = Pick<AuthorityState, "devices" | "staff" | "stores">;

/** An entry that a recovery left behind, as our own log keeps it. */
export interface LostEntry {
  text: string;
  entry: AuthorityEntry;
  /** head of the entry before it, of our log or lost as well */
  after: AuthorityHead;
  /** newest entry that the log which held it shares with ours */
  commonSeq: number;
  /** in which it was written */
  term: number;
  /** as that entry left them */
  before: Rights;
  /** as the log that held it left them in the end */
  rights: Rights;
  /**
   * `applied`: all that it says is in force, by itself; `open`: it grants something, and waits for the
   * owner; `reinstated`, `dismissed`: he has answered
   */
  standing: "applied" | "open" | "reinstated" | "dismissed";
}

/** The fold of the authority log: who may do what, after its newest entry. */
export interface AuthorityState {
  org: string;
  name: string;
  timeZone: string;
  /** of the card that is in force */
  recovery: RecoveryPublic;
  /** of all cards, the first one first */
  recoveries: KnownRecovery[];
  term: number;
  /** device id of the server of this term */
  server: string;
  fold: number;
  /** cited heads by sequence */
  heads: AuthorityHead[];
  /** full hash of the newest entry */
  lastHash: string;
  /** the entries themselves */
  texts: string[];
  /** sequence of the entry that opened the running term */
  openedSeq: number;
  /** sequences of the entries that opened term 1, 2, … */
  openings: number[];
  /** entries that recoveries left behind, by head, in the order in which they became known */
  lost: Map<AuthorityHead, LostEntry>;
  stores: Map<string, Store>;
  staff: Map<string, Staff>;
  devices: Map<string, Device>;
  invitations: Map<string, Invitation>;
  presets: TopUpPreset[];
  /** acts that need an approval, by id, in the order in which they were proposed */
  proposals: Map<string, Proposal>;
}

/** Term in which an entry was written. */
export const termAt = ({ openings }: Pick<AuthorityState, "openings">, seq: number): number =>
  openings.filter((opened) => opened <= seq).length;

export const authorityHead = (state: AuthorityState): AuthorityHead =>
  state.heads[state.heads.length - 1] as AuthorityHead;

/** Role of a person as of an entry; `undefined` when not (or no longer) on the staff. */
export function roleAt(staff: Staff | undefined, seq: number): Role | undefined {
  const given = staff?.roles.findLast((step) => step.since <= seq);
  return given?.active ? given.role : undefined;
}

export const roleNow = (staff: Staff | undefined): Role | undefined =>
  roleAt(staff, Number.MAX_SAFE_INTEGER);

/** Whether a card is, or ever was, this organisation's. */
export const isKnownRecovery = ({ recoveries }: AuthorityState, sign: string): boolean =>
  recoveries.some((known) => known.sign === sign);

/** Whether something that it may still record would count. */
export const isStoppable = ({ server, closed }: Device): boolean =>
  !server && (!closed || (closed.why === "replaced" && !closed.end));

export const activeTills = (state: AuthorityState): Device[] =>
  [...state.devices.values()].filter((device) => device.till && !device.closed);

/**
 * Where idle value lives: with one till, there; with several, at the server.
 * @returns the device whose purses are home
 */
export function homeDevice(state: AuthorityState): string {
  const tills = activeTills(state);
  return tills.length === 1 && tills[0] ? tills[0].id : state.server;
}

/** The chain of `device` that serves a lot of `store`: a till has one chain, the server one a store. */
export function purseFor(state: AuthorityState, device: string, store: string): ChainId {
  const known = state.devices.get(device);
  return `${device}@${known && !known.server ? known.store : store}`;
}
