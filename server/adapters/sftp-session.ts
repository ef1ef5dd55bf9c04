import { createHash } from "node:crypto";
import { Client, type FileEntryWithStats, type SFTPWrapper, type Stats } from "ssh2";
import { TargetFault } from "../backups/target.ts";
import type { SftpSettings } from "../backups/target-settings.ts";
import { networkFaultOf } from "./network-faults.ts";

/** What a server may say no with. @see draft-ietf-secsh-filexfer-02, section 7 */
export const sftpStatus = { noSuchFile: 2, permissionDenied: 3, failure: 4, unsupported: 8 };

const readyMs = 20_000;
/** A line that is dead without saying so is found out after three of these. */
const keepaliveMs = 15_000;

type Callback<Value> = (error: Error | null | undefined, value?: Value) => void;

/** An open connection. What it throws goes through `sftpFaultOf`. */
export interface SftpSession {
  list(folder: string): Promise<FileEntryWithStats[]>;
  stat(path: string): Promise<Stats>;
  makeFolder(path: string): Promise<void>;
  open(path: string, flags: "r" | "r+" | "w"): Promise<Buffer>;
  read(handle: Buffer, into: Buffer, position: number): Promise<number>;
  write(handle: Buffer, bytes: Uint8Array, position: number): Promise<void>;
  /** bytes */
  size(handle: Buffer): Promise<number>;
  /** Where the server has the extension; elsewhere nothing. */
  sync(handle: Buffer): Promise<void>;
  closeFile(handle: Buffer): Promise<void>;
  /** Replaces what is there: at once where the server has the extension, otherwise after a removal. */
  replace(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** bytes that are free where a path lies; undefined where the server does not say */
  free(path: string): Promise<number | undefined>;
  isOpen(): boolean;
  end(): void;
}

/** As `ssh-keygen -l` and `ssh` print it. */
const fingerprintOf = (key: Buffer): string =>
  `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;

/**
 * Connects to a server that shows the key that is known. Nothing of the credentials is sent to another.
 * @throws TargetFault `unknown-host-key` with the key, `wrong-credentials`, `unreachable`
 */
export async function openSession(settings: SftpSettings): Promise<SftpSession> {
  const client = new Client();
  let isOpen = true;
  const closed = new Promise<never>((_, reject) => {
    client.once("close", () => {
      isOpen = false;
      reject(new TargetFault("unreachable", "the connection broke off"));
    });
  });
  closed.catch(() => undefined);
  try {
    await ready(client, settings);
    const sftp = await Promise.race([promised<SFTPWrapper>((done) => client.sftp(done)), closed]);
    // Whoever waits hears of it by `closed`.
    client.on("error", () => undefined);
    return sessionOver(sftp, closed, { isOpen: () => isOpen, end: () => client.end() });
  } catch (error) {
    client.destroy();
    throw error;
  }
}

function ready(client: Client, settings: SftpSettings): Promise<void> {
  const { host, port, user, password, privateKey, passphrase, hostKey } = settings;
  let shown = "";
  return new Promise((resolve, reject) => {
    client.once("ready", resolve);
    client.once("error", (error) => {
      const isStranger = shown !== "" && shown !== hostKey;
      if (isStranger)
        reject(new TargetFault("unknown-host-key", `${host} shows ${shown}`, { hostKey: shown }));
      else reject(error);
    });
    client.once("close", () => reject(new TargetFault("unreachable", `${host} hung up`)));
    client.connect({
      host,
      port,
      username: user,
      ...(privateKey === undefined ? { password } : { privateKey, passphrase }),
      readyTimeout: readyMs,
      keepaliveInterval: keepaliveMs,
      hostVerifier: (key: Buffer) => {
        shown = fingerprintOf(key);
        return shown === hostKey;
      },
    });
  });
}

function sessionOver(
  sftp: SFTPWrapper,
  closed: Promise<never>,
  life: Pick<SftpSession, "isOpen" | "end">,
): SftpSession {
  /** One request; a connection that breaks off answers it. */
  const ask = <Value = void>(request: (done: Callback<Value>) => void): Promise<Value> =>
    Promise.race([promised(request), closed]);
  const replaceInTwoSteps = async (from: string, to: string) => {
    await ask((done) => sftp.unlink(to, done)).catch(ignoreMissing);
    await ask((done) => sftp.rename(from, to, done));
  };
  return {
    ...life,
    list: (folder) => ask((done) => sftp.readdir(folder, done)),
    stat: (path) => ask((done) => sftp.stat(path, done)),
    makeFolder: (path) => ask((done) => sftp.mkdir(path, { mode: 0o700 }, done)),
    open: (path, flags) => ask((done) => sftp.open(path, flags, 0o600, done)),
    read: (handle, into, position) =>
      ask<number>((done) => sftp.read(handle, into, 0, into.length, position, done)),
    write: (handle, bytes, position) =>
      ask((done) => sftp.write(handle, asBuffer(bytes), 0, bytes.length, position, done)),
    size: async (handle) => (await ask<Stats>((done) => sftp.fstat(handle, done))).size,
    sync: (handle) =>
      orElse(
        () => ask((done) => sftp.ext_openssh_fsync(handle, done)),
        async () => undefined,
      ),
    closeFile: (handle) => ask((done) => sftp.close(handle, done)),
    replace: (from, to) =>
      orElse(
        () => ask((done) => sftp.ext_openssh_rename(from, to, done)),
        () => replaceInTwoSteps(from, to),
      ),
    remove: (path) => ask((done) => sftp.unlink(path, done)),
    free: (path) =>
      orElse<number | undefined>(
        async () => {
          const { f_bavail, f_frsize } = await ask<Space>((done) =>
            sftp.ext_openssh_statvfs(path, done),
          );
          return f_bavail * f_frsize;
        },
        async () => undefined,
      ),
  };
}

interface Space {
  f_bavail: number;
  f_frsize: number;
}

function promised<Value>(request: (done: Callback<Value>) => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    request((error, value) => (error ? reject(error) : resolve(value as Value)));
  });
}

/** What the driver throws when a server has not said that it knows an extension. */
const isUnsupported = (error: unknown): boolean =>
  error instanceof Error &&
  (/does not support this extended request/.test(error.message) ||
    statusOf(error) === sftpStatus.unsupported);

async function orElse<Value>(
  extension: () => Promise<Value>,
  without: () => Promise<Value>,
): Promise<Value> {
  try {
    return await extension();
  } catch (error) {
    if (isUnsupported(error)) return without();
    throw error;
  }
}

/** For removals: what is not there need not be removed. */
export function ignoreMissing(error: unknown): void {
  if (statusOf(error) !== sftpStatus.noSuchFile) throw error;
}

/** The number that a server refused a request with; 0 for any other error. */
export const statusOf = (error: unknown): number =>
  error instanceof Error && "code" in error && typeof error.code === "number" ? error.code : 0;

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

interface SshError extends Error {
  level?: string;
}

/** What the driver threw, in our words; the error itself when it is a mistake of ours. */
export function sftpFaultOf(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof TargetFault) return error;
  const { level } = error as SshError;
  const options = { cause: error };
  if (level === "client-authentication")
    return new TargetFault("wrong-credentials", error.message, options);
  if (level === "client-timeout" || level === "client-socket" || level === "protocol")
    return new TargetFault("unreachable", error.message, options);
  const status = statusOf(error);
  if (status === sftpStatus.noSuchFile) return new TargetFault("not-there", error.message, options);
  if (status > 0) return new TargetFault("refused", error.message, options);
  if (/No response from server|Not connected|Connection lost|ended|closed/i.test(error.message))
    return new TargetFault("unreachable", error.message, options);
  return networkFaultOf(error) ?? error;
}
