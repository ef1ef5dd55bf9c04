import { say } from "../say.ts";

/** Where the shop's records are, and what would be lost. */
export const centre = {
  nav: say("安全", "Safety"),
  title: say("安全中心", "Safety centre"),
  allGood: say("五盏灯都亮着", "All five lights are on"),
  someMissing: say("五盏灯，{{n}} 盏没亮", "Lights off: {{n}} of five"),
  fire: {
    nothing: say(
      "整家店现在烧了，一笔账也不会丢。",
      "If the shop burned down now, not one record would be lost.",
    ),
    some: say(
      "整家店现在烧了，会丢 {{n}} 笔账。",
      "If the shop burned down now, {{n}} records would be lost.",
    ),
    all: say(
      "整家店现在烧了，{{n}} 笔账全部丢失。",
      "If the shop burned down now, all {{n}} records would be lost.",
    ),
  },
  now: say("刚刚核对", "Just checked"),
  since: say("{{ago}}核对", "Checked {{ago}}"),
  stale: say(
    "现在连不上服务器。下面是 {{when}}的情况，连上后自动更新。",
    "The server is out of reach. This is how it was at {{when}}; it is brought up to date by itself.",
  ),
  unsent: say(
    "本机还有 {{n}} 笔没有上传，只存在这台设备上。",
    "{{n}} records are on this device only, because they could not be sent yet.",
  ),
  never: say(
    "还没有和服务器核对过。连上服务器后，这里会显示每一份数据在哪里。",
    "Not checked with the server yet. Once it is in reach, this page shows where every copy is.",
  ),
  otherTab: say(
    "最新情况请在正在使用有备的那个标签页里看。",
    "The latest is shown in the tab in which Youbei is in use.",
  ),
  notEntitled: say(
    "这台设备的权限看不到安全中心，请用店主或店长的设备。",
    "This device may not see the safety centre: use one of the owner or a manager.",
  ),
  lights: say("3-2-1-1-0 五盏灯", "The five lights, 3-2-1-1-0"),
  on: say("亮", "on"),
  off: say("没亮", "off"),
  rules: {
    copies: say("三份数据", "Three copies"),
    media: say("两种介质", "Two media"),
    "off-site": say("一份在店外", "One off-site"),
    offline: say("一份不联网", "One offline"),
    errors: say("零个错误", "No errors"),
  },
  have: {
    copies: say("{{n}} 份", "{{n}} now"),
    media: say("{{n}} 种", "{{n}} now"),
    "off-site": say("{{n}} 份", "{{n}} now"),
    offline: say("{{n}} 份", "{{n}} now"),
    errors: say("{{n}} 个", "{{n}} found"),
  },
  unproven: say("还没证明", "Not proven"),
  todo: say("怎样点亮", "How to light them"),
  toTargets: say("去备份位置", "Places of backups"),
  fix: {
    copies: say(
      "再加一台设备，或再加一个备份位置。",
      "Add another device, or another place for backups.",
    ),
    media: say(
      "加一块移动硬盘或一个云存储，不要和服务器用同一块盘。",
      "Add a USB disk or cloud storage, not on the server's own disk.",
    ),
    "off-site": say(
      "加一个在店外的备份位置，例如云存储，选“不在店里”。",
      "Add a place outside the shop, such as cloud storage, and choose “Not in the shop”.",
    ),
    offline: say(
      "加一块备份完就拔下的硬盘，选“平时拔下来”。",
      "Add a disk that is unplugged after each backup, and choose “Unplugged between backups”.",
    ),
  },
  why: {
    "too-few": say("份数不够。", "There are too few."),
    "none-named": say("还没有这样的备份位置。", "There is no such place yet."),
    "nothing-there": say(
      "“{{names}}”上还没有完整、够新的备份。",
      "Nothing whole and recent lies on “{{names}}”.",
    ),
    "same-disk": say(
      "“{{names}}”就在服务器的盘上：盘坏了，两份一起没了。",
      "“{{names}}” is on the server's own disk: when that dies, both are gone.",
    ),
    "no-target": say(
      "还没有备份，也就没有东西可以演练恢复。",
      "There are no backups, so no restore can be proven.",
    ),
    "never-proven": say(
      "还没有从备份恢复过一次：在服务器上运行 drill。",
      "No restore was ever proven: run drill on the server.",
    ),
    "proof-old": say(
      "上一次恢复演练太久了：在服务器上运行 drill。",
      "The last proven restore is too long ago: run drill on the server.",
    ),
    "drill-failed": say(
      "“{{names}}”的恢复演练失败了：见应急手册“备份读不出来”。",
      "The drill of “{{names}}” failed: see the runbook for backups that cannot be read.",
    ),
    "backup-damaged": say(
      "“{{names}}”上的备份有损坏：见应急手册“备份读不出来”。",
      "Backups on “{{names}}” are damaged: see the runbook for backups that cannot be read.",
    ),
    "snapshot-damaged": say(
      "服务器上的一个快照有损坏：见应急手册“备份读不出来”。",
      "A snapshot on the server is damaged: see the runbook for backups that cannot be read.",
    ),
    "store-damaged": say(
      "服务器上的数据有损坏：见应急手册“服务器坏了”。",
      "The server's data is damaged: see the runbook for a dead server.",
    ),
  },
  where: say("账存在哪里", "Where the records are"),
  inShop: say("店里", "In the shop"),
  away: say("店外", "Outside the shop"),
  nothingAway: say("店外一份也没有", "Nothing is outside the shop"),
  devicesNote: say(
    "设备一律按“在店里”算，因为系统不知道它们放在哪。",
    "Devices count as being in the shop, because nobody says where they are.",
  ),
  holdsAll: say("全部 {{n}} 笔", "All {{n}} records"),
  lacks: say("少 {{n}} 笔", "{{n}} missing"),
  holdsNothing: say("还没有数据", "Holds nothing yet"),
  thisDevice: say("本机", "this device"),
  online: say("在线", "online"),
  sameDisk: say("与服务器同一块盘，不算一份", "on the server's disk: no copy of its own"),
  thin: say(
    "有 {{n}} 笔账存放不到三处，最新一笔有 {{places}} 处。",
    "{{n}} records are in fewer than three places; the newest is in {{places}}.",
  ),
  thick: say("每一笔账都至少存在三处。", "Every record is in three places at least."),
  proven: say("最近一次真的恢复成功", "Last proven restore"),
  provenTook: say("用时 {{time}}", "took {{time}}"),
  provenFrom: say(
    "从“{{name}}”完整恢复出 {{members}} 位会员，和账面一致",
    "Restored from “{{name}}”, equal to the books; members: {{members}}",
  ),
  provenOnly: say("从“{{name}}”完整恢复", "Restored whole from “{{name}}”"),
  neverProven: say("还没有成功恢复过", "No restore was ever proven"),
  neverProvenNote: say(
    "没有恢复过的备份，不能算备份。",
    "A backup that was never restored is no backup.",
  ),
  stamp: say("恢复成功", "Restored"),
  seconds: say("{{n}} 秒", "{{n}} s"),
  minutes: say("{{n}} 分钟", "{{n}} min"),
  hours: say("{{n}} 小时", "{{n}} h"),
  burning: say("如果现在烧了，会丢什么", "What would be lost if it burned now"),
  burnt: {
    shop: say("整家店", "The whole shop"),
    server: say("服务器和插在上面的盘", "The server and what is plugged into it"),
    device: say("{{name}}", "{{name}}"),
    target: say("{{name}}", "{{name}}"),
  },
  losesNothing: say("不丢", "Nothing"),
  losesSome: say("丢 {{n}} 笔", "{{n}} records"),
  losesAll: say("全部丢失", "Everything"),
  comesBack: say("其余可从“{{name}}”补回", "The rest comes back from “{{name}}”"),
  backups: say("备份", "Backups"),
  noBackups: say("还没有备份位置", "No place for backups yet"),
  noBackupsNote: say("点这里添加一个。", "Tap here to add one."),
  standby: {
    title: say("备用服务器", "Standby server"),
    following: say(
      "“{{name}}”随时可以顶上，一笔不差。",
      "“{{name}}” can take over at any moment; it lacks nothing.",
    ),
    catching: say(
      "“{{name}}”随时可以顶上，正在补最新的 {{n}} 笔。",
      "“{{name}}” can take over; the newest {{n}} records are on their way.",
    ),
    behind: say(
      "“{{name}}”连着，但少 {{n}} 笔，已经补了 {{time}}还没补上：看看它的硬盘满了没有。",
      "“{{name}}” is there but has lacked {{n}} records for {{time}}: see whether its disk is full.",
    ),
    silent: say(
      "“{{name}}”没有连着，上次是{{when}}：看看它开着没有、网线插好没有。",
      "“{{name}}” is not there; it was last seen {{when}}: is it switched on and plugged in?",
    ),
    neverSeen: say(
      "“{{name}}”还从来没有连上过：看看它开着没有、网线插好没有。",
      "“{{name}}” has never been there: is it switched on and plugged in?",
    ),
    how: say("顶上的步骤：服务器坏了", "How it takes over: the server is dead"),
  },
  lastBackup: say("上次备份 {{when}}", "Last backup {{when}}"),
  noBackupYet: say("还没有备份过", "No backup yet"),
  nextBackup: say("下次 {{when}}", "next {{when}}"),
  verifiedOk: say("{{when}}校验无误", "verified {{when}}"),
  verifiedBad: say("{{when}}校验发现损坏", "DAMAGE found {{when}}"),
  neverVerified: say("还没有校验过", "never verified"),
  drillBad: say("{{when}}恢复演练失败", "drill FAILED {{when}}"),
  failing: say("从 {{when}}起连不上", "out of reach since {{when}}"),
  offSite: say("店外", "off-site"),
  offline: say("不联网", "offline"),
  goBack: say(
    "资料改错了，想回到以前的版本",
    "Something was changed wrongly: go back to a version",
  ),
  goBackNote: say(
    "先预览，再由另一人批准；步骤见“恢复错了”。导入错了，到“设置 → 导入记录”整批撤销。",
    "It is previewed, then approved by a second person; the steps are in the runbook. An import is undone as a whole under Settings → Imports.",
  ),
  snapshot: say("服务器上最新的快照", "Newest snapshot on the server"),
  snapshotsInAll: say("共 {{total}} 个", "{{total}} in all"),
  noSnapshot: say("还没有快照", "No snapshot yet"),
} as const;

/** What to do when something has happened. */
export const runbooks = {
  title: say("应急手册", "Runbooks"),
  note: say(
    "断网也能看。先看“先别做”，再一步一步来。",
    "Here without network too. Read what not to do first, then go step by step.",
  ),
  "server-dead": say("服务器坏了", "The server is dead"),
  "tablet-lost": say("平板丢了或坏了", "A tablet is lost"),
  ransomware: say("中了勒索病毒", "Ransomware"),
  "wrong-restore": say("恢复错了", "The wrong thing was restored"),
  "backup-unreadable": say("备份读不出来", "A backup cannot be read"),
  "recovery-key-lost": say("恢复卡丢了", "The recovery card is lost"),
  missing: say("没有这一页。", "There is no such page."),
} as const;
