/** A file that is open for reading and writing. Positions and lengths in bytes. */
export interface OpenFile {
  size(): Promise<number>;
  /** @returns bytes read; 0 at the end */
  read(into: Uint8Array, position: number): Promise<number>;
  /** May write fewer bytes than it is given; @returns how many */
  write(bytes: Uint8Array, position: number): Promise<number>;
  truncate(length: number): Promise<void>;
  /** Resolves after content and length survive power loss. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The little that we ask of a file system, so that tests can put one under us that forgets what was
 * not synced, tears writes or fills up. Errors carry Node's `code`.
 */
export interface Files {
  /** Creates the file, readable by its owner only, when it is not there. */
  open(path: string): Promise<OpenFile>;
  /** @returns undefined when there is no such file or folder */
  stat(path: string): Promise<{ folder: boolean; size: number } | undefined>;
  /** Names in a folder, sorted; none when there is no such folder. */
  list(folder: string): Promise<string[]>;
  /** Makes one folder; @returns false when it was there already. */
  makeFolder(path: string): Promise<boolean>;
  /** Replaces what is there. Durable once the folder is synced. */
  rename(from: string, to: string): Promise<void>;
  /** A file, or a folder in which nothing is. Nothing happens when it is not there. */
  remove(path: string): Promise<void>;
  /** Makes names durable: what was created, renamed or removed in the folder. */
  syncFolder(path: string): Promise<void>;
}

/** Node's error code of a failed file operation; empty for anything else. */
export const errorCode = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
