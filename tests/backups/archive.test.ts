import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createNodeFiles } from "../../server/adapters/node-files.ts";
import { openArchive, sealArchive } from "../../server/backups/archive.ts";
import { type ArchiveEntry, packUstar, unpackUstar } from "../../server/backups/ustar.ts";
import { SnapshotFolder } from "../../server/snapshots/snapshot-folder.ts";
import { ageIdentity, ageRecipient } from "../../shared/access/recovery-age.ts";
import {
  newRecoveryKey,
  type RecoveryKey,
  recoveryPublic,
} from "../../shared/access/recovery-key.ts";
import { concatBytes, utf8 } from "../../shared/journal/bytes.ts";
import { seededRandom } from "../harness/organisation.ts";
import { scratchFolder } from "../server/server-harness.ts";
import { isInstalled } from "../services/service.ts";
import { BackupShop } from "./backup-shop.ts";

const age = "/usr/bin/age";

async function* streamed<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

async function gathered<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const entries: ArchiveEntry[] = [
  { name: "manifests/a.json", bytes: utf8("{}\n") },
  { name: "blobs/empty", bytes: new Uint8Array(0) },
  { name: "blobs/block", bytes: new Uint8Array(512).fill(7) },
  { name: "blobs/large", bytes: seededRandom("large").bytes(70_001) },
];

const packed = async () => concatBytes(...(await gathered(packUstar(streamed(entries)))));
const unpack = (bytes: Uint8Array, chunk = 1000) => {
  const chunks: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += chunk)
    chunks.push(bytes.subarray(from, from + chunk));
  return gathered(unpackUstar(streamed(chunks)));
};

/** As plain bytes, whatever Node's buffers they are in. */
const opened = async (sealed: readonly Uint8Array[], key: RecoveryKey) =>
  (await gathered(openArchive(streamed(sealed), ageIdentity(key)))).map(({ name, bytes }) => ({
    name,
    bytes: new Uint8Array(bytes),
  }));

describe("tar", () => {
  test("reads back what it wrote, in chunks of any size", async () => {
    const bytes = await packed();
    for (const chunk of [7, 512, 513, 1_000_000])
      expect(await unpack(bytes, chunk)).toEqual(entries);
  });

  test("the system's tar unpacks it", async () => {
    const folder = await scratchFolder();
    execFileSync("tar", ["xf", "-", "-C", folder], { input: await packed() });
    for (const { name, bytes } of entries)
      expect(new Uint8Array(await readFile(join(folder, name)))).toEqual(bytes);
  });

  test("an archive that is cut off anywhere, or followed by something, is none", async () => {
    const bytes = await packed();
    for (let length = 0; length < bytes.length; length += 511)
      await expect(unpack(bytes.subarray(0, length))).rejects.toThrow("cut off");
    await expect(unpack(concatBytes(bytes, utf8("more")))).rejects.toThrow("follows");
  });

  test("a changed byte of a head is found", async () => {
    const bytes = await packed();
    for (const at of [0, 100, 124, 130, 148, 156, 257, 345]) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 2;
      await expect(unpack(changed)).rejects.toThrow();
    }
  });
});

describe("sealed", () => {
  const random = seededRandom("recipients");
  const [card, drills, stranger] = [
    newRecoveryKey(random),
    newRecoveryKey(random),
    newRecoveryKey(random),
  ];
  const recipients = [card, drills].map((key) => ageRecipient(recoveryPublic(key).encrypt));

  test("for the card and for drills, and for nobody else", async () => {
    const sealed = await gathered(sealArchive(streamed(entries), recipients));
    for (const key of [card, drills]) expect(await opened(sealed, key)).toEqual(entries);
    await expect(
      gathered(openArchive(streamed(sealed), ageIdentity(stranger))),
    ).rejects.toMatchObject({ isOthers: true });
  });

  test("a source that fails is told as it is, not as damage", async () => {
    const sealed = await gathered(sealArchive(streamed(entries), recipients));
    const gone = new Error("the cable is out");
    async function* broken() {
      yield* sealed.slice(0, 3);
      throw gone;
    }
    await expect(gathered(openArchive(broken(), ageIdentity(card)))).rejects.toBe(gone);
    async function* failing(): AsyncGenerator<ArchiveEntry> {
      yield entries[0] as ArchiveEntry;
      throw gone;
    }
    await expect(gathered(sealArchive(failing(), recipients))).rejects.toBe(gone);
  });

  test("no more is read than is taken: memory does not grow with an archive", async () => {
    const piece = seededRandom("piece").bytes(256 * 1024);
    const count = 100;
    const mebibyte = 1024 * 1024;
    let [produced, sealedBytes, openedBytes] = [0, 0, 0];
    let most = 0;
    async function* many(): AsyncGenerator<ArchiveEntry> {
      for (let nth = 0; nth < count; nth++) {
        produced += piece.length;
        most = Math.max(most, produced - sealedBytes);
        yield { name: `blobs/${nth}`, bytes: piece };
      }
    }
    async function* watched() {
      for await (const chunk of sealArchive(many(), recipients)) {
        sealedBytes += chunk.length;
        most = Math.max(most, sealedBytes - openedBytes);
        yield chunk;
      }
    }
    for await (const { bytes } of openArchive(watched(), ageIdentity(card)))
      openedBytes += bytes.length;
    expect(openedBytes).toBe(count * piece.length);
    expect(most).toBeLessThan(4 * mebibyte);
  });
});

describe.skipIf(!isInstalled(age))("the standard tools", () => {
  test("age, gzip and tar open a full and its keys, and make a folder of snapshots of them", async () => {
    const shop = await BackupShop.open();
    const { snapshot } = await shop.put("full");
    const folder = await scratchFolder();
    const key = join(folder, "key.txt");
    await writeFile(key, `${shop.recoveryIdentity}\n`, { mode: 0o600 });
    const to = join(folder, "snapshots");
    await mkdir(to);
    for (const name of shop.names().filter((known) => /^(backups|keyring)\/.*age$/.test(known))) {
      const input = shop.usb.content(`/usb/youbei/${name}`);
      const tar = execFileSync(age, ["-d", "-i", key], { input, maxBuffer: 64 * 1024 * 1024 });
      execFileSync("tar", ["xzf", "-", "-C", to], { input: tar });
    }
    expect((await readdir(to)).sort()).toEqual(["blobs", "keyring.json", "manifests"]);
    const report = await shop.verified(new SnapshotFolder(to, createNodeFiles()), snapshot);
    expect(report).toMatchObject({ ok: true, damage: [], missingKeys: 0 });
  });

  test("what age sealed for the card is opened here", async () => {
    const card = newRecoveryKey(seededRandom("card"));
    const recipient = ageRecipient(recoveryPublic(card).encrypt);
    const input = execFileSync("gzip", ["-c"], { input: await packed() });
    const sealed = execFileSync(age, ["-r", recipient], { input });
    expect(await opened([sealed], card)).toEqual(entries);
  });
});
