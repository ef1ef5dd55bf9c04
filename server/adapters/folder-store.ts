import { dirname, join } from "node:path";
import type { DocumentName } from "../../shared/documents/document-name.ts";
import { fromUtf8, utf8 } from "../../shared/journal/bytes.ts";
import { type Run, runOperationsMax } from "../../shared/journal/run.ts";
import {
  type Damage,
  type ReplicaStore,
  type StoreChange,
  type StoredState,
  StoreFault,
} from "../../shared/replica/ports.ts";
import { DocumentIndex } from "../storage/document-index.ts";
import {
  countRecords,
  documentOfFile,
  encodeElements,
  fileOfDocument,
  type ReadRecord,
  readElements,
} from "../storage/elements-file.ts";
import { faultOf } from "../storage/fault-of.ts";
import { errorCode, type Files, type OpenFile } from "../storage/files.ts";
import { encodeRecord, type PlacedRecord, scanLog } from "../storage/record-log.ts";
import { makeFolders, readAll, replaceFile, writeAll } from "../storage/whole-files.ts";

const keyringFile = "keyring.records";
const stateFile = "state.records";
const commitsFile = "commits.records";
/** Elements of a run at most. Longer reads go to the disk each time: they may be looking for damage. */
const runReadMost = runOperationsMax + 1;
/** Records that are kept decoded, a few hundred kilobytes each; as many as are read in turn. */
const recentMost = 4;
/** The state log is rewritten at start when it grew beyond this, bytes. */
const compactBytes = 1024 * 1024;

interface Log {
  path: string;
  /** undefined until it is first written */
  file: OpenFile | undefined;
  /** whether its name is known to outlast the power; what an earlier life left behind need not */
  isNamed: boolean;
  /** bytes that are durable */
  size: number;
  index: DocumentIndex;
}

interface Waiting {
  change: StoreChange;
  resolve: () => void;
  reject: (fault: unknown) => void;
}

interface LogWrite {
  log: Log;
  bytes: Uint8Array<ArrayBuffer>[];
  records: Omit<PlacedRecord, "offset">[];
}

/** A record of a commit that has no number in the log of commits. */
interface Unfinished {
  log: Log;
  record: PlacedRecord;
  take: () => void;
}

/** What changes with a commit besides documents; kept as JSON records. */
type StateRecord = Pick<StoreChange, "outboxAdd" | "outboxRemove" | "settings">;

/**
 * A replica in a folder: one append-only file of checksummed records a document, a log of keys and a
 * log of outbox and settings. Changes that come at once share one fsync; a change that takes several
 * records counts once its number stands in the log of commits.
 */
export function createFolderStore(dir: string, { files }: { files: Files }): ReplicaStore {
  return new FolderStore(dir, files);
}

class FolderStore implements ReplicaStore {
  readonly #dir: string;
  readonly #files: Files;
  readonly #logs = new Map<string, Log>();
  readonly #documents = new Map<DocumentName, Log>();
  readonly #outbox = new Map<string, Run>();
  readonly #keys: [string, string][] = [];
  readonly #settings = new Map<string, string>();
  readonly #damaged: Damage[] = [];
  /** records that were read last: who reads run after run would decode them again for each */
  #recent: { log: Log; record: ReadRecord }[] = [];
  #lastGroup = 0;
  #loading: Promise<void> | undefined;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  /** files whose tail may hold what was never acknowledged */
  readonly #unclean = new Set<Log>();
  #closed = false;

  constructor(dir: string, files: Files) {
    this.#dir = dir;
    this.#files = files;
  }

  async load(): Promise<StoredState> {
    this.#loading ??= this.#scan().catch((error: unknown) => {
      this.#loading = undefined;
      throw faultOf(error);
    });
    await this.#loading;
    return {
      documents: [...this.#documents].map(([name, { index }]) => ({ name, length: index.length })),
      outbox: [...this.#outbox.values()],
      keys: [...this.#keys],
      settings: Object.fromEntries(this.#settings),
      damaged: [...this.#damaged],
    };
  }

  async read(name: DocumentName, from: number, most: number): Promise<string[]> {
    const log = this.#documents.get(name);
    if (!log || from >= log.index.length) return [];
    const end = Math.min(log.index.length, from + most);
    const known = most <= runReadMost ? this.#recentlyRead(log, from, end) : undefined;
    if (known) return known.elements.slice(from - known.from, end - known.from);
    const held = log.file;
    const file = held ?? (await this.#files.open(log.path));
    try {
      const { elements, last } = await readElements(name, file, log.index, from, most);
      if (last) this.#recent = [{ log, record: last }, ...this.#recent].slice(0, recentMost);
      return elements;
    } finally {
      // A commit may have opened it for good meanwhile: that is another handle.
      if (!held) await file.close();
    }
  }

  #recentlyRead(log: Log, from: number, end: number): ReadRecord | undefined {
    const found = this.#recent.find(
      ({ log: of, record }) =>
        of === log && record.from <= from && end <= record.from + record.elements.length,
    );
    return found?.record;
  }

  commit(change: StoreChange): Promise<void> {
    if (this.#closed) return Promise.reject(new StoreFault("refused", "the store is closed"));
    const answer = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ change, resolve, reject });
    });
    this.#writing ??= this.#writeWaiting();
    return answer;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    for (const log of this.#logs.values()) await log.file?.close();
    this.#logs.clear();
  }

  async #writeWaiting(): Promise<void> {
    // One turn of the event loop later, so that changes that come together share their fsync.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      await this.#writeGroup(group);
    }
    this.#writing = undefined;
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    let changes: Waiting[] = [];
    try {
      await this.load();
      changes = this.#inOrder(group);
      await this.#write(this.#plan(changes.map(({ change }) => change)));
      for (const { change } of changes) this.#remember(change);
    } catch (error) {
      const fault = faultOf(error);
      for (const { reject } of changes.length > 0 ? changes : group) reject(fault);
      return;
    }
    for (const { resolve } of changes) resolve();
  }

  /** Turns away changes that do not continue their documents. */
  #inOrder(group: readonly Waiting[]): Waiting[] {
    const lengths = new Map<DocumentName, number>();
    return group.filter(({ change, reject }) => {
      const { replace } = change;
      for (const { name, from } of change.append ?? []) {
        const length = lengths.get(name) ?? this.#documents.get(name)?.index.length ?? 0;
        if (from === length) continue;
        reject(new RangeError(`${name} has ${length} elements, not ${from}`));
        return false;
      }
      for (const { name, from, elements } of change.append ?? [])
        lengths.set(name, from + elements.length);
      for (const { name, elements } of replace ?? []) lengths.set(name, elements.length);
      return true;
    });
  }

  #plan(changes: readonly StoreChange[]): { writes: LogWrite[]; group: number } {
    const writes = new Map<Log, LogWrite>();
    const writeTo = (log: Log): LogWrite => {
      const write = writes.get(log) ?? { log, bytes: [], records: [] };
      writes.set(log, write);
      return write;
    };
    const touched = new Set(changes.flatMap(filesOf));
    const isOneRecordEach = touched.size < 2 && !changes.some(needsSeveralRecords);
    const group = isOneRecordEach ? 0 : this.#lastGroup + 1;
    for (const change of changes) {
      for (const document of documentsOf(change))
        for (const { bytes, record } of recordsOf(document, group)) {
          const write = writeTo(this.#log(fileOfDocument(document.name)));
          write.bytes.push(bytes);
          write.records.push(record);
        }
      if (change.keysAdd?.length)
        writeTo(this.#log(keyringFile)).bytes.push(jsonRecord(change.keysAdd, group));
      const { outboxAdd, outboxRemove, settings } = change;
      if (outboxAdd?.length || outboxRemove?.length || settings)
        writeTo(this.#log(stateFile)).bytes.push(
          jsonRecord({ outboxAdd, outboxRemove, settings }, group),
        );
    }
    return { writes: [...writes.values()], group };
  }

  /** Writes and syncs; the keyring before what needs it, the log of commits last. */
  async #write({ writes, group }: { writes: LogWrite[]; group: number }): Promise<void> {
    try {
      await this.#clean();
      for (const write of writes) await this.#append(write);
      const [first, ...others] = writes.sort((a, b) => rank(a.log) - rank(b.log));
      await first?.log.file?.sync();
      await Promise.all(others.map(({ log }) => log.file?.sync()));
      if (group > 0) await this.#number(group);
    } catch (error) {
      await this.#clean().catch(() => undefined);
      throw error;
    }
    for (const { log, bytes, records } of writes) {
      let offset = log.size;
      for (const [at, part] of bytes.entries()) {
        const record = records[at];
        if (record) log.index.add({ ...record, offset });
        offset += part.length;
      }
      log.size = offset;
      this.#unclean.delete(log);
    }
  }

  /** A commit of several files happened once its number is durable. */
  async #number(group: number): Promise<void> {
    const log = this.#log(commitsFile);
    const bytes = encodeRecord({ group, from: 0, count: 0 }, utf8(""));
    await this.#append({ log, bytes: [bytes], records: [] });
    await log.file?.sync();
    log.size += bytes.length;
    this.#unclean.delete(log);
    this.#lastGroup = group;
  }

  async #append({ log, bytes }: LogWrite): Promise<void> {
    this.#unclean.add(log);
    const file = await this.#openNamed(log);
    let position = log.size;
    for (const part of bytes) {
      await writeAll(file, part, position);
      position += part.length;
    }
  }

  /**
   * Makes the names durable that lead to a file, once in a life: a step that failed before, or a process
   * that was killed, may have left them there without.
   */
  async #openNamed(log: Log): Promise<OpenFile> {
    if (log.file && log.isNamed) return log.file;
    await makeFolders(this.#files, dirname(log.path));
    log.file ??= await this.#files.open(log.path);
    const root = join(this.#dir, ".");
    for (let at = dirname(log.path); at.length >= root.length; at = dirname(at))
      await this.#files.syncFolder(at);
    await this.#files.syncFolder(dirname(root)).catch((error: unknown) => {
      // The folder above may be somebody else's.
      if (!["EACCES", "EPERM"].includes(errorCode(error))) throw error;
    });
    log.isNamed = true;
    return log.file;
  }

  /** Cuts off what a failed commit may have left behind. */
  async #clean(): Promise<void> {
    for (const log of [...this.#unclean]) {
      if (log.file && (await log.file.size()) > log.size) {
        await log.file.truncate(log.size);
        await log.file.sync();
      }
      this.#unclean.delete(log);
    }
  }

  #remember(change: StoreChange): void {
    const { replace, keysAdd, outboxAdd, outboxRemove, settings } = change;
    const replaced = new Set(replace?.map(({ name }) => this.#log(fileOfDocument(name))));
    this.#recent = this.#recent.filter(({ log }) => !replaced.has(log));
    for (const { name } of documentsOf(change))
      this.#documents.set(name, this.#log(fileOfDocument(name)));
    for (const key of keysAdd ?? []) this.#keys.push(key);
    for (const run of outboxAdd ?? []) this.#outbox.set(run.seal, run);
    for (const seal of outboxRemove ?? []) this.#outbox.delete(seal);
    for (const [name, value] of Object.entries(settings ?? {})) {
      if (value === undefined || value === null) this.#settings.delete(name);
      else this.#settings.set(name, value);
    }
  }

  #log(path: string): Log {
    let log = this.#logs.get(path);
    if (!log) {
      const index = new DocumentIndex();
      log = { path: join(this.#dir, path), file: undefined, isNamed: false, size: 0, index };
      this.#logs.set(path, log);
    }
    return log;
  }

  async #scan(): Promise<void> {
    await makeFolders(this.#files, this.#dir);
    await this.#scanOne(commitsFile, ({ group }) => {
      this.#lastGroup = Math.max(this.#lastGroup, group);
    });
    const unfinished: Unfinished[] = [];
    const seen = (log: Log, record: PlacedRecord, take: () => void) => {
      if (record.group <= this.#lastGroup) take();
      else unfinished.push({ log, record, take });
    };
    for (const path of await this.#documentFiles("documents")) {
      const name = documentOfFile(path);
      if (!name) continue;
      const log = this.#log(path);
      await this.#scanOne(path, (record) => seen(log, record, () => log.index.add(record)));
      await log.file?.close();
      log.file = undefined;
      this.#documents.set(name, log);
    }
    for (const path of [keyringFile, stateFile]) {
      const log = this.#log(path);
      await this.#scanOne(path, (record, payload) => {
        const change = changeOf(path, payload);
        seen(log, record, () => this.#remember(change));
      });
    }
    await this.#settle(unfinished);
    await this.#compactState();
  }

  /**
   * A commit that never got its number did not happen, in any of its files. Only the one that was being
   * written at a crash can lack it; if others do, the log of commits is damaged and everything counts.
   */
  async #settle(unfinished: readonly Unfinished[]): Promise<void> {
    const newest = Math.max(0, ...unfinished.map(({ record }) => record.group));
    const isDamaged = this.#damaged.some(({ where }) => where === commitsFile);
    if (isDamaged || newest > this.#lastGroup + 1) {
      for (const { take } of unfinished) take();
      if (!isDamaged && newest > this.#lastGroup + 1)
        this.#damaged.push({ where: commitsFile, what: "numbers of commits are missing" });
      if (newest > this.#lastGroup) await this.#number(newest);
      return;
    }
    for (const { log, record } of unfinished) {
      log.size = Math.min(log.size, record.offset);
      log.file ??= await this.#files.open(log.path);
      this.#unclean.add(log);
    }
    await this.#clean();
  }

  async #scanOne(
    path: string,
    onRecord: (record: PlacedRecord, payload: Uint8Array) => void,
  ): Promise<void> {
    const log = this.#log(path);
    if (!(await this.#files.stat(log.path))) return;
    log.file = await this.#files.open(log.path);
    const { end, size, isTorn, bad } = await scanLog(log.file, onRecord);
    log.size = isTorn ? end : size;
    for (const { offset, length } of bad) {
      await this.#keepAside(path, log.file, offset, length);
      this.#damaged.push({ where: path, what: `${length} bytes at ${offset} are damaged` });
    }
    if (isTorn) {
      await this.#keepAside(path, log.file, end, size - end);
      const what = `torn tail of ${size - end} bytes cut off at ${end}`;
      this.#damaged.push({ where: path, what });
      await log.file.truncate(end);
    }
    // What a killed process had written counts from now on, and is acknowledged to whoever asks.
    await log.file.sync();
  }

  /** Damaged bytes are never deleted: somebody may still read something out of them. */
  async #keepAside(path: string, file: OpenFile, offset: number, length: number): Promise<void> {
    const name = `${path.replaceAll("/", "-")}-${offset}-${length}`;
    const folder = join(this.#dir, "damaged");
    await makeFolders(this.#files, folder);
    if (await this.#files.stat(join(folder, name))) return;
    await replaceFile(this.#files, join(folder, name), await readAll(file, offset, length));
  }

  async #documentFiles(folder: string): Promise<string[]> {
    const found: string[] = [];
    for (const name of await this.#files.list(join(this.#dir, folder))) {
      const path = `${folder}/${name}`;
      const inside = await this.#files.stat(join(this.#dir, path));
      if (inside?.folder) found.push(...(await this.#documentFiles(path)));
      else found.push(path);
    }
    return found;
  }

  /** Rewrites the log of outbox and settings when most of it is history. */
  async #compactState(): Promise<void> {
    const log = this.#log(stateFile);
    if (log.size < compactBytes) return;
    const state: StateRecord = { outboxAdd: [], settings: Object.fromEntries(this.#settings) };
    const records = [jsonRecord(state, 0)];
    for (const run of this.#outbox.values()) records.push(jsonRecord({ outboxAdd: [run] }, 0));
    const size = records.reduce((sum, record) => sum + record.length, 0);
    if (size * 2 > log.size) return;
    await log.file?.close();
    log.file = undefined;
    await replaceFile(this.#files, log.path, Buffer.concat(records));
    log.file = await this.#files.open(log.path);
    log.size = size;
  }
}

const rank = (log: Log): number => (log.path.endsWith(keyringFile) ? 0 : 1);

interface ChangedDocument {
  name: DocumentName;
  from: number;
  elements: readonly string[];
  isAnew: boolean;
}

const documentsOf = ({ append, replace }: StoreChange): ChangedDocument[] => [
  ...(append ?? [])
    .filter(({ elements }) => elements.length > 0)
    .map((document) => ({ ...document, isAnew: false })),
  ...(replace ?? []).map((document) => ({ ...document, from: 0, isAnew: true })),
];

/** A record from the first element on begins a document anew: an empty one, where nothing follows. */
function recordsOf({ name, from, elements, isAnew }: ChangedDocument, group: number) {
  if (!isAnew || elements.length > 0) return encodeElements(name, from, elements, group);
  const head = { group, from, count: 0 };
  return [{ bytes: encodeRecord(head, utf8("")), record: { ...head, length: 0 } }];
}

const filesOf = (change: StoreChange): string[] => [
  ...documentsOf(change).map(({ name }) => fileOfDocument(name)),
  ...(change.keysAdd?.length ? [keyringFile] : []),
  ...(change.outboxAdd?.length || change.outboxRemove?.length || change.settings
    ? [stateFile]
    : []),
];

/** A change that one checksum does not cover counts by its number only. */
const needsSeveralRecords = (change: StoreChange): boolean =>
  documentsOf(change).some(({ from, elements }) => countRecords(from, elements) > 1);

const jsonRecord = (value: unknown, group: number): Uint8Array<ArrayBuffer> =>
  encodeRecord({ group, from: 0, count: 0 }, utf8(JSON.stringify(value, nullForUndefined)));

/** A setting that is taken away must be seen to go. */
const nullForUndefined = (key: string, value: unknown): unknown =>
  key === "settings" && value
    ? Object.fromEntries(
        Object.entries(value as Record<string, unknown>).map(([name, set]) => [name, set ?? null]),
      )
    : value;

function changeOf(path: string, payload: Uint8Array): StoreChange {
  const value: unknown = JSON.parse(fromUtf8(payload));
  return path === keyringFile ? { keysAdd: value as [string, string][] } : (value as StateRecord);
}
