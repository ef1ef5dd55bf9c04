import type { Act, Proposal } from "../../shared/access/proposal.ts";
import { standingOf } from "../../shared/access/proposals.ts";
import type { AuthorityKey } from "../../shared/access/sign-entry.ts";
import { hashText } from "../../shared/journal/bytes.ts";
import { type CanonicalValue, canonicalJson } from "../../shared/journal/canonical-json.ts";
import type { RandomSource } from "../../shared/journal/ports.ts";
import { newId } from "../../shared/replica/new-id.ts";
import type { Relay } from "../relay/relay.ts";
import { sequenceSigned } from "../relay/sequence-signed.ts";
import type { ServerBackups } from "./server-backups.ts";
import { withoutSecrets } from "./system-archive.ts";
import type { PendingChange, TargetChange } from "./target-store.ts";

export interface ChangingDeps {
  relay: Pick<Relay, "authority" | "ledger" | "sequence">;
  backups: Pick<ServerBackups, "targets" | "pending" | "keepPending" | "apply">;
  /** this server's own name and key */
  key: AuthorityKey;
  random: RandomSource;
  nowMs: number;
}

const act: Act = "change-targets";

/** A change as it is to be proposed; nothing is kept of it yet. */
export interface DraftedChange extends PendingChange {
  subject: string;
  /** one line for whoever approves it, without passwords */
  text: string;
}

/** @param name of the target as it is known now */
export function draftChange(
  change: TargetChange,
  { random, name }: { random: RandomSource; name: string },
): DraftedChange {
  const salt = newId(random);
  const drafted = { proposal: newId(random), salt, change };
  return { ...drafted, subject: subjectOf(drafted), text: wordsFor(name, change) };
}

/** Keeps what waits for an approval, with its passwords sealed; what came to nothing goes. */
export async function keepDrafted(
  { backups, relay }: ChangingDeps,
  { proposal, salt, change }: PendingChange,
): Promise<void> {
  const { authority } = relay;
  const isOpen = (known: PendingChange) => {
    const before = authority?.proposals.get(known.proposal);
    return before && before.doneMs === undefined && before.withdrawnMs === undefined;
  };
  const open = (await backups.pending()).filter(isOpen);
  await backups.keepPending([...open.slice(-pendingMost), { proposal, salt, change }]);
}

const pendingMost = 50;

/** The server asks in its own name; then one person is enough. @returns why it could not */
export async function proposeChange(
  deps: ChangingDeps,
  drafted: DraftedChange,
): Promise<string | undefined> {
  await keepDrafted(deps, drafted);
  const { proposal, subject, text } = drafted;
  const entry = { kind: "ActProposed", body: { proposal, act, subject, text } } as const;
  const proposed = await sequenceSigned(deps.relay, entry, [deps.key], deps.nowMs);
  return proposed.ok ? undefined : proposed.refusal;
}

/** What was done, or why it could not be done any more. */
export interface CarriedOut {
  proposal: string;
  change: TargetChange;
  refusal: string | undefined;
}

/**
 * Does every change that was approved. The approval is used up first: broken off between the two,
 * nothing is changed, and somebody has to approve again.
 */
export async function carryOutChanges(deps: ChangingDeps): Promise<CarriedOut[]> {
  const carried: CarriedOut[] = [];
  for (const pending of await deps.backups.pending()) {
    const { authority } = deps.relay;
    const proposal = authority?.proposals.get(pending.proposal);
    if (!authority || !proposal || !isFor(proposal, pending)) continue;
    if (standingOf(authority, proposal, deps.nowMs).is !== "approved") continue;
    const done = { kind: "ActDone", body: { proposal: proposal.id } } as const;
    const used = await sequenceSigned(deps.relay, done, [deps.key], deps.nowMs);
    if (!used.ok) continue;
    const { change } = pending;
    const applied = await deps.backups.apply(change);
    const refusal = applied.ok ? undefined : applied.refusal;
    carried.push({ proposal: proposal.id, change, refusal });
  }
  const gone = new Set(carried.map(({ proposal }) => proposal));
  if (gone.size > 0)
    await deps.backups.keepPending(
      (await deps.backups.pending()).filter(({ proposal }) => !gone.has(proposal)),
    );
  return carried;
}

const isFor = (proposal: Proposal, pending: PendingChange): boolean =>
  proposal.act === act && proposal.subject === subjectOf(pending);

const subjectOf = ({ salt, change }: PendingChange): string => {
  const bound = JSON.parse(JSON.stringify({ salt, change })) as CanonicalValue;
  return hashText(`youbei-target-v1\n${canonicalJson(bound)}`);
};

function wordsFor(name: string, change: TargetChange): string {
  const verb = {
    add: "添加备份位置 add",
    change: "更改备份位置 change",
    remove: "移除备份位置 remove",
  }[change.do];
  const where = change.do === "remove" ? "" : ` · ${placeOf(change.record.settings)}`;
  return `${verb}：${name}${where}`.replace(/\p{C}/gu, "").slice(0, 200);
}

/** Where it points, as it may be read by everybody. */
export function placeOf(settings: Parameters<typeof withoutSecrets>[0]): string {
  const { kind, path, url, endpoint, bucket, host, folder } = withoutSecrets(settings);
  const parts = [path, url, endpoint, bucket, host, folder].filter((part) => part !== undefined);
  return [kind, ...parts].join(" ");
}
