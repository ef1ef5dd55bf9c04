import { say } from "../say.ts";

/** Operations that are kept but not counted: why, and what a shop does about it. */
export const records = {
  note: say(
    "这些记录都保存着，一条不少，只是没有计入账面。下面写着原因和怎么办。",
    "All of these are kept; they are only not in the books. Below: why, and what to do.",
  ),
  empty: say("没有待处理的记录", "Nothing to look at"),
  emptyText: say("每一条记录都已计入。", "Every record counts."),
  count: say("{{n}} 条", "{{n}}"),
  more: say("再看 {{n}} 条", "{{n}} more"),
  notListed: say(
    "另有 {{n}} 条同样原因，没有列出。",
    "{{n}} more for the same reason are not listed.",
  ),
  number: say("单号 {{ref}}", "No. {{ref}}"),
  openMember: say("打开会员", "Open the member"),
  update: say("检查更新", "Look for an update"),
  apart: {
    title: say("另一份历史：设备的数据被复制过", "A second history: a device's data was copied"),
    why: say(
      "“{{name}}”的数据有过两份，这一份没有计入。",
      "There were two copies of “{{name}}”; this one does not count.",
    ),
    next: say(
      "能读出的金额合计 {{amount}}。确有其事的话，在现用的设备上重新记一笔；这些留作凭据。",
      "It comes to {{amount}}, as far as it can be read. If it did happen, record it again on a device in use; this stays as evidence.",
    ),
  },
  standing: {
    quarantined: say("隔离：不该由这台设备或这个人记", "Set aside: not for this device or person"),
    refused: say("未计入：和账面对不上", "Not counted: it does not fit the books"),
    waiting: say("等待：缺少前面的记录", "Waiting for earlier records"),
    "unknown-kind": say("新版本的记录", "From a newer version"),
  },
  reasons: {
    "unknown-device": say(
      "记账的设备当时没有登记在这家店。",
      "The device was not enrolled in this shop at the time.",
    ),
    "other-store": say(
      "记账的设备属于一家门店，却记在另一家门店名下。",
      "The device belongs to one store but recorded this for another.",
    ),
    "unknown-staff": say(
      "经手人当时不在店员名单里，或已离职。",
      "Whoever did it was not on the staff at the time, or had left.",
    ),
    "not-permitted": say(
      "经手人的角色，或这台设备的最高权限，不允许做这件事。",
      "The person's role, or what the device allows at most, does not permit this.",
    ),
    "after-cut": say(
      "记账的设备在这之前已被停用、以另一段历史为准，或已经知道自己被接替。",
      "Before this, the device had been stopped, its other history counts, or it knew that it had been replaced.",
    ),
    "lost-rights": say(
      "它依据的权限变更在服务器恢复时没有找到；知道这项变更的设备联网后会自动补上。",
      "It goes by a change of rights that the recovery of the server did not find; a device that knows it brings it once online.",
    ),
    "rights-not-reinstated": say(
      "它依据的权限是恢复之前给的，老板还没有在“设置 → 设备”里恢复。",
      "It goes by rights from before the recovery that the owner has not taken over under Settings → Devices.",
    ),
    "other-organisation": say("这是另一家店的记录。", "This is another shop's record."),
    malformed: say("内容不完整，读不懂。", "The content is incomplete and cannot be read."),
    "not-its-batch": say(
      "它说自己属于某一批，但那一批不是这台设备做的。",
      "It claims to belong to a batch that another device made.",
    ),
    "batch-incomplete": say(
      "这一批的内容和写明的、批准的对不上，所以整批不计。",
      "The batch is not what was stated or approved, so none of it counts.",
    ),
    "unsound-line": say(
      "余额变动的方向不对：该减的写成了加，或是空的。",
      "A change of value goes the wrong way, or is empty.",
    ),
    "credit-named-twice": say(
      "同一份余额在这一笔里用了两次。",
      "It spends the same part of a balance twice.",
    ),
    overspent: say(
      "它要扣的余额已经被更早的一笔用掉，不够了。",
      "The value that it takes had been spent before, and not enough was left.",
    ),
    "not-own-purse": say(
      "它扣了放在别的设备上的余额。",
      "It takes value that was kept at another device.",
    ),
    "not-that-credit": say(
      "它要扣的余额和原来的充值对不上。",
      "The value that it takes does not fit the top-up that it came from.",
    ),
    "not-a-member": say("它写的会员不存在。", "It names a member that does not exist."),
    "builds-on-uncounted": say(
      "它依据的一条记录不能计入，所以它也不计。",
      "A record that it builds on cannot count, so this one does not either.",
    ),
    "tenders-do-not-sum": say(
      "各种付款加起来不等于应付金额。",
      "The payments do not add up to what was due.",
    ),
    "lot-and-purse-differ": say(
      "充值金额和记入的余额不一致。",
      "What was paid in and the value that it gave differ.",
    ),
    "not-a-lot": say("它写的充值不存在。", "It names a top-up that does not exist."),
    "other-term": say(
      "它把余额记在了服务器的另一个时期。",
      "It puts value into another time of the server.",
    ),
    "does-not-balance": say(
      "调拨时转出和转入的金额不相等。",
      "What was moved out is not what was moved in.",
    ),
    "other-batch": say(
      "它要随导入一起撤销的余额，不属于那次导入。",
      "It takes back value that was not part of the undone import.",
    ),
    "not-the-whole-lot": say(
      "只撤销了一笔充值的一部分；撤销必须整笔。",
      "It undoes a part of a top-up; that can only be undone as a whole.",
    ),
    "discount-does-not-fit": say(
      "原价、优惠和实付对不上。",
      "List price, discount and price paid do not fit.",
    ),
    "stored-value-does-not-fit": say(
      "写明的储值付款和实际扣的余额不一致。",
      "What it says was paid from stored value is not what it takes.",
    ),
    "another-members-value": say("它扣了另一位会员的余额。", "It takes another member's value."),
    "cannot-be-reversed": say("它要撤销的不是一笔消费。", "What it undoes is not a sale."),
    "not-an-import": say("它要撤销的导入不存在。", "It undoes an import that does not exist."),
    "batch-open": say("它属于没有做完的一批。", "It belongs to a batch that was not finished."),
    "already-done": say(
      "它凭的那份批准已经用过了。",
      "The approval that it rests on was used already.",
    ),
    "not-a-value": say(
      "它要还原的旧资料不是这位会员的。",
      "The earlier value that it names is not this member's.",
    ),
    "needs-record": say(
      "它依据的一条记录还没到本机，或还没有计入。",
      "A record that it builds on is not here yet, or does not count yet.",
    ),
    "needs-value": say(
      "它要扣的余额，来历还没到本机，或还没有计入。",
      "Where the value that it takes came from is not here yet, or does not count yet.",
    ),
    "newer-version": say(
      "由更新版本的有备记下，本机这个版本还看不懂。",
      "A newer version of Youbei recorded it; this one does not know it.",
    ),
    other: say("原因代码：{{code}}。", "Code: {{code}}."),
  },
  next: {
    "go-online": say(
      "让店里的设备都联网，缺的到齐就自动计入。",
      "Bring the shop's devices online; it counts by itself once everything is here.",
    ),
    "record-again": say(
      "确有其事的话，在现用的设备上重新记一笔；这一条留作凭据。",
      "If it did happen, record it again on a device in use; this one stays as evidence.",
    ),
    permit: say(
      "需要的话，请老板改角色或设备权限，再重新记一笔；这一条不会补计。",
      "If it should be allowed, have the owner change the role or the device, then record it again; this one will not count later.",
    ),
    settle: say(
      "和会员核对：服务已经给了，就用其他方式收款，另记一笔。",
      "Settle it with the member: if the service was given, take payment otherwise and record that.",
    ),
    "import-again": say(
      "重新做一次即可；没做完的那次不会计入，不用处理。",
      "Do it again; the unfinished one will never count and needs nothing.",
    ),
    "check-device": say(
      "请在记账的设备上检查更新；确有其事的话，重新记一笔。",
      "Update Youbei on the device that recorded it; if it did happen, record it again.",
    ),
    update: say("请更新有备，更新后自动计入。", "Update Youbei; it then counts by itself."),
    nothing: say("不用处理，只是留着。", "Nothing to do; it is only kept."),
  },
} as const;
