import { say } from "../say.ts";

/** Every way in which something cannot be done: what happened, and what to do about it. */
export const refusals = {
  "not-enrolled": say(
    "这台设备还没有配对，不能记账。请先配对。",
    "This device is not paired yet and cannot record anything. Pair it first.",
  ),
  "not-permitted": say(
    "当前店员没有这个权限。请换有权限的人来操作。",
    "The person at the till may not do this. Ask somebody who may.",
  ),
  "clock-wrong": say(
    "这台设备的时间不对（{{wall}}）。请在系统设置里打开“自动设置时间”，再试一次。",
    "This device's clock is wrong ({{wall}}). Switch on automatic time in its settings, then try again.",
  ),
  "name-or-contact-needed": say(
    "请填姓名，再填手机号或卡号中的一项。",
    "Enter the name, and a phone or a card number.",
  ),
  "field-too-long": say(
    "“{{field}}”太长，最多 {{most}} 个字。请缩短。",
    "“{{field}}” is too long: at most {{most}} characters.",
  ),
  "phone-invalid": say(
    "手机号“{{phone}}”不对，请检查位数。",
    "“{{phone}}” is not a phone number. Check its digits.",
  ),
  "birthday-invalid": say(
    "生日“{{birthday}}”不对，请写成 1990-08-15 或 08-15。",
    "“{{birthday}}” is not a date. Write 1990-08-15 or 08-15.",
  ),
  "card-taken": say(
    "这个卡号已经是 {{name}} 的。请换一个，或打开那位会员。",
    "{{name}} has this card number already. Use another, or open that member.",
  ),
  "member-unknown": say(
    "找不到这位会员，可能导入已被撤销。请重新查找。",
    "This member is not here any more; an import may have been undone. Search again.",
  ),
  "member-key-missing": say(
    "会员资料还在下载，暂时不能修改；收款不受影响。请稍后再试。",
    "The member's details are still being fetched and cannot be changed yet; charging works. Try again soon.",
  ),
  "nothing-changed": say("没有改动，不用保存。", "Nothing was changed."),
  "amount-not-positive": say("请输入大于 0 的金额。", "Enter an amount above 0."),
  "amount-too-large": say(
    "金额太大，一笔最多 {{most}}。请检查是否多按了 0。",
    "The amount is too large: at most {{most}} at a time. Check the zeros.",
  ),
  "amount-not-fen": say("金额最多两位小数。请改为元角分。", "An amount has at most two decimals."),
  "not-a-number": say("金额要写成数字，例如 35.5。", "Write the amount in digits, such as 35.5."),
  "tenders-do-not-sum": say(
    "各种付款加起来是 {{tendered}}，应付 {{payable}}。请改正。",
    "The payments come to {{tendered}}, but {{payable}} is due. Correct them.",
  ),
  "balance-too-low": say(
    "余额只有 {{balance}}，不够 {{wanted}}。请先充值，或用其他方式补差额。",
    "The balance is {{balance}}, less than {{wanted}}. Top up first, or pay the rest otherwise.",
  ),
  "value-elsewhere": say(
    "余额 {{balance}}，其中 {{here}} 可在本机使用。",
    "The balance is {{balance}}; this device may use {{here}} of it.",
  ),
  "value-not-here": {
    offline: say(
      "会员余额 {{balance}} 在服务器上，断网时本机最多可扣 {{here}}。请少扣一些、换一种付款方式，或联网后再扣。",
      "The member has {{balance}}, kept at the server. Without network this device may take {{here}}: take less, pay otherwise, or go online.",
    ),
    "offline-evictable": say(
      "会员余额 {{balance}} 在服务器上。这个浏览器没有承诺长期保存数据，所以断网时本机只能扣 {{here}}。请联网后再扣，或换一种付款方式；把有备安装到桌面后，断网也能扣一部分。",
      "The member has {{balance}}, kept at the server. This browser has not promised to keep its data, so without network this device may take {{here}}. Go online or pay otherwise; installed as an app, it may take some.",
    ),
    "not-enough": say(
      "余额 {{balance}} 有一部分在其他收银设备上，本机现在最多可扣 {{here}}。请到那台设备扣款，或等它联网。",
      "Part of the balance of {{balance}} is at another till; this one may take {{here}} now. Charge there, or wait until it is online.",
    ),
    "not-accounted-for": say(
      "服务器刚恢复，还在核对各设备的账，本机现在最多可扣 {{here}}。请把其他设备联网，稍后再试。",
      "The server was recovered and is still comparing the books; this device may take {{here}} now. Bring the other devices online and try again.",
    ),
    failed: say(
      "没能从服务器取到余额，什么也没有扣。请再试一次；还不行就换一种付款方式。",
      "The value could not be fetched and nothing was charged. Try again, or pay otherwise.",
    ),
  },
  "target-unknown": say(
    "这一笔还没有同步到本机，暂时不能撤销。请联网后再试。",
    "This is not on this device yet and cannot be undone. Go online and try again.",
  ),
  "already-reversed": say("这一笔已经撤销过了。", "This was undone already."),
  "lot-partly-spent": say(
    "这笔充值已经用掉 {{spent}}，不能整笔撤销。请先撤销之后的消费。",
    "{{spent}} of this top-up was spent, so it cannot be undone as a whole. Undo those sales first.",
  ),
  "lot-held-elsewhere": say(
    "这笔充值有一部分在服务器或其他设备上，本机不能撤销。请在充值的那台设备上撤销，或联网后再试。",
    "Part of this top-up is at the server or another device. Undo it on the device that took it, or go online and try again.",
  ),
  "cannot-be-reversed": say(
    "这一笔不能单独撤销。导入的余额请在“设置 → 导入记录”里整批撤销。",
    "This cannot be undone by itself. Undo imported balances as a whole under Settings → Imports.",
  ),
  "import-unknown": say(
    "找不到这次导入。请联网后再试。",
    "This import is not here. Go online and try again.",
  ),
  "already-undone": say("这次导入已经撤销过了。", "This import was undone already."),
  "read-only": say(
    "这台设备已被另一台设备顶替，只能查看。要继续使用，请老板重新配对。",
    "Another device has taken this one's place, so it is read-only. To use it again, have the owner pair it anew.",
  ),
  "own-history-missing": say(
    "这台设备的存储损坏过，它自己的一部分记录正从服务器取回。取回前不能记账：请联网稍等。",
    "This device's storage was damaged; its own records are being fetched back from the server. It can record again once they are here: go online and wait.",
  ),
  "identity-in-doubt": say(
    "这台设备的数据被复制、还原或丢过一部分，要换一个新身份才能继续记账。联网后会自动办好，请稍等；已记的都在。",
    "This device's storage was copied, put back or partly lost, so it must go on under a new identity. That happens by itself once it is online; nothing recorded is gone.",
  ),
  "store-full": say(
    "这台设备的存储空间满了，刚才的操作没有保存。请腾出空间后再做一次。",
    "This device's storage is full; this was not saved. Free some space, then do it again.",
  ),
  "store-refused": say(
    "浏览器不让保存数据，刚才的操作没有保存。请不要用无痕窗口，并允许本站保存数据。",
    "The browser does not allow saving; this was not saved. Do not use a private window, and allow this site to keep data.",
  ),
  "store-broken": say(
    "写入失败，刚才的操作没有保存。请重新打开本页再试；还不行请换一台设备。",
    "Writing failed; this was not saved. Load the page again, or use another device.",
  ),
  cancelled: say("已停止，什么都没有导入。", "Stopped. Nothing was imported."),
  "nobody-at-till": say(
    "请先在右上角选择店员。",
    "Choose who is at the till first, at the top right.",
  ),
  "unknown-outcome": say(
    "另一个标签页关闭了，不确定刚才那笔记上没有。请先看会员明细，没有再做一次。",
    "The other tab was closed and this may or may not be recorded. Look at the member's ledger first.",
  ),
} as const;
