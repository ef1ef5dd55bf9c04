import { say } from "../say.ts";

export const common = {
  back: say("返回", "Back"),
  close: say("关闭", "Close"),
  cancel: say("取消", "Cancel"),
  save: say("保存", "Save"),
  confirm: say("确定", "OK"),
  next: say("下一步", "Next"),
  done: say("完成", "Done"),
  later: say("以后再说", "Later"),
  retry: say("再试一次", "Try again"),
  copy: say("复制", "Copy"),
  copied: say("已复制", "Copied"),
  add: say("添加", "Add"),
  edit: say("修改", "Edit"),
  remove: say("删除", "Remove"),
  more: say("更多", "More"),
  yes: say("是", "Yes"),
  no: say("否", "No"),
  loading: say("正在读取…", "Reading…"),
  saving: say("正在保存…", "Saving…"),
  optional: say("可不填", "Optional"),
  appName: say("有备会员", "Youbei"),
  motto: say("有备无患", "Prepared, therefore unharmed"),
} as const;

export const keypad = {
  name: say("数字键盘", "Number pad"),
  backspace: say("退格，长按清空", "Delete; hold to clear"),
  point: say("小数点", "Decimal point"),
  letters: say("拼音", "ABC"),
  lettersName: say("用文字键盘输入姓名或拼音", "Type a name on the letter keyboard"),
  open: say("打开", "Open"),
} as const;

export const tenders = {
  "stored-value": say("储值", "Balance"),
  cash: say("现金", "Cash"),
  wechat: say("微信", "WeChat"),
  alipay: say("支付宝", "Alipay"),
  card: say("银行卡", "Card"),
  other: say("其他", "Other"),
} as const;

export const roles = {
  owner: say("老板", "Owner"),
  manager: say("店长", "Manager"),
  cashier: say("店员", "Cashier"),
  system: say("系统", "System"),
} as const;

export const kinds = {
  MemberAdded: say("开卡", "Joined"),
  MemberEdited: say("改资料", "Details changed"),
  ToppedUp: say("充值", "Top-up"),
  SaleRecorded: say("消费", "Sale"),
  OperationReversed: say("撤销消费", "Sale undone"),
  LotsVoided: say("撤销充值", "Top-up undone"),
  ValueMoved: say("余额调拨", "Value moved"),
  ImportOpened: say("开始导入", "Import begun"),
  OpeningBalanceImported: say("导入余额，待核对", "Imported balance, to be checked"),
  PurchasesImported: say("旧系统消费", "Bought in the old system"),
  ImportClosed: say("完成导入", "Import finished"),
  ImportUndone: say("撤销导入", "Import undone"),
  RestoreOpened: say("开始还原版本", "Return to a version begun"),
  MemberRestored: say("还原到旧版本", "Restored to an earlier version"),
  RestoreClosed: say("完成还原版本", "Return to a version finished"),
  DisputeSettled: say("差额结清", "Owed value settled"),
  unknown: say("新版本的操作", "From a newer version"),
} as const;

export const fields = {
  name: say("姓名", "Name"),
  pinyin: say("拼音", "Pinyin"),
  phone: say("手机号", "Phone"),
  card: say("卡号", "Card number"),
  gender: say("性别", "Gender"),
  birthday: say("生日", "Birthday"),
  address: say("地址", "Address"),
  note: say("备注", "Note"),
  level: say("等级", "Level"),
  cardType: say("卡类型", "Card type"),
  storeLabel: say("所在店铺", "Store (old system)"),
  openedOn: say("开卡日期", "Opened on"),
  totalPoints: say("累计积分", "Points earned (old system)"),
  points: say("积分", "Points (old system)"),
  wechat: say("微信号", "WeChat"),
  validUntil: say("有效期至", "Valid until"),
  spentBefore: say("旧系统累计消费", "Spent in the old system"),
} as const;

export const header = {
  menu: say("主菜单", "Main menu"),
  till: say("收银", "Till"),
  today: say("今日", "Today"),
  settings: say("设置", "Settings"),
  online: say("在线", "Online"),
  offline: say("离线", "Offline"),
  connecting: say("连接中", "Connecting"),
  refused: say("服务器不接受", "Refused by the server"),
  recovering: say("服务器恢复中", "Server recovering"),
  fetching: say("正在下载", "fetching"),
  allSent: say("全部已上传", "all sent"),
  unsent: say("{{n}} 笔未上传", "{{n}} unsent"),
  offlineUsable: say("照常可用", "works all the same"),
  status: say("保存状态：{{words}}", "Where things are saved: {{words}}"),
  staff: say("当前店员：{{name}}，点按更换", "At the till: {{name}}. Tap to change"),
  chooseStaff: say("选择店员", "Who are you?"),
  chooseStaffTitle: say("现在谁在收银？", "Who is at the till?"),
  chooseStaffNote: say(
    "记在每一笔操作上，方便以后核对。",
    "It is written on everything that is done.",
  ),
  follower: say(
    "另一个标签页正在使用有备，这里同步显示；在这里操作也会记入。",
    "Youbei is open in another tab; this one follows it, and what you do here counts as well.",
  ),
  updateReady: say("有新版本，更新只要几秒。", "A new version is ready; it takes a few seconds."),
  updateNow: say("立即更新", "Update now"),
  storageFull: say(
    "这台设备的存储空间满了，新的操作无法保存。请删除不用的照片或应用，然后再试。",
    "This device's storage is full; nothing new can be saved. Free some space, then try again.",
  ),
  givenUp: say(
    "有备在另一个窗口更新了，请重新打开本页。",
    "Youbei was updated in another window. Please load this page again.",
  ),
  reload: say("重新打开", "Load again"),
  refusedNote: say(
    "服务器不再接受这台设备（{{reason}}）。已记的账都在，请联系老板在“设置 → 设备”里重新配对。",
    "The server no longer accepts this device ({{reason}}). Nothing is lost; ask the owner to pair it again under Settings → Devices.",
  ),
} as const;
