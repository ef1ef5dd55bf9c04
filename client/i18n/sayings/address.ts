import { say } from "../say.ts";

export const address = {
  title: say("打开有备的地址", "Address of the app"),
  note: say(
    "每台设备的数据都属于它打开有备的那个地址，所以地址选定一次，全店都用它。",
    "What a device keeps belongs to the address under which it opens the app; so the address is chosen once, for the whole shop.",
  ),
  now: say("全店用的地址", "The shop's address"),
  none: say(
    "还没有选。平板和手机要先有一个 https 地址才能用。",
    "None was chosen yet. Tablets and phones need an https address.",
  ),
  here: say("这台设备就在这个地址上", "This device uses it"),
  hereLocal: say(
    "这台设备用的是 {{host}}，只有服务器这台电脑能打开。数据属于这个地址，请一直用它打开。",
    "This device uses {{host}}, which only the server's own computer can open. Its data belongs to that address: always open it there.",
  ),
  hereOther: say(
    "这台设备还在 {{host}} 上，请搬到全店用的地址。",
    "This device still uses {{host}}: move it to the shop's address.",
  ),
  hereUnchosen: say("这台设备用的是 {{host}}", "This device uses {{host}}"),
  kinds: {
    address: say(
      "任何设备都能打开。请在路由器里把它固定给这台电脑（DHCP 保留）。",
      "Works on every device. Have the router reserve it for this computer (DHCP reservation).",
    ),
    vpn: say(
      "VPN 里的地址：装了同一个 VPN 的设备才能打开，在家也行。",
      "An address in a VPN: for devices that are in it, at home too.",
    ),
    "local-name": say(
      "路由器换了地址也不变；较旧的安卓设备打不开。",
      "Survives a change of address; older Android devices cannot open it.",
    ),
    name: say(
      "域名：要能在店里的网络里解析到这台服务器。",
      "A name that the shop's network must resolve to this server.",
    ),
  },
  choose: say("选一个地址", "Choose an address"),
  chooseNote: say(
    "选定以后，店里的服务器会为它准备好 https，平板和手机就能用了。",
    "The server then gets https ready for it, and tablets and phones can be used.",
  ),
  noCandidates: say(
    "这台服务器没有连上店里的网络。请连上路由器后再打开本页。",
    "The server is in no network. Connect it to the router and open this page again.",
  ),
  other: say("其他 https 地址", "Another https address"),
  otherHint: say(
    "例如自己的域名、内网穿透或 VPN 的地址：https://…",
    "Such as your own name, a tunnel or a VPN: https://…",
  ),
  use: say("用这个地址", "Use this address"),
  change: say("换一个地址", "Choose another address"),
  changeNote: say(
    "换地址以后，每台设备都要搬一次家：数据不会丢，但要一台一台来。",
    "Every device must then move once. Nothing is lost, but it is done one device at a time.",
  ),
  sure: say("再按一次，全店换到这个地址", "Press once more: the whole shop moves there"),
  later: say("以后再选", "Later"),
  setUpTitle: say("平板和手机也要用吗？", "Will tablets and phones be used as well?"),
  setUpNote: say(
    "给全店选一个打开有备的地址。也可以以后在“设置”里选，只是以后再换，每台设备都要搬一次家。",
    "Choose the address under which the whole shop opens the app. It can be done later under Settings; but changing it then means that every device moves.",
  ),
  setUpLocal: say(
    "这台电脑可以继续用 {{host}}。在这里开店，它的数据就属于 {{host}}，以后请一直用这个地址打开。",
    "This computer may stay with {{host}}. If the shop is set up here, its data belongs to {{host}}: always open it there.",
  ),
  setUpThere: say("改到 {{host}} 上开店", "Set up the shop at {{host}} instead"),
  ready: say("准备好了", "Ready"),
  join: say(
    "用平板或手机扫码，或在它的浏览器里打开下面的地址，按页面上的说明做：",
    "Scan with the tablet or phone, or open this address in its browser, and do what the page says:",
  ),
  openThere: say(
    "用平板或手机扫码，或在它的浏览器里打开：",
    "Scan with the tablet or phone, or open in its browser:",
  ),
  firstTrust: say(
    "新设备第一次用？先在它上面打开 {{join}} ，信任店里的证书，再扫上面的码。",
    "Is it new here? Open {{join}} on it first and trust the shop's certificate, then scan the code above.",
  ),
  print: say("证书指纹（SHA-256）", "Fingerprint of the certificate (SHA-256)"),
  printNote: say(
    "在设备上安装证书时，要和设备上显示的一样。",
    "Must be what the device shows while the certificate is installed.",
  ),
  certificate: say("证书", "Certificate"),
  until: say("服务器证书有效到 {{date}}", "The server's certificate is good until {{date}}"),
  untilSelf: say(
    "服务器证书有效到 {{date}}，到期前自动更换",
    "The server's certificate is good until {{date}} and renewed by itself",
  ),
  authorityUntil: say(
    "店里的根证书有效到 {{date}}",
    "The shop's own authority is good until {{date}}",
  ),
  trouble: say(
    "服务器的证书有问题：{{what}}",
    "Something is wrong with the server's certificate: {{what}}",
  ),
  devices: say("设备", "Devices"),
  devicesNote: say("哪些已经在全店用的地址上。", "Which of them use the shop's address already."),
  moved: say("已在全店用的地址上", "Uses the shop's address"),
  still: say("还在 {{host}}", "Still at {{host}}"),
  atServer: say(
    "在服务器电脑上用 {{host}}，可以不搬",
    "At {{host}} on the server's computer; may stay there",
  ),
  unseen: say("还没有连接过", "Not seen yet"),
  makeCode: say("生成搬家码", "Make its code"),
  codeFor: say("“{{name}}”的搬家码", "The code for “{{name}}”"),
  codeNote: say(
    "在那台设备上打开新地址，输入这个码。先确认它“全部已上传”。",
    "Open the new address on that device and enter this code. First make sure that it says “all sent”.",
  ),
  notOnline: say(
    "它现在不在线：没上传的记录搬家后不计入。请先让它联网。",
    "It is offline: what it has not sent will not count after the move. Let it go online first.",
  ),
  otherTab: say(
    "另一个标签页正在使用有备，请到那里操作。",
    "Youbei is open in another tab: do this there.",
  ),
  move: say("搬到全店用的地址", "Move to the shop's address"),
  moveShort: say("去搬家", "Move"),
  elsewhere: say(
    "这台设备打开的是 {{here}}，全店用的地址是 {{origin}}。",
    "This device opened {{here}}; the shop's address is {{origin}}.",
  ),
  arrival: {
    title: say("请用全店用的地址打开", "Open it at the shop's address"),
    text: say(
      "您打开的是 {{here}}。设备的数据属于它打开的地址，全店用的是 {{origin}}。",
      "You opened {{here}}. What a device keeps belongs to its address, and the shop's is {{origin}}.",
    ),
    local: say(
      "{{here}} 只有服务器这台电脑自己能打开。这台电脑可以留在这里，它的数据就属于这个地址。",
      "Only the server's own computer can open {{here}}. This computer may stay here; its data then belongs to this address.",
    ),
    go: say("打开 {{host}}", "Open {{host}}"),
    stay: say("留在这个地址", "Stay at this address"),
    trust: say("打不开或有警告？先信任证书", "A warning? Trust the certificate first"),
  },
  moving: {
    title: say("这台设备搬家", "Move this device"),
    note: say(
      "数据不能跟着换地址，所以这台设备在新地址上重新加入，接替自己：余额、权限、记录都在。中途停下也不会丢，再来一次就好。",
      "Data cannot follow to another address. So this device joins anew over there and takes over from itself: balances, rights and records are all there. Stop at any time and start again: nothing is lost.",
    ),
    from: say("从 {{host}}", "From {{host}}"),
    to: say("到 {{host}}", "To {{host}}"),
    card: say("恢复卡已打印并核对", "The recovery card was printed and checked"),
    cardNote: say(
      "恢复密钥还只在这台设备上。先打印恢复卡并核对两个字，再搬家。",
      "The recovery key is on this device only. Print the card and check two words before you move.",
    ),
    cardGo: say("去打印恢复卡", "Print the card"),
    reach: say("新地址在这台设备上打得开", "This device can open the new address"),
    reaching: say("正在检查…", "Checking…"),
    reachNote: say(
      "打不开，或者还没有信任店里的证书。",
      "It cannot be opened, or this device does not trust the shop's certificate yet.",
    ),
    reachGo: say("信任证书", "Trust the certificate"),
    sent: say("全部已上传", "Everything was sent"),
    sentNote: say(
      "还有 {{n}} 笔没有上传，请等联网后自动传完。",
      "{{n}} are not sent yet; wait until they are.",
    ),
    sentOffline: say("现在连不上服务器。", "The server is out of reach."),
    code: say("生成搬家码", "Make the code"),
    codeNote: say("从现在起请不要在这里收银。", "From now on record nothing here."),
    ask: say(
      "请老板在自己的设备上打开“设置 → 打开有备的地址”，为“{{name}}”生成搬家码。拿到后在新地址输入。",
      "Ask the owner to open Settings → Address of the app on the owner's device and make a code for “{{name}}”. Enter it at the new address.",
    ),
    go: say("打开新地址并加入", "Open the new address and join"),
    goBare: say("打开新地址", "Open the new address"),
    wait: say(
      "等新地址上的设备加入，这里会自动显示。",
      "This page will say so when the device has joined over there.",
    ),
  },
  done: {
    title: say("这台设备已经搬走了", "This device has moved"),
    text: say(
      "“{{name}}”已在新地址上接替它。请在新地址打开有备，添加到主屏幕，并删掉旧图标。",
      "“{{name}}” has taken over at the new address. Open the app there, add it to the home screen, and remove the old icon.",
    ),
    textBare: say(
      "它已在新地址上被接替。请在新地址打开有备，添加到主屏幕，并删掉旧图标。",
      "It was taken over at the new address. Open the app there, add it to the home screen, and remove the old icon.",
    ),
    go: say("打开 {{host}}", "Open {{host}}"),
    unsent: say(
      "搬走以后这里还记了 {{n}} 笔，没有上传，也没有计入。请在新地址上补记。这里的数据先留着。",
      "{{n}} were recorded here after the move; they were not sent and do not count. Record them again at the new address, and leave what is here as it is.",
    ),
    look: say("看看这里的记录", "Look at what is here"),
    erase: say("清除这里的数据", "Erase what is here"),
    eraseNote: say(
      "新地址上什么都有，这里的副本不再需要。",
      "Everything is at the new address; this copy is not needed any more.",
    ),
    eraseSure: say("再按一次，清除", "Press once more to erase"),
    erased: say("已清除。请用新地址打开有备。", "Erased. Open the app at the new address."),
  },
  faults: {
    "no-key": say(
      "这台设备没有老板的密钥。请到老板自己的设备上操作。",
      "This device does not hold the owner's key. Do it on the owner's own device.",
    ),
    offline: say("连不上服务器，什么都没改。", "The server is out of reach; nothing was changed."),
    "not-accepted": say(
      "服务器不认这个密钥或安装码，什么都没改。",
      "The server does not accept this key or code; nothing was changed.",
    ),
    "too-many-tries": say("试得太多了，请等一分钟再试。", "Too many tries; wait a minute."),
    "origin-invalid": say(
      "这不是 https 地址。应该像 https://192.168.1.20:8443 这样，后面不带别的。",
      "That is no https address. It looks like https://192.168.1.20:8443, with nothing after it.",
    ),
    "not-covered": say(
      "服务器的证书不能用于这个地址。请选列出的地址，或换一张证书。",
      "The server's certificate cannot cover that address. Choose one of the list, or use another certificate.",
    ),
    "https-failed": say(
      "服务器没能启动 https，可能端口被占用或证书损坏。请看服务器的日志。",
      "The server could not start https: its port may be taken or its certificate damaged. Its log says why.",
    ),
    unexpected: say(
      "服务器没有听懂。请确认服务器和网页是同一版本，再试一次。",
      "The server did not understand. Make sure that it has the same version, then try again.",
    ),
  },
} as const;
