import type { Files, OpenFile } from "../../server/storage/files.ts";

interface File {
  content: Uint8Array;
  /** what a power cut leaves of it */
  durable: Uint8Array;
}

interface Folder {
  names: Map<string, File | Folder>;
  /** names that survive a power cut */
  durable: Map<string, File | Folder>;
}

const emptyFolder = (): Folder => ({ names: new Map(), durable: new Map() });
const isFolder = (node: File | Folder | undefined): node is Folder =>
  node !== undefined && "names" in node;

/**
 * A disk that keeps only what was synced: contents by `sync`, names by `syncFolder`. It can be told to
 * die at its n-th step, to fill up, and to lose its power.
 */
export class ForgetfulFiles implements Files {
  #root = emptyFolder();
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

  /** The process is gone, what it wrote is there: a kill. Or the disk has room again. */
  restart(): void {
    this.#dieAt = Number.POSITIVE_INFINITY;
    this.#room = Number.POSITIVE_INFINITY;
  }

  /** What was not synced is gone. */
  loseUnsynced(): void {
    this.restart();
    forget(this.#root);
  }

  /** Names survive, and of what was appended without a sync some beginning: a write cut short. */
  tearUnsynced(kept: (unsyncedBytes: number) => number): void {
    this.restart();
    for (const path of this.paths()) {
      const file = this.#file(path);
      const { content, durable } = file;
      const isAppend = durable.every((byte, at) => content[at] === byte);
      const grown = isAppend ? content.length - durable.length : 0;
      file.content = grown > 0 ? content.slice(0, durable.length + kept(grown)) : durable.slice();
    }
  }

  /** The same disk once more, to try something else with. */
  copy(): ForgetfulFiles {
    const copy = new ForgetfulFiles();
    copy.#root = copyOf(this.#root, new Map()) as Folder;
    return copy;
  }

  /** All files. */
  paths(): string[] {
    return filesBelow(this.#root, "").sort();
  }

  content(path: string): Uint8Array {
    return this.#file(path).content;
  }

  /** Somebody else changes a file, or takes it away, durably. */
  change(path: string, content: Uint8Array | undefined): void {
    const { folder, name } = this.#place(path);
    if (content) Object.assign(this.#file(path), { content, durable: content });
    else for (const names of [folder.names, folder.durable]) names.delete(name);
  }

  async open(path: string): Promise<OpenFile> {
    const { folder, name } = this.#place(path);
    if (!folder.names.has(name)) {
      this.#step();
      const nothing = new Uint8Array(0);
      folder.names.set(name, { content: nothing, durable: nothing });
    }
    return this.#handle(this.#file(path));
  }

  async stat(path: string) {
    const node = this.#find(path);
    if (!node) return undefined;
    return isFolder(node)
      ? { folder: true, size: 0 }
      : { folder: false, size: node.content.length };
  }

  async list(path: string): Promise<string[]> {
    const folder = this.#find(path);
    return isFolder(folder) ? [...folder.names.keys()].sort() : [];
  }

  async makeFolder(path: string): Promise<boolean> {
    if (this.#find(path)) return false;
    this.#step();
    const { folder, name } = this.#place(path);
    folder.names.set(name, emptyFolder());
    return true;
  }

  async rename(from: string, to: string): Promise<void> {
    const node = this.#find(from);
    if (!node) throw coded("ENOENT", from);
    const there = this.#find(to);
    if (isFolder(there) && there.names.size > 0) throw coded("ENOTEMPTY", to);
    this.#step();
    const [source, target] = [this.#place(from), this.#place(to)];
    source.folder.names.delete(source.name);
    target.folder.names.set(target.name, node);
  }

  async remove(path: string): Promise<void> {
    if (!this.#find(path)) return;
    this.#step();
    const { folder, name } = this.#place(path);
    folder.names.delete(name);
  }

  async syncFolder(path: string): Promise<void> {
    this.#step();
    const folder = this.#find(path);
    if (!isFolder(folder)) throw coded("ENOENT", path);
    folder.durable = new Map(folder.names);
  }

  #handle(file: File): OpenFile {
    return {
      size: async () => file.content.length,
      read: async (into, position) => {
        const part = file.content.subarray(position, position + into.length);
        into.set(part);
        return part.length;
      },
      write: async (bytes, position) => {
        this.#step();
        // Short writes are allowed, and happen.
        const length = Math.min(bytes.length, Math.max(1, Math.ceil(bytes.length / 2)), this.#room);
        if (length === 0) throw coded("ENOSPC", "no space left");
        this.#room -= length;
        const content = new Uint8Array(Math.max(file.content.length, position + length));
        content.set(file.content);
        content.set(bytes.subarray(0, length), position);
        file.content = content;
        return length;
      },
      truncate: async (length) => {
        this.#step();
        const content = new Uint8Array(length);
        content.set(file.content.subarray(0, length));
        file.content = content;
      },
      sync: async () => {
        this.#step();
        file.durable = file.content.slice();
      },
      close: async () => undefined,
    };
  }

  #find(path: string): File | Folder | undefined {
    let node: File | Folder | undefined = this.#root;
    for (const name of path.split("/").filter(Boolean))
      node = isFolder(node) ? node.names.get(name) : undefined;
    return node;
  }

  #file(path: string): File {
    const node = this.#find(path);
    if (!node || isFolder(node)) throw coded("ENOENT", path);
    return node;
  }

  #place(path: string): { folder: Folder; name: string } {
    const at = path.lastIndexOf("/");
    const folder = this.#find(path.slice(0, at));
    if (!isFolder(folder)) throw coded("ENOENT", path);
    return { folder, name: path.slice(at + 1) };
  }

  #step(): void {
    this.steps++;
    if (this.steps > this.#dieAt) throw coded("EKILLED", "the process is gone");
  }
}

function forget(folder: Folder): void {
  folder.names = new Map(folder.durable);
  for (const node of folder.names.values()) {
    if (isFolder(node)) forget(node);
    else node.content = node.durable.slice();
  }
}

/** A node may be known by a name that is durable and another that is not. */
function copyOf(node: File | Folder, known: Map<File | Folder, File | Folder>): File | Folder {
  const before = known.get(node);
  if (before) return before;
  if (!isFolder(node)) {
    const file = { ...node };
    known.set(node, file);
    return file;
  }
  const folder = emptyFolder();
  known.set(node, folder);
  for (const [name, inside] of node.names) folder.names.set(name, copyOf(inside, known));
  for (const [name, inside] of node.durable) folder.durable.set(name, copyOf(inside, known));
  return folder;
}

const filesBelow = (folder: Folder, path: string): string[] =>
  [...folder.names].flatMap(([name, node]) =>
    isFolder(node) ? filesBelow(node, `${path}/${name}`) : [`${path}/${name}`],
  );

const coded = (code: string, message: string): Error =>
  Object.assign(new Error(`${code}: ${message}`), { code });
