import { say } from "../say.ts";

/** Everything that a device holds, as one file, and back again. */
export const rescue = {
  title: say("救援文件", "Rescue file"),
  note: say(
    "把本机的全部记录存成一个文件；任何一台设备或服务器缺了什么，放入它就能补回，不会覆盖任何东西。",
    "All records of this device in one file. Whatever another device or the server lacks, the file brings back; it overwrites nothing.",
  ),
  save: say("导出救援文件", "Save a rescue file"),
  saveNote: say(
    "会员姓名电话等资料只有恢复卡能解开；账目可以直接补回。请放在安全的地方。",
    "Members' personal data in it opens only with the recovery card; the books come back without. Keep it safe.",
  ),
  saving: say("正在写 {{done}} / {{total}} 条…", "Writing {{done}} of {{total}}…"),
  saved: say("已导出 {{n}} 条记录，{{size}}。", "Saved {{n}} records, {{size}}."),
  saveFailed: say(
    "没有写成，什么也没留下。请腾出空间后再试。",
    "It could not be written and nothing was left behind. Free some space, then try again.",
  ),
  take: say("放入救援文件", "Bring in a rescue file"),
  takeNote: say(
    "每一条都会核对签名；已有的不动，缺的补上并自动上传。",
    "Every record is checked by its signature; what is here stays, what is missing is added and sent on.",
  ),
  taking: say("正在核对 {{done}} / {{total}} 条…", "Checking {{done}} of {{total}}…"),
  taken: say(
    "文件里有 {{n}} 条记录，新补回 {{taken}} 条。",
    "{{n}} records in the file; {{taken}} of them were new here.",
  ),
  nothingNew: say(
    "文件里的 {{n}} 条记录，本机都已经有了。",
    "All {{n}} records of the file are here already.",
  ),
  from: say("来自“{{device}}”，{{when}}", "From “{{device}}”, {{when}}"),
  damagedLines: say(
    "文件有 {{n}} 处损坏，已跳过，其余都用上了。",
    "{{n}} places of the file are damaged and were skipped; all the rest was used.",
  ),
  refused: say(
    "{{n}} 批记录签名不对，没有收下。",
    "{{n}} batches do not check and were not taken.",
  ),
  cut: say(
    "文件没有写完就断了；前面的部分都用上了。",
    "The file ends too early; what comes before was used.",
  ),
  missing: say("仍然缺 {{list}}。", "Still missing: {{list}}."),
  complete: say("没有已知的缺失。", "Nothing is known to be missing."),
  stop: say("停止", "Stop"),
  stopped: say(
    "已停止；已经补回的都在，可以再放一次。",
    "Stopped. What was brought back stays; bring the file in again at any time.",
  ),
  faults: {
    "no-rescue-file": say(
      "这不是救援文件，或已完全损坏。请换一个文件。",
      "This is no rescue file, or nothing of it can be read. Choose another.",
    ),
    "other-organisation": say(
      "这是另一家店的救援文件，什么也没有放入。",
      "This rescue file is another shop's; nothing was taken.",
    ),
    "store-full": say(
      "本机存储空间满了，只放入了一部分。请腾出空间后再放一次。",
      "This device's storage is full and only part was taken. Free some space, then bring it in again.",
    ),
    failed: say(
      "没有放完，已放入的都在。请再试一次。",
      "It was not finished; what was taken stays. Try again.",
    ),
  },
  elsewhere: say(
    "请在正在使用有备的那个标签页里操作。",
    "Do this in the tab in which Youbei is in use.",
  ),
} as const;
