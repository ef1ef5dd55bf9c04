export type JoinLanguage = "zh" | "en";

/** The four kinds of device on which trusting a certificate goes differently. */
export const joinDevices = ["android", "ios", "windows", "mac"] as const;
export type JoinDevice = (typeof joinDevices)[number];

const zh = {
  locale: "zh-CN",
  other: "English",
  brand: "有备会员",
  title: "在这台设备上打开有备",
  lead: "店里的数据只加密传输。请先让这台设备信任店里自己的证书，每台设备做一次就好。",
  leadOwn: "店里的数据只加密传输。这台设备不用安装任何东西。",
  scanTitle: "平板、手机扫这里",
  scan: "用要添加的平板或手机扫码，或在它的浏览器里输入：",
  trustTitle: "信任店里的证书",
  which: "这台设备是",
  names: { android: "安卓", ios: "iPhone / iPad", windows: "Windows", mac: "Mac" },
  download: {
    android: "下载证书",
    ios: "下载描述文件",
    windows: "下载证书",
    mac: "下载证书",
  },
  steps: {
    android: [
      "点上面的按钮下载 youbei-root.crt。浏览器提示“可能有害”时选保留。",
      "打开手机“设置”，搜索“证书”，进入“从存储设备安装证书”或“加密与凭据 → 安装证书”，选“CA 证书”。",
      "系统会警告，点“仍然安装”，再选刚才下载的 youbei-root.crt。没有设过锁屏密码的要先设一个。",
      "回到这里看检查结果。还没变的话，把浏览器完全关掉再打开本页。",
    ],
    ios: [
      "用 Safari 打开本页，点上面的按钮，再点“允许”。",
      "打开“设置”，点最上面的“已下载描述文件”，点右上角“安装”，输入锁屏密码。",
      "再到“设置 → 通用 → 关于本机”，拉到最底，进“证书信任设置”，打开“有备 Youbei”的开关。这一步最容易忘。",
      "回到这里看检查结果。",
    ],
    windows: [
      "点上面的按钮下载 youbei-root.crt，然后打开它，点“安装证书”。",
      "存储位置选“本地计算机”（没有管理员密码时选“当前用户”），点“下一步”。",
      "选“将所有的证书都放入下列存储”，点“浏览”，选“受信任的根证书颁发机构”，一路“下一步”到“完成”，询问时点“是”。",
      "把浏览器完全关掉再打开，回到这里看检查结果。",
    ],
    mac: [
      "点上面的按钮下载 youbei-root.crt，然后打开它，“钥匙串访问”会出现；钥匙串选“登录”，点“添加”。",
      "在“登录 → 证书”里双击“有备 Youbei”，展开“信任”。",
      "“使用此证书时”选“始终信任”，关上窗口，输入电脑密码。",
      "回到这里看检查结果。还没变的话，退出浏览器再打开。",
    ],
  },
  compareTitle: "核对指纹",
  compare:
    "安装时系统显示的 SHA-256 指纹，要和老板电脑上“设置 → 打开有备的地址”里的一样。不一样就不要安装，有人可能冒充了服务器。",
  checkTitle: "检查",
  wait: "正在检查这台设备是否信任店里的证书…",
  yes: "已信任，可以打开有备了。",
  no: "还没有信任。请按下面的步骤安装证书。",
  gone: "这台设备找不到 {host}。请确认连的是店里的网络；地址以 .local 结尾的，旧安卓设备打不开，请老板改选一个数字地址。",
  again: "再查一次",
  noScript: "浏览器关闭了脚本，无法自动检查：点下面的按钮，没有安全警告就是已信任。",
  open: "打开有备",
  remember: "以后都从这个地址打开，并添加到主屏幕。设备上的数据只属于这个地址。",
  unchosen:
    "老板还没有选定打开有备的地址。请在服务器电脑上打开有备，到“设置 → 打开有备的地址”里选一个。",
  wechat: "微信里不能安装证书，也保存不了数据。请点右上角“…”，选“在浏览器打开”。",
  notSafari: "iPhone 和 iPad 上，描述文件只能用 Safari 下载。请在 Safari 里打开本页。",
};

type Words = typeof zh;

const en: Words = {
  locale: "en",
  other: "中文",
  brand: "Youbei",
  title: "Open Youbei on this device",
  lead: "The shop's data travels encrypted only. Let this device trust the shop's own certificate first; once for each device.",
  leadOwn: "The shop's data travels encrypted only. There is nothing to install on this device.",
  scanTitle: "Scan with a tablet or phone",
  scan: "Scan with the device that you add, or type into its browser:",
  trustTitle: "Trust the shop's certificate",
  which: "This device is",
  names: { android: "Android", ios: "iPhone / iPad", windows: "Windows", mac: "Mac" },
  download: {
    android: "Download the certificate",
    ios: "Download the profile",
    windows: "Download the certificate",
    mac: "Download the certificate",
  },
  steps: {
    android: [
      "Download youbei-root.crt with the button above. Keep it when the browser says that it may be harmful.",
      "Open the phone's Settings, search for “certificate”, and go to Encryption & credentials → Install a certificate → CA certificate.",
      "The system warns: choose Install anyway, then the youbei-root.crt that you downloaded. A phone without a screen lock asks for one first.",
      "Come back here and look at the check. If it has not changed, close the browser completely and open this page again.",
    ],
    ios: [
      "Open this page in Safari, press the button above, then Allow.",
      "Open Settings, press Profile Downloaded at the top, then Install, and enter the passcode.",
      "Go to Settings → General → About → Certificate Trust Settings at the very end, and switch on “有备 Youbei”. This is the step that people forget.",
      "Come back here and look at the check.",
    ],
    windows: [
      "Download youbei-root.crt with the button above, open it, and press Install Certificate.",
      "Choose Local Machine (or Current User without an administrator's password) and press Next.",
      "Choose Place all certificates in the following store, press Browse, choose Trusted Root Certification Authorities, then Next to the end; answer Yes.",
      "Close the browser completely, open it again, and look at the check.",
    ],
    mac: [
      "Download youbei-root.crt with the button above and open it: Keychain Access appears. Choose the login keychain and press Add.",
      "In login → Certificates double-click “有备 Youbei” and unfold Trust.",
      "Set When using this certificate to Always Trust, close the window, and enter the computer's password.",
      "Come back here and look at the check. If it has not changed, quit the browser and open it again.",
    ],
  },
  compareTitle: "Compare the fingerprint",
  compare:
    "The SHA-256 fingerprint that the system shows while installing must be the one on the owner's screen, under Settings → Address of the app. If it differs do not install it: somebody may stand between.",
  checkTitle: "Check",
  wait: "Looking whether this device trusts the shop's certificate…",
  yes: "Trusted: Youbei can be opened.",
  no: "Not trusted yet. Install the certificate as described below.",
  gone: "This device cannot find {host}. Is it on the shop's network? Names that end in .local do not work on older Android devices: ask the owner to choose an address of digits.",
  again: "Check again",
  noScript:
    "Scripts are off in this browser, so there is no check: press the button below; no warning means trusted.",
  open: "Open Youbei",
  remember:
    "Always open it under this address, and add it to the home screen. What the device keeps belongs to this address.",
  unchosen:
    "The owner has not chosen the address yet: open Youbei on the server's own computer and choose one under Settings → Address of the app.",
  wechat:
    "WeChat can neither install a certificate nor keep data. Press … at the top right and open this page in the browser.",
  notSafari: "On an iPhone or iPad only Safari can download the profile. Open this page in Safari.",
};

export const joinWords: Readonly<Record<JoinLanguage, Words>> = { zh, en };
