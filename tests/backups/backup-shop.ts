import { addDirectory, openDirectory } from "../../server/adapters/directory-target.ts";
import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import { ageKeyIn } from "../../server/backups/age-keys.ts";
import type { BackupKind } from "../../server/backups/backup-note.ts";
import { type PutDeps, type PutReport, putBackup } from "../../server/backups/put-backup.ts";
import { type RestoreOptions, restorePoint } from "../../server/backups/restore-point.ts";
import type { Target } from "../../server/backups/target.ts";
import type { TargetHistory } from "../../server/backups/target-history.ts";
import { type VerifyOptions, verifyTarget } from "../../server/backups/verify-target.ts";
import { createSnapshot, type SnapshotSource } from "../../server/snapshots/create-snapshot.ts";
import { SnapshotFolder } from "../../server/snapshots/snapshot-folder.ts";
import { verifySnapshot } from "../../server/snapshots/verify-snapshot.ts";
import { makeFolders, replaceFile } from "../../server/storage/whole-files.ts";
import { ageIdentity, ageRecipient } from "../../shared/access/recovery-age.ts";
import { recoveryPublic } from "../../shared/access/recovery-key.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { utf8 } from "../../shared/journal/bytes.ts";
import { ForgetfulFiles } from "../harness/forgetful-files.ts";
import { signerOf, startMs } from "../harness/organisation.ts";
import { ServerDisk } from "../harness/server-disk.ts";

const checks = { signatures: nodeSignatures, nowMs: startMs };

/** A shop whose server puts backups on a disk. */
export class BackupShop {
  readonly disk: ServerDisk;
  /** the medium: survives whatever happens to the server */
  usb = new ForgetfulFiles();
  /** as the server's catalogue keeps it: durable as soon as it is said */
  history: TargetHistory = {};
  freeBytes = Number.POSITIVE_INFINITY;
  #markerId: string | undefined;

  private constructor(disk: ServerDisk) {
    this.disk = disk;
  }

  static async open(seed?: string): Promise<BackupShop> {
    const shop = new BackupShop(await ServerDisk.open(seed));
    await shop.usb.makeFolder("/usb");
    await shop.usb.syncFolder("/");
    const { random } = shop.disk.organisation;
    const added = await addDirectory(
      { kind: "directory", path: "/usb/youbei" },
      { files: shop.usb, random },
    );
    shop.#markerId = added.id;
    return shop;
  }

  /** A disk that somebody plugs into another machine. */
  target(files = this.usb): Target {
    const settings = { kind: "directory", path: "/usb/youbei", id: this.#markerId } as const;
    return openDirectory(settings, { files });
  }

  drillKey() {
    const { files } = this.disk;
    return ageKeyIn("/data/backups", "drill.key", { files, random: this.disk.organisation.random });
  }

  get recoveryIdentity(): string {
    return ageIdentity(this.disk.organisation.recovery);
  }

  deps(): PutDeps {
    const { disk } = this;
    const { organisation, files } = disk;
    const snapshots = disk.folder;
    return {
      dir: "/data/backups/usb",
      files,
      freeBytes: async () => this.freeBytes,
      clock: organisation.clock,
      random: organisation.random,
      snapshots,
      take: async () =>
        createSnapshot(
          {
            folder: snapshots,
            source: this.#source(),
            clock: organisation.clock,
            random: organisation.random,
            memory: disk.memory,
          },
          { reason: "backup", unlessSame: true },
        ),
      device: organisation.state?.server ?? "",
      signer: signerOf(organisation.state?.server ?? ""),
      recipients: async () => [
        ageRecipient(recoveryPublic(organisation.recovery).encrypt),
        (await this.drillKey()).recipient,
      ],
      system: async () => [{ name: "system.json", bytes: new Uint8Array([1]) }],
      history: () => this.history,
      change: async (change) => {
        const history = change(this.history);
        await makeFolders(files, "/data");
        await replaceFile(files, "/data/catalogue.json", utf8(JSON.stringify(history)));
        this.history = history;
      },
    };
  }

  /** The server as it runs: what it folded already is not folded again for each backup. */
  #source(): SnapshotSource {
    const { organisation } = this.disk;
    const { authority, documents, serverLedger: ledger } = organisation;
    const elements = new Map([[authorityDocument, authority], ...documents]);
    const device = organisation.state?.server ?? "";
    return {
      cut: () => ({
        ledger,
        documents: [...elements].map(([name, { length }]) => ({ name, length })),
      }),
      read: async (name, from, most) => (elements.get(name) ?? []).slice(from, from + most),
      keys: () => [...organisation.keys],
      device,
      signer: signerOf(device),
    };
  }

  /** A minute later, so that points have times of their own. */
  async put(kind: BackupKind): Promise<PutReport> {
    this.disk.organisation.clock.now += 60_000;
    const put = await putBackup(this.deps(), this.target(), kind);
    if (!put.ok) throw new Error(`no backup: ${put.refusal}`);
    return put.value;
  }

  restore(change: Partial<RestoreOptions> & { files?: ForgetfulFiles; usb?: ForgetfulFiles } = {}) {
    const { files = new ForgetfulFiles(), usb, ...options } = change;
    return restorePoint(
      { target: this.target(usb), files },
      { which: "newest", identity: this.recoveryIdentity, to: "/restored", ...options },
    );
  }

  /** As the server looks at it. */
  async verify(options: VerifyOptions = {}, usb = this.usb) {
    const authority = this.disk.organisation.state;
    if (!authority) throw new Error("a shop has an authority log");
    const { identity } = await this.drillKey();
    const deps = { target: this.target(usb), cache: undefined, signatures: nodeSignatures };
    return verifyTarget({ ...deps, authority, identity }, options);
  }

  /** On a machine that has nothing but the medium and the card. @returns state hashes by snapshot */
  async restored(which: string, usb?: ForgetfulFiles) {
    const files = new ForgetfulFiles();
    const restored = await this.restore({ which, files, ...(usb ? { usb } : {}) });
    if (!restored.ok) throw new Error(JSON.stringify(restored.refusal));
    const folder = new SnapshotFolder("/restored", files);
    const report = await this.verified(folder, restored.value.snapshot);
    return { ...restored.value, report, files, folder };
  }

  verified = (folder: SnapshotFolder, snapshot: string) => verifySnapshot(folder, snapshot, checks);

  /** Somebody or something changes a file on the medium, or takes it away. */
  damage(name: string, how: "flip" | "cut" | "gone", usb = this.usb): void {
    const path = `/usb/youbei/${name}`;
    const content = usb.content(path).slice();
    const middle = content.length >> 1;
    if (how === "flip") content[middle] = (content[middle] ?? 0) ^ 0x10;
    usb.change(
      path,
      how === "gone" ? undefined : how === "cut" ? content.slice(0, middle) : content,
    );
  }

  names(): string[] {
    return this.usb
      .paths()
      .map((path) => path.replace("/usb/youbei/", ""))
      .filter((name) => !name.startsWith("youbei-target"));
  }
}
