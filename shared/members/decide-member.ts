import { done, type Result, refuse } from "../outcome/result.ts";
import {
  fieldNameLengthMax,
  fieldsMax,
  type MemberFields,
  nameLengthMax,
  noFields,
  noteLengthMax,
} from "./member-fields.ts";

export type FieldRefusal =
  | { code: "name-or-contact-needed" }
  | { code: "field-too-long"; field: string; most: number }
  | { code: "phone-invalid"; phone: string }
  | { code: "birthday-invalid"; birthday: string };

const lengthMaxByField = new Map<string, number>([
  ["name", nameLengthMax],
  ["pinyin", 400],
  ["phone", 20],
  ["card", 40],
  ["note", noteLengthMax],
  ["address", 300],
]);
const otherLengthMax = 500;

/**
 * Fields as people type them → as they are kept: control characters out, spaces trimmed, width folded
 * in numbers. Markup is text like any other.
 */
export function tidyFields(typed: MemberFields): Result<Record<string, string>, FieldRefusal> {
  const fields = noFields();
  const entries = Object.entries(typed);
  if (entries.length > fieldsMax)
    return refuse({ code: "field-too-long", field: "", most: fieldsMax });
  for (const [field, raw] of entries) {
    // No object of everybody's takes this name for data.
    if (field === "__proto__") return refuse({ code: "field-too-long", field, most: 0 });
    if (field.length > fieldNameLengthMax)
      return refuse({ code: "field-too-long", field, most: fieldNameLengthMax });
    const value = tidyText(raw, field === "note");
    const most = lengthMaxByField.get(field) ?? otherLengthMax;
    if ([...value].length > most) return refuse({ code: "field-too-long", field, most });
    fields[field] = value;
  }
  if (fields["phone"]) {
    const phone = fields["phone"]
      .normalize("NFKC")
      .replace(/[\s\-()]/g, "")
      .replace(/^\+?86(?=1\d{10}$)/, "");
    if (!/^\+?\d{5,15}$/.test(phone))
      return refuse({ code: "phone-invalid", phone: fields["phone"] });
    fields["phone"] = phone;
  }
  if (fields["card"]) fields["card"] = fields["card"].normalize("NFKC").replace(/\s/g, "");
  if (fields["birthday"] && !isDate(fields["birthday"]))
    return refuse({ code: "birthday-invalid", birthday: fields["birthday"] });
  return done(fields);
}

/** A member needs a name, and a phone or a card to be found by. */
export function checkNewMember(fields: MemberFields): Result<void, FieldRefusal> {
  const reachable = Boolean(fields["phone"] || fields["card"]);
  return fields["name"] && reachable ? done(undefined) : refuse({ code: "name-or-contact-needed" });
}

function tidyText(raw: string, lines: boolean): string {
  const wellFormed = raw.replace(/\p{Surrogate}/gu, "\ufffd");
  const noControls = lines
    ? wellFormed.replace(/[^\P{Cc}\n]/gu, "")
    : wellFormed.replace(/\p{Cc}+/gu, " ");
  return noControls.replace(/[\u202a-\u202e\u2066-\u2069\u200b\ufeff]/gu, "").trim();
}

/** `yyyy-mm-dd`, or `mm-dd` without a year. */
function isDate(text: string): boolean {
  const match = /^(?:(\d{4})-)?(\d{2})-(\d{2})$/.exec(text);
  if (!match) return false;
  const [, year = "2000", month = "", day = ""] = match;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}
