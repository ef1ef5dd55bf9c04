import { createFolderStore } from "../../server/adapters/folder-store.ts";
import type { RecoverPlatform } from "../../server/recovery/build-aside.ts";
import {
  type CreateOptions,
  createSnapshot,
  type SnapshotSource,
} from "../../server/snapshots/create-snapshot.ts";
import type { Manifest } from "../../server/snapshots/manifest.ts";
import { SnapshotFolder } from "../../server/snapshots/snapshot-folder.ts";
import { sourceOfStore } from "../../server/snapshots/snapshot-sources.ts";
import type { PageMemory } from "../../server/snapshots/write-document.ts";
import { replaceFile } from "../../server/storage/whole-files.ts";
import { seedSigner } from "../../shared/access/recovery-key.ts";
import { authorityDocument, journalDocument } from "../../shared/documents/document-name.ts";
import { utf8 } from "../../shared/journal/bytes.ts";
import { createMemoryStore, type MemoryStore } from "../contracts/memory-store.ts";
import { ForgetfulFiles } from "./forgetful-files.ts";
import { jsSignatures, month, signerOf, TestOrganisation, type Till } from "./organisation.ts";
import { addMember, charge, topUp } from "./shop.ts";

export const lastMonth = "2026-10";

/** What a server has on its disks: the live store, and snapshots in a folder apart. */
export class ServerDisk {
  readonly organisation: TestOrganisation;
  readonly till: Till;
  files = new ForgetfulFiles();
  readonly memory: PageMemory = new Map();
  readonly members: string[] = [];

  private constructor(organisation: TestOrganisation, till: Till) {
    this.organisation = organisation;
    this.till = till;
  }

  /** A shop with a till, some members, and two months of documents. */
  static async open(seed?: string): Promise<ServerDisk> {
    const organisation = await TestOrganisation.found(seed);
    const disk = new ServerDisk(organisation, await organisation.enrol("till1"));
    await disk.trade(6);
    const { documents } = organisation;
    const name = journalDocument(1, "s1", month);
    documents.set(journalDocument(1, "s1", lastMonth), documents.get(name) ?? []);
    documents.delete(name);
    await disk.trade(6);
    return disk;
  }

  get folder(): SnapshotFolder {
    return new SnapshotFolder("/snapshots", this.files);
  }

  /** Members come, pay and are served; everything reaches the server. */
  async trade(members: number): Promise<void> {
    const { organisation, till } = this;
    for (let count = 0; count < members; count++) {
      const nth = this.members.length;
      const phone = `138${String(nth).padStart(8, "0")}`;
      const member = await addMember(till.replica, `会员${nth}`, phone);
      await topUp(till.replica, member, 100_00, nth * 100);
      await charge(till.replica, member, 35_00 + nth);
      this.members.push(member);
    }
    await organisation.exchange(till);
  }

  live(): MemoryStore {
    const { authority, documents, keys } = this.organisation;
    const store = createMemoryStore();
    store.content.documents.set(authorityDocument, [...authority]);
    for (const [name, elements] of documents) store.content.documents.set(name, [...elements]);
    for (const [member, key] of keys) store.content.keys.set(member, key);
    return store;
  }

  source(store = this.live()): Promise<SnapshotSource> {
    const device = this.organisation.state?.server ?? "";
    const nowMs = this.organisation.clock.now;
    return sourceOfStore(
      store,
      { device, signer: signerOf(device) },
      { signatures: jsSignatures, nowMs },
    );
  }

  /** A snapshot of what the server has by now. */
  async snapshot(options: Partial<CreateOptions> & { source?: SnapshotSource } = {}) {
    const { organisation, memory } = this;
    const created = await createSnapshot(
      {
        folder: this.folder,
        source: options.source ?? (await this.source()),
        clock: organisation.clock,
        random: organisation.random,
        memory,
      },
      { reason: options.reason ?? "by hand", unlessSame: options.unlessSame ?? false },
    );
    if (!created.ok) throw new Error(`no snapshot: ${created.refusal}`);
    return created.value;
  }

  blobs(): string[] {
    return this.files.paths().filter((path) => path.startsWith("/snapshots/blobs/"));
  }

  /** What recovering needs of the machine. */
  platform(): RecoverPlatform {
    const { files } = this;
    return {
      clock: this.organisation.clock,
      random: this.organisation.random,
      signatures: jsSignatures,
      signer: seedSigner,
      files,
      folderStore: (folder) => createFolderStore(folder, { files }),
      processes: { self: () => ({ pid: 1, started: "" }), isAlive: () => false },
      lockFiles: {
        async createNew(path, content) {
          if (await files.stat(path)) return false;
          await replaceFile(files, path, utf8(content));
          return true;
        },
      },
    };
  }

  blobPath = (page: { sha256: string }): string => `/snapshots/blobs/${page.sha256}`;
}

export const pagesOf = (manifest: Manifest, name: string) =>
  manifest.documents.find((document) => document.name === name)?.pages ?? [];
