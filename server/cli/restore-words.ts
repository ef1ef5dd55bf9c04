import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { formatYuan } from "../../shared/money/fen.ts";
import type { CarryOutRefusal } from "../restoring/carry-out.ts";
import type { MemberPreview, RestorePreview } from "../restoring/preview-restore.ts";
import type { RestorePlan } from "../restoring/restore-plan.ts";
import { failed, type Outcome } from "./outcome.ts";

const shownMost = 40;
const textMost = 200;

/** One line for whoever approves it; it stays in the authority log, so it names no member. */
export function wordsFor(
  { facts }: RestorePlan,
  { counts, money }: RestorePreview,
  authority: AuthorityState,
): string {
  const what = facts.undoes === undefined ? "还原到 to" : "撤销还原 undo the return to";
  const when = localTime(facts.time, authority.timeZone);
  const balances = `余额 balances ${signed(money.given)} / ${signed(0 - money.taken)}`;
  const text = `${what} ${when}（${scopeWords(facts.scope, authority)}）：${counts.members} 位会员 members，${balances}；${facts.reason}`;
  const plain = text.replace(/\p{C}/gu, "");
  // A character that the end would cut in two goes as well.
  return plain.slice(0, textMost).replace(/\p{Surrogate}$/u, "");
}

export function textOfPreview(
  { facts }: RestorePlan,
  preview: RestorePreview,
  authority: AuthorityState,
): string {
  const { counts, money, members, since, devices } = preview;
  const kinds = Object.entries(since.byKind).map(([kind, count]) => `${count} ${kind}`);
  return [
    `${facts.undoes === undefined ? "Back to" : "Undoing the return to"} ${localTime(facts.time, authority.timeZone)} (${facts.snapshot}), ${facts.scope}. Nothing was changed.`,
    `${counts.members} members change: ${counts.fields} fields, ${counts.hidden} no longer listed, ${counts.listed} listed again`,
    `balances: ${signed(money.given)} and ${signed(0 - money.taken)}, in sum ${signed(money.sum)}`,
    ...(money.disputed > 0
      ? [
          `¥${formatYuan(money.disputed)} of that lies in tills: it shows as disputed until they were in contact`,
        ]
      : []),
    ...members.slice(0, shownMost).map(lineOf),
    ...(members.length > shownMost ? [`  … and ${members.length - shownMost} more: --json`] : []),
    `recorded since: ${since.operations} operations${kinds.length > 0 ? ` (${kinds.join(", ")})` : ""}`,
    ...since.byAuthor.map(
      ({ device, staff, operations }) => `  ${device} ${staff === "" ? "-" : staff}: ${operations}`,
    ),
    "stay as they are: sales and takings; and whatever devices recorded that had not arrived here:",
    ...devices.map(
      ({ name, lastMs }) =>
        `  ${name}: last heard ${lastMs === undefined ? "never" : new Date(lastMs).toISOString()}`,
    ),
  ].join("\n");
}

function lineOf({ member, name, fields, listing, balance }: MemberPreview): string {
  const parts = [
    ...fields.map(({ field, now, restored }) => `${field}: ${quoted(now)} → ${quoted(restored)}`),
    ...(balance.now === balance.restored
      ? []
      : [`balance: ${formatYuan(balance.now)} → ${formatYuan(balance.restored)}`]),
    ...(listing ? [listing === "hidden" ? "no longer listed" : "listed again"] : []),
  ];
  return `  ${name ?? "(unreadable)"} ${member} · ${parts.join(" · ")}`;
}

const quoted = (value: string | undefined): string =>
  value === undefined ? "(unreadable)" : `“${value}”`;

const signed = (fen: number): string => `${fen < 0 ? "−" : "+"}¥${formatYuan(Math.abs(fen))}`;

function scopeWords(scope: string, { stores }: AuthorityState): string {
  if (scope === "all") return "全部 all";
  const [kind, id = ""] = [scope.slice(0, scope.indexOf(":")), scope.slice(scope.indexOf(":") + 1)];
  return kind === "store" ? (stores.get(id)?.name ?? id) : `会员 member ${id}`;
}

const localTime = (utc: string, timeZone: string): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" }).format(
    new Date(utc),
  );

export function refusalOf(refusal: CarryOutRefusal): Outcome {
  switch (refusal.code) {
    case "no-such-proposal":
      return failed(
        refusal.code,
        "There is no such proposal to restore: see `approve list --all`.",
      );
    case "not-approved":
      return failed(
        refusal.code,
        `It is not approved (${refusal.standing}): see \`approve list\`.`,
        {
          standing: refusal.standing,
        },
      );
    case "plan-missing":
    case "plan-changed":
      return failed(
        refusal.code,
        "The list that was approved is not on this server any more, or is another one. Withdraw it with `approve withdraw` and propose again.",
      );
    case "outdated":
      return failed(
        refusal.code,
        [
          "Nothing was changed: some of it was taken back meanwhile in another way, and would be taken back twice.",
          ...refusal.disturbances.map(({ kind, ref, member }) => `  ${kind} ${ref} ${member}`),
          "Withdraw it with `approve withdraw`, look at the preview and propose again.",
        ].join("\n"),
        { disturbances: refusal.disturbances },
      );
    case "no-version":
      return failed(
        refusal.code,
        "Nothing was changed: no version of what is there now could be taken first. See `verify`.",
      );
    case "not-used":
      return failed(refusal.why, `Nothing was changed: ${refusal.why}.`);
    case "broken-off":
      return failed(
        refusal.code,
        `Broken off (${refusal.why}): nothing of it counts, and the approval is used up. Propose again.`,
        { why: refusal.why },
      );
  }
}
