import { say } from "../say.ts";

export const notPossible = {
  insecure: {
    title: say(
      "这个地址不安全，浏览器不让有备工作",
      "The browser does not let Youbei run at this address",
    ),
    why: say(
      "有备要在这台设备上保存会员和账目，浏览器只允许 https 地址这样做。数据没有丢失。",
      "Youbei keeps members and money on this device; browsers allow that only at https addresses. Nothing is lost.",
    ),
    steps: say(
      "请店里管服务器的人给服务器装上证书（运行 youbei https，或用 Caddy 等反向代理），\n然后用 https:// 开头的地址打开。\n如果服务器就在这台电脑上，请改用 http://localhost 打开。",
      "Ask whoever runs the server to give it a certificate (youbei https, or a reverse proxy such as Caddy),\nthen open the address that begins with https://.\nIf the server runs on this very computer, use http://localhost instead.",
    ),
    open: say("改用 https 打开", "Open with https"),
  },
  inApp: {
    title: say("请换浏览器打开", "Please open this in a browser"),
    why: say(
      "{{app}} 自带的浏览器会清掉数据，断网也打不开，不能用来收银。",
      "The browser inside {{app}} clears data and cannot work offline, so it cannot be a till.",
    ),
    steps: say(
      "点右上角“···”，选“在浏览器打开”，\n或复制下面的地址，到 Chrome、Edge 或 Safari 里粘贴打开。",
      "Tap “···” at the top right and choose “Open in browser”,\nor copy the address below into Chrome, Edge or Safari.",
    ),
  },
  private: {
    title: say("无痕窗口里不能用有备", "Youbei cannot be used in a private window"),
    why: say(
      "无痕（隐私）窗口关掉后数据就没了，账不能记在这里。",
      "A private window forgets everything when it is closed; no books can be kept in it.",
    ),
    steps: say(
      "请关闭无痕窗口，\n在普通窗口里打开同一个地址。",
      "Close the private window,\nthen open the same address in an ordinary one.",
    ),
  },
  storage: {
    title: say("浏览器不让保存数据", "The browser does not allow saving"),
    why: say(
      "没有保存的地方就不能记账。可能是无痕窗口，或者浏览器禁止了 Cookie 和网站数据。",
      "Without a place to save, nothing can be recorded. This may be a private window, or site data is blocked.",
    ),
    steps: say(
      "请不要用无痕窗口；\n在浏览器“设置 → 隐私 → 网站数据（Cookie）”里允许本站，\n然后重新打开本页。",
      "Do not use a private window;\nallow this site under Settings → Privacy → Site data (cookies),\nthen load this page again.",
    ),
  },
  full: {
    title: say("这台设备的存储空间满了", "This device's storage is full"),
    why: say(
      "有备打不开自己的数据。已有的数据没有丢失。",
      "Youbei cannot open its data. What is there is not lost.",
    ),
    steps: say(
      "请删除不用的照片、视频或应用，腾出至少 1 GB，\n然后重新打开本页。",
      "Remove photos, videos or apps that are not needed, at least 1 GB,\nthen load this page again.",
    ),
  },
  logDamaged: {
    title: say("本机的设备名册损坏了", "This device's list of devices is damaged"),
    why: say(
      "没有名册就核对不了账目，所以先停着；账目都在本机，没有丢失。",
      "Without it the books cannot be checked, so nothing is opened yet; they are all here and nothing is lost.",
    ),
    steps: say(
      "请联网，让这台设备连上服务器，\n然后重新打开本页，名册会自动取回。",
      "Bring this device online so that it reaches the server,\nthen load this page again; the list is fetched by itself.",
    ),
  },
  old: {
    title: say("浏览器太旧了", "This browser is too old"),
    why: say(
      "它缺少有备需要的功能（{{missing}}）。数据没有丢失。",
      "It lacks what Youbei needs ({{missing}}). Nothing is lost.",
    ),
    steps: say(
      "请更新到 Chrome 或 Edge 111、Safari（iOS）16.4、Firefox 119 或更新的版本，\n然后重新打开本页。",
      "Update to Chrome or Edge 111, Safari (iOS) 16.4, Firefox 119 or newer,\nthen load this page again.",
    ),
  },
  broken: {
    title: say("本机的数据打不开", "This device's data does not open"),
    why: say(
      "原因：{{detail}}。账目在服务器和其他设备上还有副本。",
      "Reason: {{detail}}. The books are on the server and other devices as well.",
    ),
    steps: say(
      "请重新打开本页；\n还是不行，用另一台设备继续收银，并联系老板用恢复卡或新的配对码重新配对这台设备。",
      "Load this page again;\nif that fails, go on with another device and have this one paired again.",
    ),
  },
  copyAddress: say("复制地址", "Copy the address"),
  reload: say("重新打开", "Load again"),
} as const;

export const setUp = {
  welcome: say("欢迎使用有备", "Welcome to Youbei"),
  promise: say(
    "店里的会员、储值和消费，每台设备都有一份。断网照常收银，服务器坏了也丢不了。",
    "Members, balances and sales, on every device. Works without network; nothing is lost with the server.",
  ),
  newShop: say("开一家新店", "Set up a new shop"),
  newShopNote: say(
    "这台服务器还是空的，几分钟就能开张。",
    "This server is empty. It takes a few minutes.",
  ),
  codeLabel: say("安装码", "Set-up code"),
  codeHint: say(
    "服务器启动时显示在终端里的 16 位代码",
    "16 characters that the server showed in its terminal when it started",
  ),
  shopName: say("店名", "Shop"),
  shopNameHint: say("会印在小票上", "Printed on receipts"),
  storeName: say("这家门店叫什么", "This branch"),
  storeNameHint: say("只有一家店可以和店名相同", "The same as the shop if there is only one"),
  ownerName: say("您的称呼", "Your name"),
  ownerHint: say("您是老板，可以管理一切", "You are the owner and may do everything"),
  deviceName: say("这台设备叫什么", "This device"),
  till: say("这台设备放在前台收银吗？", "Is this device used at the counter?"),
  tillYes: say("是，收银用", "Yes, as a till"),
  tillYesNote: say(
    "会员余额由它保管，断网也能全额扣款",
    "It keeps the balances and can charge them without network",
  ),
  tillNo: say("不是，办公用", "No, in the office"),
  tillNoNote: say(
    "可以看和管理，收银请另配设备",
    "For looking and managing; pair another device as the till",
  ),
  create: say("开张", "Open the shop"),
  creating: say("正在开张…", "Opening…"),
  unreachable: say("连不上服务器", "The server is out of reach"),
  unreachableText: say(
    "请确认服务器开着、这台设备连着店里的网络，然后再试。",
    "Make sure that the server runs and that this device is on the shop's network, then try again.",
  ),
  recovering: say("服务器正在恢复", "The server is being recovered"),
  recoveringText: say(
    "请等恢复完成。以前用过的设备请保持打开，它们会自动把数据送回去。",
    "Wait until it is done. Keep the devices open that were used before: they bring the data back by themselves.",
  ),
  faults: {
    "not-accepted": say(
      "安装码不对，或者已经用过。请看服务器终端上最新的那一个。",
      "The set-up code is wrong or was used. Look at the newest one in the server's terminal.",
    ),
    "too-many-tries": say("试得太多了，请等一分钟再试。", "Too many tries; wait a minute."),
    "already-founded": say(
      "这台服务器已经开过店了。请刷新页面，用配对码加入。",
      "A shop was set up on this server already. Load the page again and pair this device.",
    ),
    unexpected: say(
      "服务器没有听懂。请确认服务器和网页是同一版本，再试一次。",
      "The server did not understand. Make sure that it has the same version, then try again.",
    ),
    unreachable: say(
      "连不上服务器，还没有建好。请检查网络后再试，不会重复建店。",
      "The server is out of reach; the shop is not set up yet. Check the network and try again: nothing is done twice.",
    ),
    "store-full": say(
      "这台设备的存储空间满了。请腾出空间后再试。",
      "This device's storage is full. Free some space and try again.",
    ),
    "store-refused": say(
      "浏览器不让保存数据。请不要用无痕窗口。",
      "The browser does not allow saving. Do not use a private window.",
    ),
    "store-broken": say(
      "写入失败。请重新打开本页再试。",
      "Writing failed. Load the page again and try once more.",
    ),
    "missing-names": say("请填店名、门店和您的称呼。", "Enter the shop, the branch and your name."),
    "code-malformed": say(
      "配对码应该是 16 位字母和数字，请再对一遍。",
      "A pairing code has 16 letters and digits. Compare it once more.",
    ),
    "words-malformed": say(
      "这 12 个字不对。请按卡上的顺序逐个核对，注意形近字。",
      "These twelve words are not right. Compare each of them with the card, in its order.",
    ),
    "nothing-to-replace": say(
      "要替换的设备已经被替换过了。请刷新后重新选择。",
      "That device was replaced already. Load the page again and choose once more.",
    ),
    "forged-log": say(
      "服务器给出的店铺记录验证不通过，为了安全已停止。请联系管服务器的人。",
      "The server's records do not check; stopped for safety. Ask whoever runs the server.",
    ),
  },
} as const;

export const card = {
  title: say("恢复卡", "Recovery card"),
  lead: say(
    "服务器坏了、设备丢了，凭这 12 个字就能把整家店找回来。请打印或抄写，锁进保险柜。它只显示这一次。",
    "With these twelve words the whole shop can be brought back. Print or copy them and lock them away. They are shown only now.",
  ),
  warning: say(
    "谁拿到它，谁就能掌管这家店。不要拍照，不要发微信。",
    "Whoever has them has the shop. Take no photo; send them to nobody.",
  ),
  zh: say("汉字", "Hanzi"),
  en: say("英文", "English"),
  either: say("两种写法是同一把钥匙，记一种就够。", "Both are the same key; either is enough."),
  print: say("打印恢复卡", "Print the card"),
  kept: say("已经打印或抄好", "Printed or copied"),
  later: say("先去收银，回头再做", "Later"),
  proveTitle: say("请从卡上填两个字", "Type two words from the card"),
  proveText: say("确认卡上的字没有抄错。", "To be sure that nothing was copied wrongly."),
  nth: say("第 {{n}} 个", "Word {{n}}"),
  wrong: say(
    "和恢复卡对不上。请看着卡再填，汉字或英文都可以。",
    "That is not what the card says. Look at it and type the hanzi or the English word.",
  ),
  proved: say("恢复卡核对无误。请收好。", "The card is right. Keep it safe."),
  again: say("再看一遍卡", "Look at the card again"),
  prove: say("核对", "Check"),
} as const;

export const enrol = {
  title: say("加入 {{shop}}", "Join {{shop}}"),
  titleBare: say("配对这台设备", "Pair this device"),
  byCode: say("用配对码", "With a pairing code"),
  byCard: say("用恢复卡", "With the recovery card"),
  codeText: say(
    "在老板的设备上打开“设置 → 设备 → 添加设备”，扫二维码，或把 16 位配对码填在这里。",
    "On the owner's device open Settings → Devices → Add a device; scan the QR code or type its 16 characters here.",
  ),
  code: say("配对码", "Pairing code"),
  deviceName: say("这台设备叫什么", "Name of this device"),
  join: say("加入", "Join"),
  joining: say("正在加入…", "Joining…"),
  cardText: say(
    "设备丢了、坏了或被清空，又没有别的设备可以发配对码时使用。",
    "For when a device was lost or wiped and no other can make a pairing code.",
  ),
  words: say("恢复卡上的 12 个字", "The twelve words of the card"),
  wordsHint: say("汉字或英文都可以，空格可有可无", "Hanzi or English, in their order"),
  which: say("这台设备接替谁？", "Which device does this one replace?"),
  whichText: say(
    "接替后，旧设备上的余额转到这台，旧设备不能再记账。",
    "It takes over the old one's value; the old one can record nothing any more.",
  ),
  none: say("不接替，新增一台", "None: one more device"),
  replace: say("接替“{{name}}”", "Replace “{{name}}”"),
  till: say("收银设备", "Till"),
  office: say("办公设备", "Office"),
  faultCode: say(
    "配对码不对、已用过或过期了。请在老板的设备上重新生成一个。",
    "The code is wrong, used or too old. Make a new one on the owner's device.",
  ),
  faultCard: say(
    "这张恢复卡不是这家店的。请核对是不是拿错了卡。",
    "This card belongs to another shop. Check that it is the right one.",
  ),
  elsewhere: say(
    "有备正在另一个标签页里设置，请到那里继续。",
    "Youbei is being set up in another tab. Go on there.",
  ),
  devices: {
    ipad: say("iPad", "iPad"),
    iphone: say("iPhone", "iPhone"),
    android: say("安卓设备", "Android device"),
    windows: say("Windows 电脑", "Windows PC"),
    mac: say("Mac 电脑", "Mac"),
    other: say("这台电脑", "This computer"),
  },
} as const;

export const checklist = {
  title: say("开店清单", "Opening checklist"),
  progress: say("已完成 {{done}} / {{all}}", "{{done}} of {{all}} done"),
  hide: say("不再显示", "Hide"),
  go: say("继续", "Go on"),
  startEmpty: say("不导入，从零开始", "Start empty"),
  steps: {
    founded: say("建好店铺", "Shop set up"),
    card: say("打印恢复卡并核对", "Recovery card printed and checked"),
    members: say("导入老会员，或从零开始", "Members imported, or started empty"),
    first: say("登记第一位会员", "First member added"),
    sale: say("收第一笔款", "First sale"),
    second: say("加第二台设备（多一份副本）", "Second device: one more copy"),
  },
} as const;
