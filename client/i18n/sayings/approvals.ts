import { say } from "../say.ts";

/** What needs a second person. */
export const approvals = {
  title: say("审批", "Approvals"),
  note: say(
    "删旧备份、还原版本、更换备份位置，要由另一位店主或店长批准才会做。",
    "Removing old backups, restoring a version and changing where backups go are done only when another owner or manager approves.",
  ),
  none: say("没有等待审批的事项。", "Nothing waits for an approval."),
  badge: say("{{n}} 项待审批", "{{n}} to approve"),
  wait: say("有 {{n}} 件事等您批准或撤回。", "To be approved or withdrawn by you: {{n}}."),
  look: say("去审批", "To approvals"),
  row: say("{{n}} 项等您处理", "{{n}} wait for you"),
  acts: {
    "restore-version": say("还原到旧版本", "Restore an earlier version"),
    "prune-backups": say("删除旧备份", "Remove old backups"),
    "change-targets": say("更换备份位置", "Change where backups go"),
    "replace-recovery-key": say("更换恢复卡", "Replace the recovery card"),
  },
  words: {
    restore: say("回到 {{when}} 的样子（{{whose}}）", "Back to how it was at {{when}} ({{whose}})"),
    "undo-restore": say(
      "撤销“回到 {{when}}”（{{whose}}）",
      "Undo the return to {{when}} ({{whose}})",
    ),
    all: say("全部会员", "all members"),
    member: say("会员“{{name}}”", "the member “{{name}}”"),
    balances: say(
      "{{n}} 位会员会变：余额加回 ¥{{given}}，减去 ¥{{taken}}。",
      "Members that change: {{n}}. Balances gain ¥{{given}} and lose ¥{{taken}}.",
    ),
    sameBalances: say(
      "{{n}} 位会员会变，余额都不变。",
      "Members that change: {{n}}. No balance changes.",
    ),
    reason: say("原因：{{reason}}", "Why: {{reason}}"),
    target: {
      add: say("添加备份位置：{{what}}", "Add a place of backups: {{what}}"),
      change: say("更改备份位置：{{what}}", "Change a place of backups: {{what}}"),
      remove: say("移除备份位置：{{what}}", "Remove a place of backups: {{what}}"),
    },
    prune: say("{{place}}：{{n}} 份备份，{{days}}", "{{place}}: {{n}} backups, {{days}}"),
  },
  by: say("{{who}} 提出，{{when}}", "Proposed by {{who}}, {{when}}"),
  server: say("服务器管理员", "the server's admin"),
  card: say("恢复卡", "the recovery card"),
  approvedBy: say("{{who}} 已批准，{{when}}", "Approved by {{who}}, {{when}}"),
  standing: {
    "waiting-for-person": say("等另一位店主或店长批准。", "Waits for another owner or manager."),
    "waiting-you": say(
      "等您批准。不清楚为什么要做的话，先别批准，问一问。",
      "Waits for you. Where you do not know why it is to be done, ask before you approve.",
    ),
    "waiting-own": say(
      "是您提出的，要由另一位店主或店长批准。",
      "You proposed it: another owner or manager has to approve.",
    ),
    "waiting-card": say(
      "店里没有第二位可以批准的人：请服务器管理员用恢复卡批准，24 小时后生效。",
      "Nobody else can approve here: the server's admin approves with the recovery card, and it counts 24 hours later.",
    ),
    "waiting-until": say(
      "只用恢复卡批准，{{until}} 起就能执行。不是您本意的话，请立即撤回。",
      "Approved with the recovery card alone: it can be done from {{until}} on. Withdraw it now if you do not want that.",
    ),
    approved: say(
      "已批准，服务器管理员现在可以执行。",
      "Approved; the server's admin can do it now.",
    ),
    done: say("已执行", "Done"),
    withdrawn: say("已撤回", "Withdrawn"),
    lapsed: say(
      "已失效：提出或批准的人不再有权，或服务器已更换。",
      "Lapsed: who proposed or approved it may no longer do so, or the server was replaced.",
    ),
  },
  approve: say("批准", "Approve"),
  withdraw: say("撤回", "Withdraw"),
  approved: say("已批准。", "Approved."),
  withdrawn: say("已撤回，不会执行。", "Withdrawn: it is not done."),
  notYours: say(
    "店主和店长用自己的设备才能批准或撤回。",
    "Owners and managers approve and withdraw on devices of their own.",
  ),
  before: say("以前的", "Earlier"),
} as const;
