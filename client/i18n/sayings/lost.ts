import { say } from "../say.ts";

/** Changes of rights that a recovery of the server left behind: what they were, and what the owner does. */
export const lost = {
  awaitingOwner: say(
    "服务器换新后还不认识这台设备；可以照常记账（未上传 {{n}} 笔，都留着），老板在“设置 → 设备”点一下恢复，它就会自动连上。",
    "The new server does not know this device yet; go on as usual ({{n}} unsent, all kept): once the owner takes it over under Settings → Devices, it connects by itself.",
  ),
  waiting: say(
    "服务器从较早的备份恢复，之后的 {{n}} 项权限变更等老板决定是否恢复。",
    "The server was recovered from an older state; {{n}} changes of rights made since wait for the owner to take them over.",
  ),
  look: say("去看看", "Look"),
  title: say("恢复之前的权限变更", "Changes of rights from before the recovery"),
  text: say(
    "服务器恢复时用的备份里没有这些；限制已经自动生效，下面这些给出的权限要您点头才算数。",
    "The state that the server was recovered from did not have them; what restricts is in force already, what gives rights counts once you say so.",
  ),
  take: say("都恢复", "Take them over"),
  leave: say("都不要", "Leave them out"),
  taken: say(
    "已恢复；等着的设备会自动连上。",
    "Taken over; devices that wait connect by themselves.",
  ),
  left: say("已决定不恢复。", "Left out."),
  who: say(
    "请 {{names}} 在自己的设备上打开“设置 → 设备”决定。",
    "{{names}} can decide under Settings → Devices on a device of their own.",
  ),
  change: {
    "store-added": say("新增门店“{{name}}”", "Store “{{name}}” was added"),
    "staff-added": say("新增店员“{{name}}”（{{role}}）", "“{{name}}” was added as {{role}}"),
    "staff-changed": say("“{{name}}”改为{{role}}", "“{{name}}” became {{role}}"),
    "staff-left": say("“{{name}}”停用", "“{{name}}” was removed"),
    "device-enrolled": say("登记设备“{{name}}”", "Device “{{name}}” was enrolled"),
    "device-replaced": say(
      "登记设备“{{name}}”，接替“{{before}}”",
      "Device “{{name}}” was enrolled in place of “{{before}}”",
    ),
    "device-stopped": say("停用设备“{{name}}”", "Device “{{name}}” was stopped"),
    "device-renewed": say("设备“{{name}}”换了新身份", "Device “{{name}}” took a new identity"),
    "purse-settled": say("确认了“{{name}}”名下的余额", "What “{{name}}” held was released"),
    "code-given": say("发出一个配对码", "A pairing code was given out"),
    "presets-set": say("改了充值档位", "The top-up presets were changed"),
    "given-again": say("恢复过更早的权限变更", "Earlier changes of rights were taken over"),
  },
} as const;
