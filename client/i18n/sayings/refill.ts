import { say } from "../say.ts";

/** A new server that is given everything by a device. */
export const refill = {
  title: say("为新服务器恢复数据", "Refill a new server"),
  row: say(
    "旧服务器坏了，用本机的数据恢复一台新的",
    "The old one is dead: a new one from this device's records",
  ),
  note: say(
    "新服务器的页面上选“恢复已有的店”，会显示地址和安装码。本机的全部记录都会送过去，本机一条也不会少。",
    "On the new server's page choose “Recover a shop”: it shows an address and a code. All records of this device are sent there; none is taken away here.",
  ),
  otherTab: say(
    "请在正在使用有备的那个标签页里操作。",
    "Do this in the tab in which Youbei is in use.",
  ),
  address: say("新服务器的地址", "Address of the new server"),
  addressHint: say("例如 https://192.168.1.8:8443", "For example https://192.168.1.8:8443"),
  code: say("新服务器的安装码", "Set-up code of the new server"),
  codeHint: say(
    "16 位，显示在新服务器的页面和终端上",
    "16 characters, on the new server's page and terminal",
  ),
  wordsHint: say(
    "只在本机核对和签名，不会发给任何人",
    "Checked and used to sign on this device only; they are sent to nobody",
  ),
  sure: say("把“{{shop}}”恢复到 {{host}}？", "Recover “{{shop}}” to {{host}}?"),
  sureNote: say(
    "旧服务器从此不再有效；它如果回来，多出来的账会补到新服务器上。",
    "The old server is closed by this; should it come back, what only it has is added to the new one.",
  ),
  go: say("开始恢复", "Refill it"),
  filling: say(
    "新服务器已收到 {{done}} / {{total}} 条",
    "The new server has {{done}} of {{total}} records",
  ),
  waiting: say("正在等新服务器回答…", "Waiting for the new server…"),
  what: say("项目", "What"),
  device: say("本机", "This device"),
  server: say("新服务器", "New server"),
  members: say("会员", "Members"),
  operations: say("记录", "Records"),
  principal: say("储值本金", "Principal owed"),
  bonus: say("赠送余额", "Bonus owed"),
  owed: say("储值余额合计", "Owed to members"),
  agreed: say("两边完全一致", "Both sides agree"),
  agreedNote: say(
    "恢复完成，可以照常收银。其他设备打开后会自动接上，只在它们上面的账会自动补来。",
    "It is done; go on selling. Other devices follow by themselves and bring what only they have.",
  ),
  sell: say("去收银", "To the till"),
  move: say("让本机改用新地址", "Move this device to the new address"),
  recover: say("恢复已有的店", "Recover a shop"),
  recoverNote: say(
    "原来的服务器坏了，店里还有用过的平板或电脑？不用重新开店。",
    "The old server is dead and a tablet or PC of the shop is left? Then do not set up a new one.",
  ),
  recoverTitle: say("用一台设备恢复这台服务器", "Refill this server from a device"),
  recoverSteps: say(
    "1. 在店里用过的任何一台平板或电脑上，打开有备（没有网络也能打开）。\n2. 设置 → 为新服务器恢复数据，填入下面的地址和安装码，或扫这个码。\n3. 输入恢复卡上的 12 个字，确认。\n这一页会显示结果。",
    "1. Open Youbei on any tablet or PC of the shop; it opens without network too.\n2. Settings → Refill a new server: enter the address and code below, or scan this picture.\n3. Enter the twelve words of the recovery card and confirm.\nThis page shows what comes of it.",
  ),
  newShop: say("不，开一家新店", "No, set up a new shop"),
  awaiting: say("等一台设备送来数据…", "Waiting for a device…"),
  arriving: say(
    "“{{shop}}”正在送来，已有 {{n}} 条",
    "“{{shop}}” is arriving: {{n}} records so far",
  ),
  arrived: say("“{{shop}}”已经恢复到这台服务器", "“{{shop}}” is on this server now"),
  arrivedNote: say(
    "请和设备上显示的数字核对；一致就完成了。",
    "Compare these figures with those on the device: if they are the same it is done.",
  ),
  faults: {
    "address-malformed": say(
      "这个地址看不懂，请照新服务器页面上的填。",
      "That is no address: copy it from the new server's page.",
    ),
    "address-insecure": say(
      "会员资料只能经 https 发到别的电脑。请用新服务器页面上 https 开头的地址。",
      "Members' data goes to another machine over https only: use the address that begins with https on the new server's page.",
    ),
    "code-malformed": say(
      "安装码是 16 位，请再看一遍。",
      "The set-up code has 16 characters: look again.",
    ),
    "words-malformed": say(
      "这 12 个字不对，请照恢复卡再输一遍。",
      "These are not the twelve words of a card: read them again.",
    ),
    "other-card": say(
      "这不是这家店现在的恢复卡。",
      "This is not this shop's present recovery card.",
    ),
    "not-accepted": say(
      "安装码和这台服务器对不上。请看它页面或终端上最新的安装码；还是不对，就不要继续：它可能不是您的服务器。",
      "The code is not this server's. Look at the newest on its page or terminal; if it still fails, do not go on: it may not be your server.",
    ),
    "already-founded": say(
      "这台服务器已经开过店了，不能再恢复。",
      "This server serves a shop already.",
    ),
    "too-many-tries": say("试得太多了，请等一分钟再试。", "Too many tries; wait a minute."),
    malformed: say(
      "新服务器没有接受。请确认两边是同一版本，再试一次。",
      "The new server did not take it. Make sure that both have the same version, then try again.",
    ),
    "store-full": say("新服务器的硬盘满了。", "The new server's disk is full."),
    unreachable: say(
      "连不上这个地址。请确认新服务器开着，并先在本机信任它的证书（新服务器页面上有步骤）。",
      "No answer from that address. Make sure that the new server runs, and that this device trusts its certificate first (its page shows how).",
    ),
    unexpected: say("没有成功，请再试一次。", "It did not work; try again."),
  },
} as const;
