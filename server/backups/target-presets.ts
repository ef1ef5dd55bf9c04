import type { TargetSettings } from "./target-settings.ts";

/** What a screen asks for, in this order. */
export type TargetField =
  | "path"
  | "url"
  | "host"
  | "port"
  | "endpoint"
  | "region"
  | "bucket"
  | "user"
  | "password"
  | "privateKey"
  | "passphrase"
  | "authority"
  | "accessKey"
  | "secretKey"
  | "folder";

/** A kind of place as people know it, with what of its settings is known beforehand. */
export interface TargetPreset {
  id: string;
  kind: TargetSettings["kind"];
  name: { zh: string; en: string };
  /** what is filled in; `{region}` stands for the region that is chosen */
  defaults: Readonly<Partial<Record<TargetField | "style", string | number>>>;
  asks: readonly TargetField[];
  /** what need not be filled in */
  optional: readonly TargetField[];
  /** what the owner does at the service first, or has to know */
  hints: { zh: string; en: string };
}

const folder = "youbei";

/** In the order in which they are offered: what costs least to begin with first. */
export const targetPresets: readonly TargetPreset[] = [
  {
    id: "disk",
    kind: "directory",
    name: { zh: "U 盘、移动硬盘或文件夹", en: "USB disk or folder" },
    defaults: {},
    asks: ["path"],
    optional: [],
    hints: {
      zh: "请先插好硬盘再添加。有备会在文件夹里放一个标记文件，以后只认这块盘。",
      en: "Plug the disk in before you add it. A marker file is put into the folder, and only that disk is written to.",
    },
  },
  {
    id: "jianguoyun",
    kind: "webdav",
    name: { zh: "坚果云", en: "Jianguoyun (Nutstore)" },
    defaults: { url: "https://dav.jianguoyun.com/dav/", folder },
    asks: ["user", "password", "folder"],
    optional: [],
    hints: {
      zh: "在坚果云网页「账户信息 → 安全选项 → 第三方应用管理」里添加应用，填它生成的应用密码，不是登录密码。免费版每月上传流量有限。",
      en: "On its website, under account, security, third-party applications, add one and enter the password made there, not your own. Free accounts may upload little each month.",
    },
  },
  {
    id: "aliyun-oss",
    kind: "s3",
    name: { zh: "阿里云 OSS", en: "Alibaba Cloud OSS" },
    defaults: {
      endpoint: "https://oss-{region}.aliyuncs.com",
      region: "cn-hangzhou",
      style: "virtual-host",
      folder,
    },
    asks: ["region", "bucket", "accessKey", "secretKey", "folder"],
    optional: ["folder"],
    hints: {
      zh: "新建一个私有 Bucket，再建一个只能读写它的 RAM 用户，填这个用户的 AccessKey。",
      en: "Make a private bucket and a RAM user who may use nothing else; enter that user's access key.",
    },
  },
  {
    id: "tencent-cos",
    kind: "s3",
    name: { zh: "腾讯云 COS", en: "Tencent Cloud COS" },
    defaults: {
      endpoint: "https://cos.{region}.myqcloud.com",
      region: "ap-guangzhou",
      style: "virtual-host",
      folder,
    },
    asks: ["region", "bucket", "accessKey", "secretKey", "folder"],
    optional: ["folder"],
    hints: {
      zh: "存储桶名称要连同后面的数字（APPID）一起填。请用只能读写这个桶的子用户密钥。",
      en: "The bucket's name includes the number at its end (APPID). Use the key of a sub-user who may use nothing else.",
    },
  },
  {
    id: "s3",
    kind: "s3",
    name: { zh: "其他 S3 兼容存储", en: "Other S3-compatible storage" },
    defaults: { region: "us-east-1", style: "path", folder },
    asks: ["endpoint", "region", "bucket", "accessKey", "secretKey", "folder"],
    optional: ["folder"],
    hints: {
      zh: "MinIO 等自建存储一般把桶名放在路径里。",
      en: "Storage of your own, such as MinIO, mostly has the bucket in the path.",
    },
  },
  {
    id: "nas-webdav",
    kind: "webdav",
    name: { zh: "NAS（群晖、威联通）WebDAV", en: "NAS (Synology, QNAP) by WebDAV" },
    defaults: { url: "https://nas.local:5006/", folder },
    asks: ["url", "user", "password", "folder", "authority"],
    optional: ["authority"],
    hints: {
      zh: "先在 NAS 上打开 WebDAV（群晖：套件 WebDAV Server，https 端口 5006），地址里写共享文件夹名，例如 https://nas.local:5006/backup/。证书是 NAS 自己签的，就把证书内容贴进来。",
      en: "Turn WebDAV on first (Synology: the package WebDAV Server, port 5006 for https); the address includes the shared folder, such as https://nas.local:5006/backup/. If the NAS signed its own certificate, paste it.",
    },
  },
  {
    id: "nas-sftp",
    kind: "sftp",
    name: { zh: "NAS 或服务器 SFTP", en: "NAS or server by SFTP" },
    defaults: { port: 22, folder },
    asks: ["host", "port", "user", "password", "privateKey", "passphrase", "folder"],
    optional: ["password", "privateKey", "passphrase"],
    hints: {
      zh: "先在 NAS 上打开 SFTP（群晖：控制面板 → 文件服务 → FTP）。第一次连接时，请把显示的主机指纹与 NAS 上的核对。群晖的文件夹要从共享文件夹写起，例如 /backup/youbei。",
      en: "Turn SFTP on first (Synology: control panel, file services, FTP). Compare the fingerprint that is shown with the one on the NAS. On a Synology the folder begins with the shared folder, such as /backup/youbei.",
    },
  },
  {
    id: "webdav",
    kind: "webdav",
    name: { zh: "其他 WebDAV", en: "Other WebDAV" },
    defaults: { folder },
    asks: ["url", "user", "password", "folder", "authority"],
    optional: ["authority"],
    hints: {
      zh: "Nextcloud 等的 WebDAV 地址在它的设置里能找到。",
      en: "Nextcloud and others name their WebDAV address in their settings.",
    },
  },
];
