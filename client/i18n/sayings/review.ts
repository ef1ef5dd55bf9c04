import { say } from "../say.ts";

/** Fields that several devices changed at the same time. */
export const review = {
  mark: say("待核对", "To check"),
  stamp: say("资料待核对", "Details to check"),
  title: say("待核对的资料", "Details to check"),
  note: say(
    "几台设备同时改了同一项资料，每个值都留着。点一下要用的那个，其他设备随后也一样；点错了再点另一个。",
    "Devices changed the same field at the same time, and every value was kept. Tap the one to use; the other devices follow. After a slip, tap another.",
  ),
  onToday: say("{{n}} 位会员的资料待核对", "Members with details to check: {{n}}"),
  onTodayNote: say("同一项被几台设备同时改过，点一下选定", "One tap decides each"),
  badge: say("{{n}} 位待核对", "{{n}} to check"),
  shownNow: say("现在显示", "Shown now"),
  chosen: say("已选定", "Chosen"),
  pick: say("点一下选定", "Tap to decide"),
  use: say("用“{{value}}”", "Use “{{value}}”"),
  keep: say("保留“{{value}}”", "Keep “{{value}}”"),
  said: say("{{field}}已选定“{{value}}”", "{{field}}: “{{value}}” chosen"),
  cleared: say("留空", "Left empty"),
  unreadable: say("读不出", "Not readable"),
  keyMissing: say(
    "这位会员的资料还没有下载到本机，联网后就能看到并选定。",
    "This member's details are not on this device yet. Go online to see them and to decide.",
  ),
  partlyUnreadable: say(
    "有一个值在本机读不出，可以选定读得出的。",
    "One value cannot be read on this device; choose one that can.",
  ),
  none: say("没有待核对的资料", "Nothing to check"),
  noneText: say(
    "几台设备同时改了同一项资料时，会列在这里。",
    "When devices change the same field at the same time, it is listed here.",
  ),
} as const;
