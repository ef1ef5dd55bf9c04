import type { TFunction } from "i18next";
import { formatYuan } from "../../../shared/money/fen.ts";
import type { MemberView } from "../../../shared/replica/member-view.ts";
import { fieldText } from "../../i18n/refusal-text.ts";

const fields = ["name", "phone", "card", "gender", "birthday", "level", "address", "note"] as const;

/** Members with their balances for a spreadsheet: UTF-8 with a byte order mark, no formula runs. */
export function membersCsv(members: Iterable<MemberView>, t: TFunction): string {
  const heads = [
    ...fields.map((field) => fieldText(t, field)),
    t("member.principal"),
    t("member.bonus"),
    t("member.balance"),
  ];
  const lines = [...members].map((member) => [
    ...fields.map((field) => member.fields[field] ?? ""),
    formatYuan(member.principal).replaceAll(",", ""),
    formatYuan(member.bonus).replaceAll(",", ""),
    formatYuan(member.balance).replaceAll(",", ""),
  ]);
  return `\uFEFF${[heads, ...lines].map((cells) => cells.map(cell).join(",")).join("\r\n")}\r\n`;
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
