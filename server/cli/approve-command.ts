import { resolve } from "node:path";
import type { Command } from "commander";
import { type AuthorityState, isKnownRecovery } from "../../shared/access/authority-state.ts";
import { isRecoveryKeyOf } from "../../shared/access/open-next-term.ts";
import type { Approver, Proposal } from "../../shared/access/proposal.ts";
import { cardWaitMs, openProposals, standingOf } from "../../shared/access/proposals.ts";
import {
  type RecoveryKey,
  readRecoveryWords,
  recoveryPublic,
  recoverySigner,
} from "../../shared/access/recovery-key.ts";
import type { AuthorityKey } from "../../shared/access/sign-entry.ts";
import { fromUtf8 } from "../../shared/journal/bytes.ts";
import { settleReplacements, waitingAlarm } from "../relay/replace-recovery.ts";
import { sequenceSigned } from "../relay/sequence-signed.ts";
import { readFile } from "../storage/whole-files.ts";
import { type CommandArgs, type DataCommand, type DataContext, textArg } from "./data-command.ts";
import { failed, finished, type Outcome } from "./outcome.ts";

/** All acts that need another person, the newest last. */
const approveList: DataCommand = async (context, args) => {
  const { authority } = context.data.relay;
  if (!authority) return noShop;
  const known = args["all"] === true ? [...authority.proposals.values()] : openProposals(authority);
  const proposals = known.map((proposal) => shown(context, authority, proposal));
  const lines = proposals.map(lineOf);
  return finished({ proposals }, lines.join("\n") || "Nothing waits for an approval.");
};

/**
 * With the card, which counts a day later, and at once where an owner wants another card; a person
 * approves on a device of their own.
 */
const approveGive: DataCommand = async (context, args) => {
  const { data, platform } = context;
  const { authority } = data.relay;
  if (!authority) return noShop;
  const proposal = authority.proposals.get(textArg(args, "proposal") ?? "");
  if (!proposal) return noSuchProposal;
  const card = await cardIn(context, authority, textArg(args, "recoveryKeyFile") ?? "");
  if ("exit" in card) return card;
  const nowMs = platform.clock.nowMs();
  if (proposal.act === "replace-recovery-key") return giveUpCard(context, proposal, card);
  const body = { proposal: proposal.id, until: nowMs + cardWaitMs };
  const keys = [card, serverKey(context)];
  const given = await sequenceSigned(data.relay, { kind: "ActApproved", body }, keys, nowMs);
  if (!given.ok) return refusalOf(given.refusal);
  const until = new Date(body.until).toISOString();
  // A running server says so by itself, and again every day.
  if (!context.running) data.alarm(waitingAlarm(proposal, body.until));
  return finished(
    { approved: proposal.id, until },
    `${proposal.text}\nApproved with the recovery key; it counts from ${until} on. Until it is done anybody entitled can withdraw it.`,
  );
};

/** The old card agrees that another one takes its place. */
async function giveUpCard(
  context: DataContext,
  proposal: Proposal,
  card: AuthorityKey,
): Promise<Outcome> {
  const { data, platform } = context;
  const { relay, alarm } = data;
  const nowMs = platform.clock.nowMs();
  const entry = { kind: "ActApproved", body: { proposal: proposal.id } } as const;
  const given = await sequenceSigned(relay, entry, [card], nowMs);
  if (!given.ok) return refusalOf(given.refusal);
  const replaced = await settleReplacements({ relay, key: serverKey(context), alarm, nowMs });
  return finished(
    { approved: proposal.id, replaced: replaced.includes(proposal.id) },
    replaced.includes(proposal.id)
      ? "The new recovery card is in force; this one opens only what was backed up before. Run `backup run` now."
      : "Approved. No owner has a part in it: it counts 24 hours from now, and can be withdrawn until then.",
  );
}

const approveWithdraw: DataCommand = async (context, args) => {
  const { data, platform } = context;
  const { authority } = data.relay;
  if (!authority) return noShop;
  const proposal = authority.proposals.get(textArg(args, "proposal") ?? "");
  if (!proposal) return noSuchProposal;
  const file = textArg(args, "recoveryKeyFile");
  const key = file === undefined ? serverKey(context) : await cardIn(context, authority, file);
  if ("exit" in key) return key;
  const body = { proposal: proposal.id };
  const nowMs = platform.clock.nowMs();
  const withdrawn = await sequenceSigned(data.relay, { kind: "ActWithdrawn", body }, [key], nowMs);
  if (!withdrawn.ok) return refusalOf(withdrawn.refusal);
  return finished({ withdrawn: proposal.id }, `${proposal.text}\nWithdrawn: nothing is done.`);
};

export const approveCommands: Readonly<Record<string, DataCommand>> = {
  "approve list": approveList,
  "approve give": approveGive,
  "approve withdraw": approveWithdraw,
};

/** This server's own name and key. */
export const serverKey = ({ data }: Pick<DataContext, "data">): AuthorityKey => ({
  by: `device:${data.identity.device}`,
  signer: data.identity.signer,
});

/** For the server's status: what counts soon though nobody but the card has approved it. */
export function approvalLines(authority: AuthorityState, nowMs: number): string[] {
  return openProposals(authority).map((proposal) => {
    const standing = standingOf(authority, proposal, nowMs);
    const until = standing.is === "waiting-until" ? ` ${iso(standing.untilMs)}` : "";
    return `APPROVAL ${standing.is}${until}: ${proposal.text} (${proposal.id})`;
  });
}

function shown({ platform }: DataContext, authority: AuthorityState, proposal: Proposal) {
  const { id, act, subject, text, atMs, by, approval } = proposal;
  const standing = standingOf(authority, proposal, platform.clock.nowMs());
  return {
    id,
    act,
    subject,
    text,
    proposedBy: nameOf(authority, by),
    proposed: iso(atMs),
    approvedBy: approval && nameOf(authority, approval.by),
    standing: standing.is,
    until: standing.is === "waiting-until" ? iso(standing.untilMs) : undefined,
  };
}

const lineOf = ({ id, text, standing, until, proposedBy, proposed }: ReturnType<typeof shown>) =>
  `${id} · ${standing}${until === undefined ? "" : ` ${until}`} · ${text} · proposed by ${proposedBy} ${proposed}`;

const nameOf = ({ staff }: AuthorityState, by: Approver): string =>
  typeof by === "string" ? by : (staff.get(by.staff)?.name ?? by.staff);

const iso = (ms: number): string => new Date(ms).toISOString();

export async function cardIn(
  { platform }: DataContext,
  authority: AuthorityState,
  path: string,
): Promise<AuthorityKey | Outcome> {
  const key = await wordsIn(platform, path);
  if (!key)
    return failed("recovery-key-malformed", "That file holds no recovery key: twelve words.");
  if (isKnownRecovery(authority, recoveryPublic(key).sign) && !isRecoveryKeyOf(authority, key))
    return failed(
      "replaced-key",
      "This card was replaced: it opens only what was backed up before.",
    );
  if (!isRecoveryKeyOf(authority, key))
    return failed("wrong-key", "These words are another shop's recovery key.");
  return { by: "recovery", signer: recoverySigner(key) };
}

async function wordsIn(
  { files }: DataContext["platform"],
  path: string,
): Promise<RecoveryKey | undefined> {
  try {
    const bytes = await readFile(files, path);
    return bytes && readRecoveryWords(fromUtf8(bytes));
  } catch {
    return undefined;
  }
}

const noShop = failed("not-founded", "There is no organisation yet.");
const noSuchProposal = failed("no-such-proposal", "There is no such proposal: see `approve list`.");

function refusalOf(code: string): Outcome {
  const words: Readonly<Record<string, string>> = {
    "already-used": "It was approved, withdrawn or done already: see `approve list --all`.",
    "not-entitled":
      "Not allowed: another person is there to approve it, or who proposed it may not do so any more.",
  };
  return failed(code, words[code] ?? `Nothing was written: ${code}.`);
}

export function describeApprovals(
  program: Command,
  folder: string,
  onData: (name: string) => (args: CommandArgs) => Promise<void>,
): void {
  const approve = program.command("approve").description("acts that need a second person");
  const withKey = ({ recoveryKeyFile }: KeyOption) =>
    recoveryKeyFile === undefined ? {} : { recoveryKeyFile: resolve(folder, recoveryKeyFile) };
  approve
    .command("list")
    .description("what waits, for whom, since when and until when")
    .option("--all", "also what was done or withdrawn")
    .action(onData("approve list"));
  approve
    .command("give <proposal>")
    .description(
      "approve with the recovery key: it counts 24 hours later, and for a new card at once",
    )
    .requiredOption("--recovery-key-file <file>", "file with the twelve words")
    .action(async (proposal: string, options: KeyOption) =>
      onData("approve give")({ proposal, ...withKey(options) }),
    );
  approve
    .command("withdraw <proposal>")
    .description("withdraw what this server proposed; with the recovery key whatever was proposed")
    .option("--recovery-key-file <file>", "file with the twelve words")
    .action(async (proposal: string, options: KeyOption) =>
      onData("approve withdraw")({ proposal, ...withKey(options) }),
    );
}

interface KeyOption {
  recoveryKeyFile?: string;
}
