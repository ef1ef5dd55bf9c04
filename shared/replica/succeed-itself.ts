import type { AuthorityProposal } from "../access/authority-entry.ts";
import type { AuthorityState, Device } from "../access/authority-state.ts";
import { compareLogs } from "../access/compare-logs.ts";
import { signEntry } from "../access/sign-entry.ts";
import { authorityDocument } from "../documents/document-name.ts";
import { deviceOfChain } from "../journal/operation.ts";
import type { Clock, RandomSource, Signatures, Signer } from "../journal/ports.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import type { ServerApi } from "../sync/server-api.ts";
import type { DeviceReplica } from "./device-replica.ts";
import type { Identity } from "./device-replica-deps.ts";
import { newId } from "./new-id.ts";
import { ownNextSetting } from "./recorder.ts";
import { type ReadLog, readLog, submitEntry } from "./server-contact.ts";
import { ownShownSetting } from "./server-watch.ts";

/** Where a device keeps who it is. */
export interface SuccessionPort {
  /** the successor's key, made at the first call and the same until `adopt`; durable before this resolves */
  newSigner(): Promise<Signer>;
  /** that key, where it was made before: its entry may be in the log without our having heard of it */
  pendingSigner(): Promise<Signer | undefined>;
  /** from now on the device is this one; what it holds stays. The replica is opened anew afterwards. */
  adopt(identity: Identity & { staff?: string | undefined }, signer: Signer): Promise<void>;
}

export interface SucceedDeps {
  replica: DeviceReplica;
  api: ServerApi;
  signer: Signer;
  signatures: Signatures;
  clock: Clock;
  random: RandomSource;
  succession: SuccessionPort;
}

/** Settings that count what the old identity recorded; `adopt` removes them with it. */
export const forgetOwnHistory: Readonly<Record<string, undefined>> = {
  [ownNextSetting]: undefined,
  [ownShownSetting]: undefined,
};

const triesMost = 5;

/**
 * A device whose storage was copied, put back or partly lost goes on without anybody's help: its old
 * key vouches for a new identity with the same rights. What the old one recorded up to the cut counts;
 * its purse waits until somebody entitled has looked. The entry that says so is durable here before the
 * identity is taken: should the server die just then, somebody still holds it.
 * @throws Unreachable StoreFault
 */
export async function succeedItself(deps: SucceedDeps): Promise<Result<void, string>> {
  const { replica, api, clock, random, succession, signer } = deps;
  const next = await succession.newSigner();
  const device = newId(random);
  for (let tried = 0; tried < triesMost; tried++) {
    if (await adoptHeir(deps, next)) return done(undefined);
    const log = await takeLog(deps);
    if (!log.ok) return log;
    const { state } = log.value;
    const own = state.devices.get(replica.device);
    if (!own || own.closed?.by !== undefined || own.closed?.why === "revoked")
      return refuse("replaced");
    const proposal = proposalOf(log.value, own.closed !== undefined, {
      device,
      key: next.publicKey,
      replaces: own.id,
    });
    const keys = [{ by: `device:${own.id}`, signer }];
    const entry = await signEntry(state, proposal, keys, clock.nowMs());
    const sequenced = await submitEntry(api, entry);
    if (sequenced.ok) await replica.receive(authorityDocument, state.texts.length, [entry]);
    else if (sequenced.refusal !== "not-next" && sequenced.refusal !== "cut-differs")
      return sequenced;
  }
  return refuse("not-next");
}

/** Becomes whom our own copy of the log names in our place, where the key is ours. */
async function adoptHeir({ replica, succession }: SucceedDeps, next: Signer): Promise<boolean> {
  const heir = heirOf(replica, next);
  if (!heir) return false;
  const { id, store, staff } = heir;
  await succession.adopt({ org: replica.authority.org, device: id, store, staff }, next);
  return true;
}

/** The device that goes on in our place under this key, by our own copy of the log. */
export function heirOf(
  { authority: { devices }, device }: DeviceReplica,
  { publicKey }: Signer,
): Device | undefined {
  const heir = devices.get(devices.get(device)?.closed?.by ?? "");
  return heir?.key === publicKey && !heir.closed ? heir : undefined;
}

export interface TakenLog extends ReadLog {
  /** it was opened anew by the recovery key, and is now ours */
  isAdopted: boolean;
}

/**
 * Reads the log as the server has it, and keeps here what is new in it.
 * @returns `server-older` for one that parts from ours and that nobody opened anew
 */
export async function takeLog({
  replica,
  api,
  signer,
  signatures,
}: Pick<SucceedDeps, "replica" | "api" | "signer" | "signatures">): Promise<
  Result<TakenLog, string>
> {
  const log = await readLog(api, signer, signatures);
  if (!log.ok) return log;
  const { texts, state } = log.value;
  const { standing } = compareLogs(replica.authority, state);
  if (standing === "foreign") return refuse("forged-log");
  if (standing === "diverged" || standing === "superseded") return refuse("server-older");
  if (standing === "superseding")
    return done({ ...log.value, isAdopted: await replica.adoptLog(state) });
  const known = replica.documentLength(authorityDocument);
  const taken = await replica.receive(authorityDocument, known, texts.slice(known));
  return taken.ok ? done({ ...log.value, isAdopted: false }) : refuse("forged-log");
}

function proposalOf(
  { heads }: { heads: ReadLog["heads"]; state: AuthorityState },
  isFrozen: boolean,
  body: { device: string; key: string; replaces: string },
): AuthorityProposal {
  const own = heads.filter(([chain, next]) => deviceOfChain(chain) === body.replaces && next > 0);
  const cut = Object.fromEntries(own.map(([chain, next, hash]) => [chain, { next, hash }]));
  return { kind: "DeviceSucceeded", body: isFrozen ? body : { ...body, cut } };
}
