import { say } from "../say.ts";

export const status = {
  title: say("数据存在哪里", "Where the books are"),
  persisted: say(
    "全部数据已存，浏览器承诺不清理",
    "Holds everything; the browser will not clear it",
  ),
  notPersisted: say(
    "全部数据已存；浏览器没有承诺不清理，建议安装到桌面",
    "Holds everything; the browser has not promised to keep it, so install the app",
  ),
  serverHasAll: say("已全部上传", "Has everything"),
  sending: say("正在上传 {{n}} 笔", "{{n}} on their way"),
  serverAway: say(
    "现在连不上；{{n}} 笔等联网后自动上传",
    "Out of reach; {{n}} will be sent by themselves",
  ),
  serverAwaySince: say(
    "{{ago}}有过联系；{{n}} 笔等联网后自动上传",
    "Last contact {{ago}}; {{n}} will be sent by themselves",
  ),
  complete: say("完整副本", "Complete copy"),
  partial: say("正在补齐", "Catching up"),
  exceptions: say(
    "有 {{n}} 条记录还没有计入，见“设置 → 待处理记录”。",
    "{{n}} records are not counted yet: see Settings → Records to look at.",
  ),
  books: say("账面", "The books"),
  owed: say("会员储值合计", "Owed to members"),
  hash: say(
    "状态指纹：各设备相同即账目一致",
    "State fingerprint: equal on all devices when the books are equal",
  ),
  reasons: {
    forged: say("服务器发来的数据验证不通过", "what the server sent does not check"),
    fork: say("这台设备的数据曾被还原到旧状态", "this device's data went back to an older state"),
    "other-organisation": say("这是另一家店的服务器", "this is another shop's server"),
    "server-empty": say(
      "服务器是空的，需要用恢复卡恢复",
      "the server is empty and must be recovered with the card",
    ),
    "server-older": say(
      "服务器上是旧的备份，少了人员设备的变更；请用恢复卡正式恢复",
      "the server is an older copy that lacks changes of people and devices; recover it with the card",
    ),
    "not-admitted": say("设备已被替换或停用", "the device was replaced or revoked"),
    other: say("原因未知", "unknown reason"),
  },
} as const;
