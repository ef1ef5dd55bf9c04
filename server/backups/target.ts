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

/** Why a target did not do what it was asked. */
export type TargetFaultCode =
  | "unreachable"
  | "refused"
  | "wrong-credentials"
  | "unknown-host-key"
  | "full"
  | "not-there"
  | "damaged"
  | "cancelled";

/** A target that cannot be used now; the till never waits for it. */
export class TargetFault extends Error {
  readonly code: TargetFaultCode;

  constructor(code: TargetFaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TargetFault";
    this.code = code;
  }
}

/**
 * A place where backups lie: a folder or USB disk, WebDAV, S3, SFTP. A file is there whole or not at
 * all: half an upload is never listed by its name, and is gone on with at the next try.
 * Every method throws TargetFault.
 */
export interface Target {
  /** Whole files below a folder (`""` for all), sorted by name. */
  list(folder: string): Promise<TargetFile[]>;
  /**
   * Resolves when the target has confirmed all of it, durably as far as it can say. A file of that
   * name and length that is there already is left alone.
   */
  put(name: string, source: TargetSource, options?: TransferOptions): Promise<void>;
  /** @throws TargetFault `not-there` */
  get(name: string, from?: number, options?: TransferOptions): AsyncIterable<Uint8Array>;
  /** Nothing happens when it is not there. */
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}
