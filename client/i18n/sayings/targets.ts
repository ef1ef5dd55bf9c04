import { say } from "../say.ts";

/** Places where backups are put, worked on in the app. */
export const targets = {
  title: say("备份位置", "Places of backups"),
  note: say(
    "备份用恢复卡的公钥加密，放到哪里别人都看不懂。建议至少一处不在店里。",
    "Backups are sealed for the recovery card: nobody else can read them wherever they lie. At least one place should not be in the shop.",
  ),
  none: say("还没有备份位置。", "There is no place of backups yet."),
  offSite: say("不在店里（云、家里、另一家店）", "Not in the shop (a cloud, at home)"),
  offline: say("平时拔下来，备份时才插上", "Unplugged between backups"),
  add: say("添加备份位置", "Add a place"),
  which: say("放在哪里？", "Where?"),
  name: say("叫什么", "Name"),
  fields: {
    path: say("文件夹（服务器上的完整路径）", "Folder (whole path on the server)"),
    url: say("地址", "Address"),
    host: say("主机", "Host"),
    port: say("端口", "Port"),
    endpoint: say("接入点地址（Endpoint）", "Endpoint"),
    region: say("地域（Region）", "Region"),
    bucket: say("存储桶（Bucket）", "Bucket"),
    user: say("用户名", "User"),
    password: say("密码", "Password"),
    privateKey: say("私钥", "Private key"),
    passphrase: say("私钥的口令", "Passphrase of the key"),
    authority: say("证书（PEM）", "Certificate (PEM)"),
    accessKey: say("AccessKey ID", "Access key"),
    secretKey: say("AccessKey Secret", "Secret key"),
    folder: say("里面的文件夹", "Folder there"),
  },
  optional: say("{{label}}（可不填）", "{{label}} (optional)"),
  test: say("测试", "Test"),
  works: say("能用：写入、读回、删除都成功。", "It works: written, read back and removed."),
  keep: say("添加", "Add"),
  cancel: say("取消", "Cancel"),
  added: say("已添加，马上开始第一份备份。", "Added; the first backup begins now."),
  remove: say("移除", "Remove"),
  removeAsked: say(
    "已提出移除，要由另一位店主或店长批准；只有您一位时，请服务器管理员用恢复卡批准。",
    "Asked for: another owner or manager approves. Where you are alone, the server's admin approves with the recovery card.",
  ),
  notYours: say(
    "店主和店长用自己的设备才能管理备份位置。",
    "Owners and managers do this on devices of their own.",
  ),
  acceptKey: say("指纹核对无误，信任它", "The fingerprint is right: trust it"),
  hostKey: say("主机指纹：{{key}}", "Fingerprint: {{key}}"),
  steps: {
    reach: say("连接", "Reaching it"),
    write: say("写入", "Writing"),
    list: say("列出文件", "Listing"),
    read: say("读回", "Reading back"),
    remove: say("删除", "Removing"),
  },
  failedAt: say("{{step}}没有成功。{{advice}}", "{{step}} failed. {{advice}}"),
  advice: {
    "check-network": say(
      "地址对吗？对方开机、联网了吗？",
      "Is the address right, is it on, is the network there?",
    ),
    "plug-in-disk": say("请插上原来那块盘。", "Plug in the disk that was added."),
    "check-password": say("请核对用户名和密码。", "Check the user and the password."),
    "check-fingerprint": say(
      "请把下面的指纹与对方机器上的核对。",
      "Compare the fingerprint below with the one on that machine.",
    ),
    "check-certificate": say(
      "证书不受信任：把对方的证书贴进来，或换成证书里的地址。",
      "The certificate is not trusted: paste it, or use an address that it covers.",
    ),
    "check-permissions": say("这个用户能写入吗？", "May this user write there?"),
    "check-clock": say("服务器的时间不对。", "The server's clock is wrong."),
    "free-space": say("那里空间不足，请清理。", "Make room there."),
    wait: say("对方要求慢一点，请稍后再试。", "It wants fewer requests: try again later."),
    "choose-another": say(
      "这里不能放备份，请换一个地方。",
      "Backups cannot lie there: choose another place.",
    ),
    "try-again": say("请再试一次。", "Try again."),
  },
  faults: {
    offline: say("要连上服务器才能管理。", "This needs the server."),
    "other-tab": say("请在已经打开的那个标签页里操作。", "Do it in the tab that is open already."),
    "https-only": say(
      "密码只能经 https 传送：请先在“设置 → 地址”打开 https，或在服务器这台电脑上操作。",
      "Passwords travel over https only: turn it on under Settings → Address, or do it on the server's own machine.",
    ),
    "not-entitled": say(
      "店主和店长用自己的设备才能管理备份位置。",
      "Owners and managers do this on devices of their own.",
    ),
    "settings-invalid": say(
      "有的没填，或填得不对：地址要以 https:// 开头，存储桶名只有小写字母、数字和横线。",
      "Something is missing or cannot be read: addresses begin with https://, a bucket's name has small letters, digits and dashes.",
    ),
    "name-taken": say(
      "已经有同名的备份位置，请换个名字。",
      "There is a place of that name: choose another.",
    ),
    failed: say("没有成功，什么都没改。请再试一次。", "It failed; nothing was changed. Try again."),
  },
} as const;
