import type { AuthorityProposal } from "../access/authority-entry.ts";
import type { AuthorityState } from "../access/authority-state.ts";
import { pairingSigner, readPairingCode } from "../access/pairing-code.ts";
import { readRecoveryWords, recoveryPublic, recoverySigner } from "../access/recovery-key.ts";
import { type AuthorityKey, signEntry } from "../access/sign-entry.ts";
import { deviceOfChain } from "../journal/operation.ts";
import type { Clock, RandomSource, Signatures, Signer } from "../journal/ports.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import type { ServerApi } from "../sync/server-api.ts";
import type { Identity } from "./device-replica-deps.ts";
import { newId } from "./new-id.ts";
import { type ReadLog, readLog, submitEntry } from "./server-contact.ts";

/** A device that may now open its replica. */
export interface Enrolled {
  identity: Identity;
  /** who uses it, where the invitation named somebody */
  staff: string | undefined;
  /** the authority log with the enrolment as its newest entry */
  authority: string[];
}

export type EnrolFault =
  | "code-malformed"
  | "words-malformed"
  /** wrong, used, expired: a server does not say which */
  | "not-accepted"
  | "nothing-to-replace"
  | "too-many-tries"
  | "forged-log"
  | "unexpected";

export interface EnrolDeps {
  api: ServerApi;
  signatures: Signatures;
  random: RandomSource;
  clock: Clock;
  deviceName: string;
  deviceSigner: Signer;
  /** the person's own key, where this device is to hold one */
  staffSigner?: Signer;
}

const triesMax = 5;

/** Enrols this device with a pairing code: the invitation says its store, ceiling and what it replaces. */
export async function enrolByCode(
  deps: EnrolDeps,
  typed: string,
): Promise<Result<Enrolled, EnrolFault>> {
  const code = readPairingCode(typed);
  if (!code) return refuse("code-malformed");
  const signer = pairingSigner(code);
  const key = { by: `invitation:${signer.publicKey}`, signer };
  return enrol(deps, key, (log) => {
    const invitation = log.state.invitations.get(signer.publicKey);
    if (!invitation || invitation.used) return undefined;
    const { store, ceiling, till, staff, replaces } = invitation;
    return { store, ceiling, till, staff, replaces };
  });
}

/** Enrols this device with the recovery card, as successor of a lost or wiped one where asked. */
export async function enrolByRecovery(
  deps: EnrolDeps,
  words: string,
  choose: (state: AuthorityState) => { replaces?: string | undefined; till: boolean } | undefined,
): Promise<Result<Enrolled, EnrolFault>> {
  const recovery = readRecoveryWords(words);
  if (!recovery) return refuse("words-malformed");
  const key = { by: "recovery", signer: recoverySigner(recovery) };
  return enrol(deps, key, ({ state }) => {
    if (state.recovery.sign !== recoveryPublic(recovery).sign) return undefined;
    const chosen = choose(state);
    if (!chosen) return undefined;
    const old = chosen.replaces === undefined ? undefined : state.devices.get(chosen.replaces);
    const owner = [...state.staff.values()][0];
    const store = old?.store ?? [...state.stores.keys()][0] ?? "";
    return {
      store,
      ceiling: "owner" as const,
      till: old?.till ?? chosen.till,
      staff: owner?.id,
      replaces: chosen.replaces,
    };
  });
}

interface Place {
  store: string;
  ceiling: "owner" | "manager" | "cashier" | "system";
  till: boolean;
  staff: string | undefined;
  replaces: string | undefined;
}

async function enrol(
  deps: EnrolDeps,
  key: AuthorityKey,
  placeIn: (log: ReadLog) => Place | undefined,
): Promise<Result<Enrolled, EnrolFault>> {
  const device = newId(deps.random);
  for (let tried = 0; tried < triesMax; tried++) {
    const log = await readLog(deps.api, key.signer, deps.signatures);
    if (!log.ok) return refuse(faultOf(log.refusal));
    const place = placeIn(log.value);
    if (!place) return refuse("not-accepted");
    const proposal = proposalOf(deps, device, place, log.value);
    const entry = await signEntry(log.value.state, proposal, [key], deps.clock.nowMs());
    const sequenced = await submitEntry(deps.api, entry);
    if (!sequenced.ok) {
      if (sequenced.refusal === "not-next" || sequenced.refusal === "cut-differs") continue;
      return refuse(faultOf(sequenced.refusal));
    }
    const { org } = log.value.state;
    return done({
      identity: { org, device, store: place.store },
      staff: place.staff,
      authority: [...log.value.texts, entry],
    });
  }
  return refuse("unexpected");
}

function proposalOf(
  { deviceName, deviceSigner, staffSigner }: EnrolDeps,
  device: string,
  { store, ceiling, till, staff, replaces }: Place,
  { heads }: ReadLog,
): AuthorityProposal {
  const own = heads.filter(([chain]) => deviceOfChain(chain) === replaces);
  const cut = Object.fromEntries(own.map(([chain, next, hash]) => [chain, { next, hash }]));
  return {
    kind: "DeviceEnrolled",
    body: {
      device,
      name: deviceName.trim().slice(0, 80) || device,
      key: deviceSigner.publicKey,
      store,
      ceiling: ceiling === "system" ? "cashier" : ceiling,
      till,
      staff,
      staffKey: staff === undefined ? undefined : staffSigner?.publicKey,
      replaces,
      cut: replaces === undefined ? undefined : cut,
    },
  };
}

function faultOf(code: string): EnrolFault {
  if (code === "too-many-tries" || code === "forged-log") return code;
  return code === "unexpected" ? "unexpected" : "not-accepted";
}
