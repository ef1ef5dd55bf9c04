import * as z from "zod/mini";

const text = z.string().check(z.minLength(1), z.maxLength(1000));
const longText = z.string().check(z.minLength(1), z.maxLength(20_000));
const address = z.url({ protocol: /^https?$/, error: "an http or https address" });
/** Folders with `/` between them, without one at the ends; may be empty. */
const folder = z
  .string()
  .check(z.maxLength(300), z.regex(/^(?!\/)(?!.*(^|\/)\.{1,2}(\/|$)).*(?<!\/)$/));

/** A folder, on this machine or on a disk that is plugged in. */
export const directorySettings = z.strictObject({
  kind: z.literal("directory"),
  /** absolute */
  path: text,
  /** what stands in its marker file; without it nothing is read or written there */
  id: z.optional(text),
});
export type DirectorySettings = z.infer<typeof directorySettings>;

export const webdavSettings = z.strictObject({
  kind: z.literal("webdav"),
  /** as the service names it: `https://dav.example.com/dav/` */
  url: address,
  user: text,
  /** 坚果云 wants one that was made for this application */
  password: text,
  folder,
  /** PEM of the authority that vouches for a server of one's own, as a NAS has it */
  authority: z.optional(longText),
});
export type WebdavSettings = z.infer<typeof webdavSettings>;

export const s3Settings = z.strictObject({
  kind: z.literal("s3"),
  /** without the bucket: `https://oss-cn-hangzhou.aliyuncs.com` */
  endpoint: address,
  region: text,
  bucket: z.string().check(z.regex(/^[a-z0-9][a-z0-9.-]{1,62}$/)),
  /** where the bucket's name stands: in the host's name, as Aliyun demands it, or in the path */
  style: z.enum(["virtual-host", "path"]),
  accessKey: text,
  secretKey: text,
  folder,
});
export type S3Settings = z.infer<typeof s3Settings>;

export const sftpSettings = z
  .strictObject({
    kind: z.literal("sftp"),
    host: text,
    port: z._default(z.int().check(z.minimum(1), z.maximum(65_535)), 22),
    user: text,
    password: z.optional(text),
    /** PEM or OpenSSH */
    privateKey: z.optional(longText),
    passphrase: z.optional(text),
    /** from the home folder on, or absolute; it is made when it is not there */
    folder: text,
    /** the only key that is accepted, `SHA256:…` as ssh prints it; without it none is */
    hostKey: z.optional(text),
  })
  .check(z.refine((one) => one.password !== undefined || one.privateKey !== undefined));
export type SftpSettings = z.infer<typeof sftpSettings>;

/** Where a target is and how to get in. They hold secrets: never shown, never logged. */
export const targetSettings = z.union([
  directorySettings,
  webdavSettings,
  s3Settings,
  sftpSettings,
]);
export type TargetSettings = z.infer<typeof targetSettings>;
