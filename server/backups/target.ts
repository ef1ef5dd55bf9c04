import { assert } from "../../shared/outcome/assert.ts";

/** A file on a target. Names are relative, with `/` between folders and ASCII only. */
export interface TargetFile {
  name: string;
  bytes: number;
}

/** What is put on a target: read again from any place when an upload goes on after an interruption. */
export interface TargetSource {
  bytes: number;
  read(from: number): AsyncIterable<Uint8Array>;
}

export interface TransferOptions {
  signal?: AbortSignal | undefined;
  /** bytes of this file that the target has so far */
  onProgress?: ((bytes: number) => void) | undefined;
}

/**
 * Why a target did not do what it was asked. `not-this-target`: a folder is there, but it is not the
 * disk that was added; `busy`: the server wants fewer requests; `too-large`: it takes no file of this
 * size; `refused`: whatever else it does not allow.
 */
export type TargetFaultCode =
  | "unreachable"
  | "refused"
  | "busy"
  | "wrong-credentials"
  | "unknown-host-key"
  | "untrusted-certificate"
  | "not-this-target"
  | "wrong-clock"
  | "full"
  | "too-large"
  | "not-there"
  | "damaged"
  | "cancelled";

/** A target that cannot be used now; the till never waits for it. */
export class TargetFault extends Error {
  readonly code: TargetFaultCode;
  /** with `unknown-host-key`: the key that the server showed, `SHA256:…` as ssh prints it */
  readonly hostKey: string | undefined;

  constructor(
    code: TargetFaultCode,
    message: string,
    options?: ErrorOptions & { hostKey?: string },
  ) {
    super(message, options);
    this.name = "TargetFault";
    this.code = code;
    this.hostKey = options?.hostKey;
  }
}

/**
 * A place where backups lie: a folder or USB disk, WebDAV, S3, SFTP. A file is there whole or not at
 * all: half an upload is never listed by its name, and is gone on with at the next try.
 * Every method throws TargetFault; what a source throws comes through as it is.
 */
export interface Target {
  /** Whole files below a folder (`""` for all), sorted by name. */
  list(folder: string): Promise<TargetFile[]>;
  /**
   * Resolves when the target has confirmed all of it, durably as far as it can say. A file of that
   * name and length that is there already is left alone.
   */
  put(name: string, source: TargetSource, options?: TransferOptions): Promise<void>;
  /** Nothing from its end on. @throws TargetFault `not-there` */
  get(name: string, from?: number, options?: TransferOptions): AsyncIterable<Uint8Array>;
  /** Nothing happens when it is not there. */
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}

/** A part of a name: neither hidden nor special on any file system or server. */
const partPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,120}$/;

/** @returns whether a file may be called so on every kind of target */
export const isTargetName = (name: string): boolean =>
  name.split("/").every((part) => partPattern.test(part) && !part.endsWith("."));

/** @param folder may be empty */
export function checkTargetFolder(folder: string): void {
  assert(folder === "" || isTargetName(folder), `${folder} is a folder's name on any target`);
}

export function checkTargetName(name: string): void {
  assert(isTargetName(name), `${name} is a file's name on any target`);
}
