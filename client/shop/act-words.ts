/**
 * What an act is, taken from the one line of its proposal, so that everybody reads it in his language.
 * The line is signed and stays as it is; one of another shape is shown as it stands.
 */
export type ActWords =
  | {
      is: "restore" | "undo-restore";
      /** local time of the version, as minutes */
      when: string;
      scope: { is: "all" } | { is: "store"; name: string } | { is: "member"; id: string };
      /** how many change */
      members: string;
      /** yuan, without a sign: what balances gain and lose */
      given: string;
      taken: string;
      reason: string;
    }
  | { is: "target"; how: "add" | "change" | "remove"; what: string }
  | { is: "prune"; place: string; count: string; days: string }
  | { is: "other"; text: string };

const restore =
  /^(还原到 to|撤销还原 undo the return to) (\S+ \S+)（(.+?)）：(\d+) 位会员 members，余额 balances [+−]¥([\d,.]+) \/ [+−]¥([\d,.]+)；(.*)$/u;
const target = /^(?:添加|更改|移除)备份位置 (add|change|remove)：(.+)$/u;
const prune = /^(.+)：(\d+) 份备份 backups，(.+)$/u;

export function actWords(text: string): ActWords {
  const [, verb, when = "", scope = "", members = "", given = "", taken = "", reason = ""] =
    restore.exec(text) ?? [];
  if (verb !== undefined) {
    const is = verb.startsWith("还原") ? "restore" : "undo-restore";
    return { is, when, scope: scopeOf(scope), members, given, taken, reason };
  }
  const [, how, what = ""] = target.exec(text) ?? [];
  if (how === "add" || how === "change" || how === "remove") return { is: "target", how, what };
  const [, place, count = "", days = ""] = prune.exec(text) ?? [];
  if (place !== undefined) return { is: "prune", place, count, days };
  return { is: "other", text };
}

function scopeOf(words: string) {
  if (words === "全部 all") return { is: "all" } as const;
  const member = /^会员 member (.+)$/u.exec(words)?.[1];
  return member === undefined
    ? ({ is: "store", name: words } as const)
    : ({ is: "member", id: member } as const);
}
