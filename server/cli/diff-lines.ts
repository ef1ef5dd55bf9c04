import { formatYuan } from "../../shared/money/fen.ts";
import type { Change, DoneBy, NamedMember, VersionDiff } from "../snapshots/diff-versions.ts";

/** Who is who, by the newer of the two versions. */
export interface Names {
  device(id: string): string;
  staff(id: string): string;
  store(id: string): string;
}

const shownMost = 20;

/** What two versions differ in, for people who read either language. */
export function diffLines(diff: VersionDiff, names: Names): string[] {
  const { members, balances, since, missing, rights, counts, trialBalance, owed, disputed } = diff;
  if (diff.isSame) return ["完全相同 they hold the same"];
  return [
    `欠会员 owed to members: ${yuanChange(owed)}`,
    ...(disputed[0] === disputed[1] ? [] : [`有争议 disputed: ${yuanChange(disputed)}`]),
    ...section("数量 counts", Object.entries(counts), ([name, [was, is]]) => {
      return `${countNames[name] ?? name}: ${was} → ${is} (${signed(is - was)})`;
    }),
    ...section("试算 trial balance", Object.entries(trialBalance), ([account, change]) => {
      return `${account}: ${yuanChange(change)}`;
    }),
    ...section("新会员 members added", members.added, nameOf),
    ...section("不在了 members gone", members.gone, nameOf),
    ...section("已抹去 members erased", members.erased, nameOf),
    ...section("改了资料 members changed", members.changed, (member) => {
      const fields = member.fields.map(
        ({ field, was, is }) => `${field} ${was ?? "–"} → ${is ?? "–"}`,
      );
      return `${nameOf(member)}: ${fields.join("; ")}`;
    }),
    ...section("余额 balances", balances, (member) => {
      const [was, is] = [0, 1].map((at) => (member.principal[at] ?? 0) + (member.bonus[at] ?? 0));
      return `${nameOf(member)}: ${yuanChange([was ?? 0, is ?? 0])}`;
    }),
    ...section("其间所做 done in between", since, (done) => doneLine(done, names)),
    ...section("只在前者 only in the first", missing, (done) => doneLine(done, names)),
    ...section("权限变更 changes of rights", Object.entries(rights), ([kind, count]) => {
      return `${kind} × ${count}`;
    }),
  ];
}

function section<Row>(title: string, rows: readonly Row[], line: (row: Row) => string): string[] {
  if (rows.length === 0) return [];
  const more = rows.length - shownMost;
  return [
    `${title} (${rows.length})`,
    ...rows.slice(0, shownMost).map((row) => `  ${line(row)}`),
    ...(more > 0 ? [`  …… 还有 ${more} 项，见 and ${more} more, see --json`] : []),
  ];
}

const nameOf = ({ member, name }: NamedMember): string =>
  name === undefined ? member : `${name.replace(/\p{C}/gu, "")} (${member})`;

const doneLine = (
  { kind, store, device, staff, count, firstMs, lastMs }: DoneBy,
  names: Names,
): string => {
  const who = [names.store(store), names.device(device), ...(staff ? [names.staff(staff)] : [])];
  return `${kindNames[kind] ?? kind} × ${count} · ${who.join(" · ")} · ${timeOf(firstMs)} – ${timeOf(lastMs)}`;
};

const timeOf = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace("T", " ");

const yuanChange = ([was, is]: Change<number>): string =>
  `¥${formatYuan(was)} → ¥${formatYuan(is)} (${is >= was ? "+" : "-"}${formatYuan(Math.abs(is - was))})`;

const signed = (count: number): string => (count > 0 ? `+${count}` : String(count));

const countNames: Readonly<Record<string, string>> = {
  operations: "操作 operations",
  members: "会员 members",
  lots: "充值批 lots",
  sales: "消费 sales",
  oldPurchases: "旧消费 old purchases",
  waiting: "等待 waiting",
  quarantined: "隔离 quarantined",
  refused: "不计 refused",
  apart: "另一段历史 apart",
};

const kindNames: Readonly<Record<string, string>> = {
  MemberAdded: "新增会员 member added",
  MemberEdited: "修改会员 member edited",
  ToppedUp: "充值 topped up",
  OpeningBalanceImported: "导入余额 opening balance",
  ValueMoved: "余额移动 value moved",
  LotsVoided: "作废充值 lots voided",
  SaleRecorded: "消费 sale",
  OperationReversed: "撤销 reversal",
  ImportOpened: "导入开始 import opened",
  PurchasesImported: "导入旧消费 old purchases",
  ImportClosed: "导入完成 import closed",
  ImportUndone: "撤回导入 import undone",
  RestoreOpened: "还原开始 restore opened",
  MemberRestored: "还原会员 member restored",
  RestoreClosed: "还原完成 restore closed",
  DisputeSettled: "争议结清 dispute settled",
};
