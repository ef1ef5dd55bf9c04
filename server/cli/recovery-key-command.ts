import { resolve } from "node:path";
import type { Command } from "commander";
import { readEntry } from "../../shared/access/authority-entry.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import type { Proposal } from "../../shared/access/proposal.ts";
import { openProposals } from "../../shared/access/proposals.ts";
import {
  newRecoveryKey,
  recoveryPublic,
  recoverySigner,
  recoveryWords,
} from "../../shared/access/recovery-key.ts";
import { subjectOfReplacement } from "../../shared/access/replace-recovery.ts";
import { newId } from "../../shared/replica/new-id.ts";
import { sequenceSigned } from "../relay/sequence-signed.ts";
import { cardIn } from "./approve-command.ts";
import { type CommandArgs, type DataCommand, textArg } from "./data-command.ts";
import { failed, finished } from "./outcome.ts";

/**
 * A new card in the old one's name: the owner agrees in the app, and it counts. Without the old card it
 * is the owner who begins, in the app, because the server has no person.
 */
const replaceKey: DataCommand = async (context, args) => {
  const { data, platform } = context;
  const { authority } = data.relay;
  if (!authority) return noShop;
  const card = await cardIn(context, authority, textArg(args, "recoveryKeyFile") ?? "");
  if ("exit" in card) return card;
  const fresh = newRecoveryKey(platform.random);
  const recovery = recoveryPublic(fresh);
  const proposal = newId(platform.random);
  const subject = subjectOfReplacement(recovery);
  const text = `新恢复卡 new recovery card · ${new Date(platform.clock.nowMs()).toISOString().slice(0, 10)}`;
  const act = "replace-recovery-key" as const;
  const body = { proposal, act, subject, text, recovery };
  const keys = [card, { by: "recovery", signer: recoverySigner(fresh) }];
  const nowMs = platform.clock.nowMs();
  const proposed = await sequenceSigned(data.relay, { kind: "ActProposed", body }, keys, nowMs);
  if (!proposed.ok) return failed(proposed.refusal, `Nothing was written: ${proposed.refusal}.`);
  const words = { zh: recoveryWords(fresh, "zh"), en: recoveryWords(fresh, "en") };
  return finished(
    { proposal, recoveryKey: words },
    [
      "New recovery key: write it down and keep it away from this machine. It is not shown again.",
      `  ${words.zh.join(" ")}`,
      `  ${words.en.join(" ")}`,
      "",
      "It counts as soon as the owner approves in the app (设置 → 审批). Until then the old card counts:",
      "keep both. Then run `backup run`: the next backup on each target is a full one for the new card.",
      "What was backed up before stays readable with the old card only.",
    ].join("\n"),
  );
};

const keyStatus: DataCommand = async (context, args) => {
  const { authority } = context.data.relay;
  if (!authority) return noShop;
  const file = textArg(args, "recoveryKeyFile");
  const shown = {
    cards: authority.recoveries.length,
    since: writtenAt(authority, authority.recoveries.at(-1)?.since ?? 0),
    waiting: openProposals(authority)
      .filter(isReplacement)
      .map(({ id }) => id),
  };
  const text = [
    `The recovery card in force is number ${shown.cards}, since ${shown.since}.`,
    ...shown.waiting.map((id) => `A new one was proposed: ${id}; see \`approve list\`.`),
  ];
  if (file === undefined) return finished(shown, text.join("\n"));
  const card = await cardIn(context, authority, file);
  if ("exit" in card) return card;
  return finished({ ...shown, isInForce: true }, [...text, "These are its words."].join("\n"));
};

const isReplacement = ({ act }: Proposal): boolean => act === "replace-recovery-key";

const writtenAt = ({ texts }: AuthorityState, seq: number): string =>
  new Date(readEntry(texts[seq] ?? "")?.at ?? 0).toISOString();

const noShop = failed("not-founded", "There is no organisation yet.");

export const recoveryKeyCommands: Readonly<Record<string, DataCommand>> = {
  "recovery-key replace": replaceKey,
  "recovery-key status": keyStatus,
};

export function describeRecoveryKey(
  program: Command,
  folder: string,
  onData: (name: string) => (args: CommandArgs) => Promise<void>,
): void {
  const key = program.command("recovery-key").description("the owner's recovery card");
  const withKey = ({ recoveryKeyFile }: { recoveryKeyFile?: string }) =>
    recoveryKeyFile === undefined ? {} : { recoveryKeyFile: resolve(folder, recoveryKeyFile) };
  key
    .command("replace")
    .description("make a new one with the old one; the owner approves it in the app")
    .requiredOption("--recovery-key-file <file>", "file with the old card's twelve words")
    .action(async (options: { recoveryKeyFile: string }) =>
      onData("recovery-key replace")(withKey(options)),
    );
  key
    .command("status")
    .description("since when the card counts, and whether a new one waits for approval")
    .option("--recovery-key-file <file>", "are these words the card that counts?")
    .action(async (options: { recoveryKeyFile?: string }) =>
      onData("recovery-key status")(withKey(options)),
    );
}
