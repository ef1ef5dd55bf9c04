import { spawnSync } from "node:child_process";
import { chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { type Service, startService } from "./service.ts";

export const apache = "/usr/sbin/apache2";
export const rclone = "/usr/bin/rclone";
export const davLogin = { user: "shop", password: "dav-password" };

const moduleFolder = "/usr/lib/apache2/modules";
const modules = [
  ...["mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic"],
  ...["dav", "dav_fs", "dir", "rewrite"],
];

/** It refuses to serve as root; Debian has an account for it. */
const wwwData = process.getuid?.() === 0 ? { uid: 33, gid: 33 } : undefined;

/**
 * Apache's mod_dav over a folder.
 * @param busyFile while it is there, every request is answered with 503
 */
export async function startApache(
  dir: string,
  files: string,
  { busyFile }: { busyFile?: string } = {},
): Promise<Service> {
  const port = await freePort();
  await mkdir(files, { recursive: true });
  const { user, password } = davLogin;
  const hash = spawnSync("/usr/bin/openssl", ["passwd", "-apr1", password])
    .stdout.toString()
    .trim();
  await writeFile(join(dir, "users"), `${user}:${hash}\n`);
  const loaded = modules.map((name) => `LoadModule ${name}_module ${moduleFolder}/mod_${name}.so`);
  const busy = busyFile
    ? `RewriteEngine On\nRewriteCond ${busyFile} -f\nRewriteRule .* - [R=503,L]`
    : "";
  const config = `
ServerRoot ${dir}
PidFile ${dir}/pid
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
${loaded.join("\n")}
ErrorLog ${dir}/errors
LogFormat "%m" method
CustomLog ${dir}/requests method
DocumentRoot ${files}
DavLockDB ${dir}/locks
<Directory ${files}>
  Dav On
  AuthType Basic
  AuthName shop
  AuthUserFile ${dir}/users
  Require valid-user
  ${busy}
</Directory>
`;
  await writeFile(join(dir, "httpd.conf"), config);
  if (wwwData) for (const path of [dir, files]) await chown(path, wwwData.uid, wwwData.gid);
  const args = ["-X", "-f", join(dir, "httpd.conf")];
  return startService({ program: apache, args, port, account: wwwData });
}

/** rclone's own WebDAV server over a folder: another implementation of the same protocol. */
export async function startRclone(dir: string, files: string): Promise<Service> {
  const port = await freePort();
  await mkdir(files, { recursive: true });
  const { user, password } = davLogin;
  const args = ["serve", "webdav", files, "--addr", `127.0.0.1:${port}`, "--user", user];
  const env = { HOME: dir, RCLONE_CONFIG: join(dir, "rclone.conf") };
  return startService({ program: rclone, args: [...args, "--pass", password], port, env });
}
