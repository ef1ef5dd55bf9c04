import { dirname } from "node:path";
import type { Files, OpenFile } from "../../server/storage/files.ts";

interface Inode {
  content: Uint8Array;
  /** what a power cut leaves of it */
  durable: Uint8Array;
}

type Names = Map<string, Inode | "folder">;

const nothing = new Uint8Array(0);

/**
 * A disk that keeps only what was synced: contents by `sync`, names by `syncFolder`. It can be told to
 * die at its n-th step, to fill up, and to lose its power.
 */
export class ForgetfulFiles implements Files {
  #names: Names = new Map([["/", "folder"]]);
  #durable: Names = new Map([["/", "folder"]]);
  /** steps taken that change something */
  steps = 0;
  #dieAt = Number.POSITIVE_INFINITY;
  #room = Number.POSITIVE_INFINITY;

  /** The process is killed at the n-th changing step from now; it and all later ones fail. */
  dieAfter(steps: number): void {
    this.#dieAt = this.steps + steps;
  }

  /** Bytes that can still be written. */
  fillUpAfter(bytes: number): void {
    this.#room = bytes;
  }

  /** The process is gone, what it wrote is there: a kill. */
  restart(): void {
    this.#dieAt = Number.POSITIVE_INFINITY;
    this.#room = Number.POSITIVE_INFINITY;
  }

  /** What was not synced is gone. */
  loseUnsynced(): void {
    this.restart();
    this.#names = new Map(this.#durable);
    for (const node of this.#names.values())
      if (node !== "folder") node.content = node.durable.slice();
  }

  /** Names survive, and of what was appended without a sync some beginning: a write cut short. */
  tearUnsynced(kept: (unsyncedBytes: number) => number): void {
    this.restart();
    for (const node of this.#names.values()) {
      if (node === "folder") continue;
      const { content, durable } = node;
      const isAppend = durable.every((byte, at) => content[at] === byte);
      const grown = isAppend ? content.length - durable.length : 0;
      node.content = grown > 0 ? content.slice(0, durable.length + kept(grown)) : durable.slice();
    }
  }

  /** The same disk once more, to try something else with. */
  copy(): ForgetfulFiles {
    const copy = new ForgetfulFiles();
    const inodes = new Map<Inode, Inode>();
    const copied = (node: Inode | "folder") => {
      if (node === "folder") return node;
      const known = inodes.get(node) ?? { ...node };
      inodes.set(node, known);
      return known;
    };
    copy.#names = new Map([...this.#names].map(([path, node]) => [path, copied(node)]));
    copy.#durable = new Map([...this.#durable].map(([path, node]) => [path, copied(node)]));
    return copy;
  }

  paths(): string[] {
    return [...this.#names].filter(([, node]) => node !== "folder").map(([path]) => path);
  }

  content(path: string): Uint8Array {
    return this.#file(path).content;
  }

  /** Somebody else changes a file, or takes it away, durably. */
  change(path: string, content: Uint8Array | undefined): void {
    if (content) Object.assign(this.#file(path), { content, durable: content });
    else for (const names of [this.#names, this.#durable]) names.delete(path);
  }

  async open(path: string): Promise<OpenFile> {
    if (!this.#names.has(path)) {
      this.#step();
      if (this.#names.get(dirname(path)) !== "folder") throw coded("ENOENT", path);
      this.#names.set(path, { content: nothing, durable: nothing });
    }
    return this.#handle(this.#file(path));
  }

  async stat(path: string) {
    const node = this.#names.get(path);
    if (!node) return undefined;
    return node === "folder"
      ? { folder: true, size: 0 }
      : { folder: false, size: node.content.length };
  }

  async list(folder: string): Promise<string[]> {
    return [...this.#names.keys()]
      .filter((path) => path !== folder && dirname(path) === folder)
      .map((path) => path.slice(path.lastIndexOf("/") + 1))
      .sort();
  }

  async makeFolder(path: string): Promise<boolean> {
    if (this.#names.has(path)) return false;
    this.#step();
    this.#names.set(path, "folder");
    return true;
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step();
    this.#names.set(to, this.#file(from));
    this.#names.delete(from);
  }

  async remove(path: string): Promise<void> {
    if (!this.#names.has(path)) return;
    this.#step();
    this.#names.delete(path);
  }

  async syncFolder(folder: string): Promise<void> {
    this.#step();
    for (const path of [...this.#durable.keys()])
      if (dirname(path) === folder && !this.#names.has(path)) this.#durable.delete(path);
    for (const [path, node] of this.#names)
      if (path !== folder && dirname(path) === folder) this.#durable.set(path, node);
  }

  #handle(node: Inode): OpenFile {
    return {
      size: async () => node.content.length,
      read: async (into, position) => {
        const part = node.content.subarray(position, position + into.length);
        into.set(part);
        return part.length;
      },
      write: async (bytes, position) => {
        this.#step();
        // Short writes are allowed, and happen.
        const length = Math.min(bytes.length, Math.max(1, Math.ceil(bytes.length / 2)), this.#room);
        if (length === 0) throw coded("ENOSPC", "no space left");
        this.#room -= length;
        const content = new Uint8Array(Math.max(node.content.length, position + length));
        content.set(node.content);
        content.set(bytes.subarray(0, length), position);
        node.content = content;
        return length;
      },
      truncate: async (length) => {
        this.#step();
        const content = new Uint8Array(length);
        content.set(node.content.subarray(0, length));
        node.content = content;
      },
      sync: async () => {
        this.#step();
        node.durable = node.content.slice();
      },
      close: async () => undefined,
    };
  }

  #file(path: string): Inode {
    const node = this.#names.get(path);
    if (!node || node === "folder") throw coded("ENOENT", path);
    return node;
  }

  #step(): void {
    this.steps++;
    if (this.steps > this.#dieAt) throw coded("EKILLED", "the process is gone");
  }
}

const coded = (code: string, message: string): Error =>
  Object.assign(new Error(`${code}: ${message}`), { code });
