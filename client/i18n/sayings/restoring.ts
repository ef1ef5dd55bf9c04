import { say } from "../say.ts";

/** What going back to a version did to a member. */
export const restoring = {
  to: say("还原到 {{when}} 的版本", "Restored to the version of {{when}}"),
  undone: say("撤销还原（{{when}} 的版本）", "Return to the version of {{when}} undone"),
  hidden: say("不再列出：那时还没有这位会员", "No longer listed: was no member then"),
  listed: say("重新列出", "Listed again"),
} as const;
