import type { AlarmKind } from "../relay/alarms.ts";

interface Saying {
  zh: string;
  en: string;
}

/** What each alarm means and what to do about it; stands beside it in the log. */
const sayings: Readonly<Record<AlarmKind, Saying>> = {
  "foreign-update": {
    zh: "一台设备直接改写共享文档，已拒绝：看看那台设备装的是不是有备，不认识就停用它。",
    en: "A device wrote into a shared document and was refused: see whether it runs Youbei; stop it if you do not know it.",
  },
  fork: {
    zh: "同一台设备有两段不同的历史，两段都留着：在“设置 → 设备”里看是哪一台，由老板决定。",
    en: "One device has two histories; both are kept: see under Settings → Devices which one it is, and let the owner decide.",
  },
  "server-rolled-back": {
    zh: "设备知道的比服务器多，服务器可能被放回了旧数据：把每台设备都打开一次，等它们补回来，再运行 status。",
    en: "Devices know more than this server, which was probably put back: open every device once, let them bring what is missing, then run status.",
  },
  "document-ahead": {
    zh: "一台设备手里的文档比服务器的长：别清空那台设备，让它连着直到“全部已上传”，再运行 status 看有没有 missing。",
    en: "A device holds a longer document than this server: do not empty that device, leave it connected until all is sent, then see with status whether anything is missing.",
  },
  "lost-entries": {
    zh: "服务器恢复时少了一些权限变更，设备已送回：老板在“设置 → 设备”里决定是否恢复。",
    en: "Changes of rights that the recovery lacked were brought back: the owner decides under Settings → Devices whether they count.",
  },
  "store-failing": {
    zh: "写不进硬盘，服务器暂不接收：看看硬盘满了没有、插好没有。收银照常，账留在设备上。",
    en: "The disk cannot be written and nothing is accepted: see whether it is full or unplugged. Tills go on; records stay on the devices.",
  },
  "store-recovered": {
    zh: "硬盘又能写了，设备会自己补传，不用做什么。",
    en: "The disk can be written again; devices send what is due by themselves. Nothing to do.",
  },
  "fold-broken": {
    zh: "程序算不下去，这是我们的错：保留日志，重启服务器；还不行就换回上一版程序。记录都在。",
    en: "The program cannot go on computing, which is a mistake of ours: keep the log and restart; if it comes again, go back to the version of the program before. All records are kept.",
  },
  damage: {
    zh: "服务器上的数据有损坏：运行 verify 看是哪里，再按应急手册“服务器坏了”做；先别删任何东西。",
    en: "Data on the server is damaged: run verify to see where, then follow the runbook for a dead server. Delete nothing.",
  },
  "backup-overdue": {
    zh: "一个备份位置太久没有新备份：看看盘插着没有、密码和网络对不对，再运行 backup run。",
    en: "A place has had no new backup for too long: is the disk plugged in, are password and network right? Then run backup run.",
  },
  "backup-damaged": {
    zh: "备份里有损坏：按应急手册“备份读不出来”做，并马上在另一个位置做一份全新的备份。",
    en: "A backup is damaged: follow the runbook for backups that cannot be read, and make a full backup elsewhere at once.",
  },
  "drill-failed": {
    zh: "从备份恢复的演练失败了：这份备份先别指望，按应急手册“备份读不出来”做。",
    en: "A restore was tried and failed: do not count on that backup, and follow the runbook for backups that cannot be read.",
  },
  "drill-overdue": {
    zh: "太久没有演练过恢复：插上盘，运行 drill。",
    en: "No restore was proven for too long: plug the disk in and run drill.",
  },
  "recovery-key-replaced": {
    zh: "恢复卡已更换，旧卡只能打开以前的备份：不是您换的，马上按应急手册“恢复卡丢了”做。",
    en: "The recovery card was replaced; the old one opens only what was backed up before. If it was not you, follow the runbook for a lost card at once.",
  },
  "approval-waiting": {
    zh: "有一项操作只凭恢复卡或一个人就要生效：不是您本意，在 until 之前到“设置 → 审批”撤回。",
    en: "An act will soon count by the card or one person alone: withdraw it under Settings → Approvals before the time in `until`, unless you want it.",
  },
  "standby-silent": {
    zh: "备用服务器没有连着：看看它开着没有、网线插好没有。",
    en: "The standby is not there: is it switched on and plugged in?",
  },
  "standby-behind": {
    zh: "备用服务器一直没补齐：看看它的硬盘满了没有，再看它的日志。",
    en: "The standby does not catch up: see whether its disk is full, then read its log.",
  },
  superseded: {
    zh: "另一台服务器已经接替了这一台，这里不再接收：关掉这一台，别再启动它；数据先留着。",
    en: "Another server serves this shop now and this one takes nothing more: switch it off and leave it off; keep its data.",
  },
};

/** Both languages in one line: nobody knows who reads the log. */
export const alarmSaying = (kind: AlarmKind): string => `${sayings[kind].zh} · ${sayings[kind].en}`;
