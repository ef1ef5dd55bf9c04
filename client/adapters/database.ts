import { Dexie, type Table } from "dexie";

/** A page of a document: one Yjs update that begins at element `from`. */
export interface PageRow {
  name: string;
  from: number;
  length: number;
  bytes: Uint8Array<ArrayBuffer>;
  sum: number;
}

/** Text with its checksum: a run of the outbox or a page of the keyring, as JSON. */
export interface TextRow {
  at?: number;
  text: string;
  sum: number;
}

export interface RunRow extends TextRow {
  seal: string;
}

export interface SettingRow {
  key: string;
  value: string;
}

/** What was found damaged, or stood behind something damaged: kept for a rescue, never read again. */
export interface AsideRow {
  at?: number;
  where: string;
  row: unknown;
}

/** A page of folded state, or at -1 the manifest of all of them. */
export interface StatePageRow {
  at: number;
  text: string;
}

export interface IdentityRow {
  name: string;
  value: unknown;
}

/** Everything that one browser profile keeps; every transaction is flushed before it is reported. */
export class YoubeiDatabase extends Dexie {
  declare pages: Table<PageRow, [name: string, from: number]>;
  declare outbox: Table<RunRow, number>;
  declare keyring: Table<TextRow, number>;
  declare settings: Table<SettingRow, string>;
  declare identity: Table<IdentityRow, string>;
  declare aside: Table<AsideRow, number>;
  declare statePages: Table<StatePageRow, number>;

  constructor(name: string) {
    super(name, { chromeTransactionDurability: "strict", autoOpen: false });
    this.version(1).stores({
      pages: "[name+from], [name+from+length]",
      outbox: "++at, &seal",
      keyring: "++at",
      settings: "key",
      identity: "name",
      aside: "++at",
    });
    this.version(2).stores({ statePages: "at" });
  }
}
