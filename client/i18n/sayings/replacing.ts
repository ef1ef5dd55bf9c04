import { say } from "../say.ts";

/** A new recovery card in the place of the one before. */
export const replacing = {
  title: say("恢复卡", "Recovery card"),
  inForce: say("现在用的是第 {{n}} 张，{{when}} 起生效。", "Card {{n}} counts, since {{when}}."),
  what: say(
    "卡丢了、可能被人看过，就换一张。新卡生效后，旧卡开不了店，只能打开换卡以前的备份。",
    "Replace it when it is lost, or somebody may have seen it. From then on the old card opens nothing but backups from before.",
  ),
  begin: say("更换恢复卡", "Replace the card"),
  notYours: say(
    "店主和店长用自己的设备才能换卡。",
    "Owners and managers replace it on a device of their own.",
  ),
  cardTitle: say("新的恢复卡", "New recovery card"),
  cardLead: say(
    "请打印或抄写，锁进保险柜。它只显示这一次。生效以前旧卡仍然有用，两张都收好。",
    "Print or copy it and lock it away. It is shown only now. Until it counts the old card does: keep both.",
  ),
  cancel: say("先不换", "Not now"),
  waiting: say("新卡已核对，还没有生效", "The new card was checked and does not count yet"),
  alone: say(
    "有旧卡：填在下面，新卡立即生效。没有旧卡：{{until}} 自动生效，期间在“审批”里可以撤回。",
    "With the old card: type it below, and the new one counts at once. Without: it counts from {{until}}; until then it can be withdrawn under Approvals.",
  ),
  aloneSoon: say(
    "有旧卡：填在下面，新卡立即生效。没有旧卡：24 小时后自动生效，期间在“审批”里可以撤回。",
    "With the old card: type it below, and the new one counts at once. Without: it counts in 24 hours; until then it can be withdrawn under Approvals.",
  ),
  others: say(
    "等另一位店主或店长在“审批”里批准。店主手里有旧卡的，填在下面，立即生效。",
    "Another owner or manager approves it under Approvals. An owner who has the old card types it below, and it counts at once.",
  ),
  managers: say(
    "没有店主参与：批准后 24 小时生效，店主、店长和旧卡都能撤回。",
    "No owner had a part in it: it counts 24 hours after the approval, and owners, managers and the old card can stop it.",
  ),
  oldWords: say("旧恢复卡上的 12 个字", "The twelve words of the old card"),
  oldHint: say("汉字或英文都可以，空格可有可无", "Hanzi or English, in their order"),
  withOld: say("用旧卡确认", "Confirm with the old card"),
  malformed: say(
    "这不是恢复卡上的 12 个字，请对着卡再填。",
    "These are not twelve words of a card. Look at it and type them again.",
  ),
  notTheCard: say(
    "这不是现在有效的那张卡。请找最近一次更换时打印的那张。",
    "That is not the card that counts. Look for the one that was printed last.",
  ),
  toApprovals: say("去审批", "To Approvals"),
  done: say(
    "新卡已生效。下一次备份是给新卡的完整备份；备好以前，旧卡不要销毁。",
    "The new card counts. The next backup is a full one for it; do not destroy the old card before that is there.",
  ),
  standing: {
    "waiting-for-person": say("等另一位店主或店长批准。", "Waits for another owner or manager."),
    "waiting-you": say(
      "等您批准。先当面问清楚新卡在谁手里，再批准。",
      "Waits for you. Ask in person who has the new card before you approve.",
    ),
    "waiting-own": say(
      "是您提出的，要由另一位店主或店长批准，或用旧卡确认。",
      "You proposed it: another owner or manager approves, or the old card.",
    ),
    "waiting-card": say(
      "店主可以用旧卡确认；没有旧卡，服务器在线时会开始 24 小时等待。",
      "The owner confirms with the old card; without it the server begins a wait of 24 hours.",
    ),
    "waiting-until": say(
      "{{until}} 起新卡生效，旧卡作废。不是您本意的话，请立即撤回。",
      "From {{until}} on the new card counts and the old one does not. Withdraw it now if you do not want that.",
    ),
    approved: say("已批准，马上生效。", "Approved; it counts in a moment."),
    done: say("已生效", "In force"),
    withdrawn: say("已撤回，旧卡仍然有效", "Withdrawn: the old card counts"),
    lapsed: say("已失效，旧卡仍然有效", "Lapsed: the old card counts"),
  },
} as const;
