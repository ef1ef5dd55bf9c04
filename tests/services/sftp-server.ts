import { spawnSync } from "node:child_process";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { type Service, startService } from "./service.ts";
import { rclone } from "./webdav-servers.ts";

export const sshd = "/usr/sbin/sshd";

export interface SftpService extends Service {
  /** of the account that runs the tests */
  user: string;
  /** OpenSSH, without a passphrase */
  privateKey: string;
  /** `SHA256:…`, as `ssh-keygen -l` prints it */
  hostKey: string;
}

/** OpenSSH's server, for the account that runs the tests and one key. */
export async function startSshd(dir: string): Promise<SftpService> {
  const port = await freePort();
  for (const name of ["host", "login"]) makeKey(join(dir, name));
  await copyFile(join(dir, "login.pub"), join(dir, "authorized"));
  // Where it shuts in its processes before they have logged in; Debian makes it at boot.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  const options = {
    Port: port,
    ListenAddress: "127.0.0.1",
    HostKey: join(dir, "host"),
    AuthorizedKeysFile: join(dir, "authorized"),
    PidFile: join(dir, "pid"),
    PermitRootLogin: "prohibit-password",
    PasswordAuthentication: "no",
    StrictModes: "no",
    UsePAM: "no",
    Subsystem: "sftp internal-sftp",
  };
  const args = Object.entries(options).map(([name, value]) => `-o${name}=${value}`);
  const service = await startService({
    program: sshd,
    args: ["-D", "-e", "-f", "/dev/null", ...args],
    port,
  });
  return {
    ...service,
    user: userInfo().username,
    privateKey: await readFile(join(dir, "login"), "utf8"),
    hostKey: fingerprintOf(join(dir, "host.pub")),
  };
}

/** rclone's SFTP server with a password: it knows none of OpenSSH's extensions. */
export async function startRcloneSftp(dir: string, files: string): Promise<SftpService> {
  const port = await freePort();
  await mkdir(files, { recursive: true });
  makeKey(join(dir, "host"));
  const args = ["serve", "sftp", files, "--addr", `127.0.0.1:${port}`, "--key", join(dir, "host")];
  const env = { HOME: dir, RCLONE_CONFIG: join(dir, "rclone.conf") };
  const cache = ["--vfs-cache-mode", "full", "--cache-dir", join(dir, "cache")];
  const login = ["--user", "shop", "--pass", sftpPassword, ...cache];
  const service = await startService({ program: rclone, args: [...args, ...login], port, env });
  const hostKey = fingerprintOf(join(dir, "host.pub"));
  return { ...service, user: "shop", privateKey: "", hostKey };
}

export const sftpPassword = "sftp-password";

function makeKey(path: string): void {
  run(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path]);
}

/** What an admin reads on the server itself. */
const fingerprintOf = (publicKey: string): string =>
  run(["-l", "-f", publicKey]).split(" ")[1] ?? "";

function run(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("/usr/bin/ssh-keygen", args);
  if (status !== 0) throw new Error(`ssh-keygen: ${stderr}`);
  return stdout.toString();
}
