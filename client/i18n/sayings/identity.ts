import { say } from "../say.ts";

/** What a device notices of itself, its storage and its server: what happened, and what to do. */
export const identity = {
  renewed: say(
    "这台设备换了新身份，数据都在；做完手上的事，点一下就能继续记账。",
    "This device has a new identity and all of its data; finish what you are doing, then tap to go on.",
  ),
  reopen: say("继续", "Go on"),
  inDoubt: {
    copied: say(
      "这台设备的数据被复制过，两边都记了账；联网后本机会自动换一个新身份继续，两边的记录都留着。",
      "This device's data was copied and both copies recorded; once online this one goes on under a new identity by itself, and both records are kept.",
    ),
    "put-back": say(
      "这台设备的数据被换回了旧的一份；联网后本机会自动换一个新身份继续，后来的记录从服务器取回。",
      "An older copy of this device's data was put back; once online it goes on under a new identity by itself, and what came later is fetched from the server.",
    ),
    lost: say(
      "这台设备自己的一部分记录不见了，服务器上也没有；本机会自动换一个新身份继续，手上有救援文件请放入。",
      "Part of this device's own records is gone, at the server too; it goes on under a new identity by itself, and a rescue file can bring them back.",
    ),
  },
  succeeded: say(
    "服务器不再接受这台设备：另一台已经接替了它，这里只能查看（未上传 {{n}} 笔，都留着）；要继续用，请重新配对。",
    "Another device has taken this one's place, so this one is read-only ({{n}} unsent, all kept); pair it again to use it.",
  ),
  notAdmitted: say(
    "服务器不再接受这台设备，它已被接替或停用；请不要再用它记账（未上传 {{n}} 笔，都留着），要继续用请重新配对。",
    "The server no longer accepts this device, which was replaced or stopped; record nothing more on it ({{n}} unsent, all kept), and pair it again to use it.",
  ),
  stopped: say("请勿记账", "not to be used"),
  succeededByCopy: say(
    "这台设备的数据被复制过，另一份已经换了新身份在用，这里只能查看（未上传 {{n}} 笔，都留着）；要继续用，请重新配对。",
    "This device's data was copied and the other copy goes on under a new identity, so this one is read-only ({{n}} unsent, all kept); pair it again to use it.",
  ),
  pairAgain: say("重新配对", "Pair again"),
  server: {
    "went-back": say(
      "服务器退回到了较早的状态（{{when}}发现，少了 {{n}} 条记录）；各设备会自动补给它，请让所有设备都联网。",
      "The server went back to an earlier state (noticed {{when}}, {{n}} records fewer); devices refill it by themselves, so bring all of them online.",
    ),
    rewrote: say(
      "服务器拿出的记录和它以前签过的不一样（{{when}}发现）；本机的记录没有变，请联系管理服务器的人，不要清除任何设备。",
      "The server shows other records than it once signed (noticed {{when}}); those on this device are unchanged, so ask whoever runs the server, and clear no device.",
    ),
    differs: say(
      "记录相同，服务器算出的账却和本机不同（{{when}}发现）；请把有备更新到最新，仍这样就联系管理服务器的人。",
      "From the same records the server comes to other books than this device (noticed {{when}}); update Youbei, and if it stays so, ask whoever runs the server.",
    ),
  },
  mended: {
    "went-back": say(
      "服务器曾退回到较早的状态（{{when}}发现），少的记录已全部补回。",
      "The server had gone back to an earlier state (noticed {{when}}); all that it lacked is back.",
    ),
    rewrote: say(
      "服务器曾拿出不一样的记录（{{when}}发现），现在又和以前一致。",
      "The server had shown other records (noticed {{when}}); it is again as it was.",
    ),
    differs: say(
      "服务器算出的账曾和本机不同（{{when}}发现），现在一致了。",
      "The server had come to other books (noticed {{when}}); they are the same again.",
    ),
  },
  frozen: say(
    "{{why}}，{{when}}起换了新身份继续记账；旧身份名下的余额先冻结，老板点一下确认就能用。",
    "{{why}}; since {{when}} it goes on under a new identity, and what the old one holds is frozen until the owner confirms with one tap.",
  ),
  whyNot: {
    copied: say("这台设备的数据被复制过", "This device's data was copied"),
    "put-back": say(
      "这台设备的数据被换回过旧的一份",
      "An older copy of this device's data was put back",
    ),
    lost: say("这台设备丢失过一部分自己的记录", "This device lost part of its own records"),
    unknown: say("这台设备的身份有疑问", "This device's identity was in doubt"),
  },
  confirm: say("去确认", "Confirm"),
  look: say("查看", "Look"),
  missing: say(
    "已知还缺 {{list}}；请让那台设备联网，或在“设置 → 救援文件”放入文件。",
    "Known to be missing: {{list}}. Bring that device online, or bring in a file under Settings → Rescue file.",
  ),
  comma: say("、", ", "),
  missingRange: say(
    "“{{device}}”的第 {{from}}–{{to}} 号记录",
    "nos. {{from}}–{{to}} of “{{device}}”",
  ),
  missingOne: say("“{{device}}”的第 {{from}} 号记录", "no. {{from}} of “{{device}}”"),
  missingMore: say("等 {{n}} 处", "{{n}} stretches in all"),
  damaged: say(
    "本机有部分数据损坏，已跳过，正从服务器补回；没联网请先联网。",
    "Some data on this device was damaged and skipped; it is fetched again from the server, so be online.",
  ),
  whole: say(
    "本机损坏过的数据已全部补回，一条不少。",
    "What was damaged on this device has been fetched again; nothing is missing.",
  ),
  seen: say("知道了", "All right"),
  doubt: {
    title: say("等老板确认", "Waiting for the owner"),
    badge: say("{{n}} 台设备等确认", "{{n}} devices wait for the owner"),
    row: say("{{n}} 台等老板确认", "{{n}} wait for the owner"),
    why: {
      copied: say(
        "“{{name}}”的数据出现过两份，两边都记了账。",
        "There were two copies of “{{name}}”, and both recorded.",
      ),
      "put-back": say(
        "“{{name}}”的数据被换回过旧的一份。",
        "An older copy of the data of “{{name}}” was put back.",
      ),
      lost: say("“{{name}}”丢失过一部分自己的记录。", "“{{name}}” lost part of its own records."),
      revoked: say(
        "“{{name}}”已由老板停用；配对一台新设备接替它，冻结的余额就能用。",
        "The owner has stopped “{{name}}”; pair a new device in its place, and what is frozen can be used.",
      ),
    },
    since: say("{{when}}起用新身份继续记账", "Under a new identity since {{when}}"),
    frozenSince: say(
      "{{when}}起停用，还没有设备接替",
      "Stopped {{when}}; nobody has taken its place",
    ),
    frozenFen: say("冻结的余额 {{amount}}", "{{amount}} frozen"),
    apart: say("另有 {{n}} 笔（{{amount}}）没有计入", "{{n}} records ({{amount}}) do not count"),
    unattested: say(
      "计入的账里有 {{n}} 笔是联网核对前记的，请留意",
      "{{n}} that count were recorded before anybody had confirmed where it stood: look at them",
    ),
    noneApart: say("没有另记的账", "Nothing was recorded apart"),
    ask: say(
      "请先看一眼：这台设备在您手里，另一份已经不用。确认后，冻结的余额归新身份使用。",
      "Look first: you have this device, and no other copy is in use. Then what is frozen passes to the new identity.",
    ),
    settle: say("确认，解冻余额", "Confirm and release"),
    settled: say("已确认，余额可以用了。", "Confirmed; its value can be used."),
    who: say(
      "请 {{names}} 在自己的设备上打开“设置 → 设备”确认。",
      "{{names}} can confirm under Settings → Devices on a device of their own.",
    ),
    seeApart: say("看没有计入的记录", "See what does not count"),
  },
  former: {
    title: say("这台设备原来是“{{name}}”", "This device was “{{name}}”"),
    text: say(
      "它的数据被浏览器清空了；重新配对并接替“{{name}}”，上传过的都会回来，没上传的会列为缺失。",
      "Its data was cleared by the browser; pair it again in place of “{{name}}”: what was uploaded comes back, what was not is listed as missing.",
    ),
    code: say(
      "请老板在“设置 → 设备 → 添加设备”里，“接替哪台设备”选“{{name}}”，再把配对码填在这里。",
      "Have the owner choose “{{name}}” under Settings → Devices → Add a device → Replaces, and type the code here.",
    ),
  },
} as const;
