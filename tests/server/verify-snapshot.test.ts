import { beforeAll, expect, test } from "vitest";
import type { Finding } from "../../server/snapshots/finding.ts";
import { readSnapshot } from "../../server/snapshots/list-snapshots.ts";
import { type Manifest, signManifest, writeManifest } from "../../server/snapshots/manifest.ts";
import { verifySnapshot } from "../../server/snapshots/verify-snapshot.ts";
import { writeUpdate } from "../../shared/documents/update-writer.ts";
import { utf8 } from "../../shared/journal/bytes.ts";
import { readSeal, sealedBytes, writeSeal } from "../../shared/journal/seal.ts";
import { jsSignatures, signerOf, startMs } from "../harness/organisation.ts";
import { ServerDisk } from "../harness/server-disk.ts";

let disk: ServerDisk;
let manifest: Manifest;

beforeAll(async () => {
  disk = await ServerDisk.open();
  manifest = (await disk.snapshot()).manifest;
});

const manifestPath = () => `/snapshots/manifests/${manifest.id}.json`;

/** What verifying finds once the disk was changed; the disk is put right afterwards. */
async function findingsAfter(change: (disk: ServerDisk) => void | Promise<void>) {
  const { files } = disk;
  disk.files = files.copy();
  try {
    await change(disk);
    const checks = { signatures: jsSignatures, nowMs: startMs };
    const report = await verifySnapshot(disk.folder, manifest.id, checks);
    expect(report.ok).toBe(report.damage.length === 0);
    return report.damage;
  } finally {
    disk.files = files;
  }
}

const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
  return copy;
};

/** Puts a manifest in place that names what was changed, signed by whoever. */
async function replaceManifest(change: (copy: Manifest) => void, signer = signerOf("srv1")) {
  const { signature, ...copy } = structuredClone(manifest);
  change(copy as Manifest);
  const signed = await signManifest(copy, signer);
  disk.files.change(manifestPath(), utf8(writeManifest(signed)));
}

test("an undamaged snapshot verifies", async () => {
  expect(await findingsAfter(() => undefined)).toEqual([]);
});

test("every flipped byte of a document's page is found, and the page, document and elements are named", async () => {
  for (const { name, pages } of manifest.documents)
    for (const { sha256, from, count, bytes } of pages)
      for (let at = 0; at < bytes; at += Math.ceil(bytes / 16)) {
        const damage = await findingsAfter(({ files, blobPath }) =>
          files.change(blobPath({ sha256 }), flipped(files.content(blobPath({ sha256 })), at)),
        );
        expect(damage[0]).toEqual({
          where: `blobs/${sha256}`,
          what: `was changed: elements ${from} to ${from + count - 1} of ${name}`,
          blob: sha256,
          document: name,
          elements: { first: from, last: from + count - 1 },
        });
      }
});

test("a truncated, a lengthened and a deleted blob are found and named", async () => {
  const [{ pages = [] } = {}] = manifest.documents.slice(-1);
  for (const page of [...pages, ...manifest.keyring.pages]) {
    const path = disk.blobPath(page);
    const whole = disk.files.content(path);
    const longer = new Uint8Array(whole.length + 1);
    longer.set(whole);
    for (const [content, what] of [
      [whole.slice(0, -1), `has ${page.bytes - 1} of ${page.bytes} bytes`],
      [new Uint8Array(0), `has 0 of ${page.bytes} bytes`],
      [longer, `has ${page.bytes + 1} of ${page.bytes} bytes`],
      [undefined, "is missing"],
    ] as const) {
      const [found] = await findingsAfter(({ files }) => files.change(path, content));
      expect(found).toMatchObject({ blob: page.sha256 });
      expect(found?.what).toContain(what);
    }
  }
});

test("every flipped byte of the keyring is found", async () => {
  const [page] = manifest.keyring.pages;
  if (!page) throw new Error("a keyring");
  for (let at = 0; at < page.bytes; at += 50) {
    const [found] = await findingsAfter(({ files, blobPath }) =>
      files.change(blobPath(page), flipped(files.content(blobPath(page)), at)),
    );
    expect(found).toMatchObject({ blob: page.sha256, what: "was changed: keys 0 to 11" });
  }
});

test("every flipped byte of the manifest is found", async () => {
  const { length } = disk.files.content(manifestPath());
  for (let at = 0; at < length; at += 17) {
    const damage = await findingsAfter(({ files }) =>
      files.change(manifestPath(), flipped(files.content(manifestPath()), at)),
    );
    expect(damage).not.toEqual([]);
  }
});

test("a manifest that was written again in other words is no manifest", async () => {
  const damage = await findingsAfter(({ files }) =>
    files.change(manifestPath(), utf8(JSON.stringify(manifest))),
  );
  expect(damage[0]?.what).toContain("is damaged");
});

test("a manifest that somebody edited was not signed by the server", async () => {
  const where = `manifests/${manifest.id}.json`;
  const damage = await findingsAfter(({ files }) => {
    const text = writeManifest({ ...manifest, reason: "nothing to see" });
    files.change(manifestPath(), utf8(text));
  });
  expect(damage).toEqual([{ where, what: "was not signed by the server srv1" }]);
  const another = await findingsAfter(() => replaceManifest(() => undefined, signerOf("till1")));
  expect(another).toEqual([{ where, what: "was not signed by the server srv1" }]);
  const till = await findingsAfter(() =>
    replaceManifest((copy) => {
      copy.server = "till1";
    }, signerOf("till1")),
  );
  expect(till).toEqual([{ where, what: "till1 is no server of this shop" }]);
});

test.each<[string, (state: Manifest["state"]) => void, string]>([
  ["counts", ({ counts }) => (counts["members"] = 13), "says counts"],
  ["trial balance", ({ trialBalance }) => (trialBalance["revenue"] = -1), "says trialBalance"],
  ["liabilities", ({ liabilities }) => (liabilities.principal -= 1), "says liabilities"],
  ["state hash", (state) => (state.hash = "A".repeat(43)), "says hash"],
])(
  "%s that do not follow from the documents are found, whoever signed them",
  async (_, change, what) => {
    const damage = await findingsAfter(() => replaceManifest(({ state }) => change(state)));
    expect(damage.map((found) => found.what)).toEqual([expect.stringContaining(what)]);
  },
);

test("heads that the documents do not lead to are found", async () => {
  const damage = await findingsAfter(() =>
    replaceManifest(({ documents }) => {
      const head = documents.at(-1)?.heads["till1@s1"];
      if (head) head.next++;
    }),
  );
  expect(damage.map(({ what }) => what)).toEqual(["names other heads than its documents lead to"]);
});

test("an amount changed by somebody who holds the server's key does not match its device's seal", async () => {
  const document = manifest.documents.at(-1);
  const [page] = document?.pages ?? [];
  if (!document || !page) throw new Error("a journal");
  const elements = [...(disk.organisation.documents.get(document.name) ?? [])];
  const at = elements.findIndex((text) => text.includes('"principal":10000'));
  elements[at] = (elements[at] ?? "").replace('"principal":10000', '"principal":10001');
  const damage = await findingsAfter(async ({ folder }) => {
    const blob = await folder.writeBlob(writeUpdate(document.name, 0, elements));
    await replaceManifest((copy) => {
      Object.assign(copy.documents.at(-1)?.pages[0] ?? {}, {
        sha256: blob.sha256,
        bytes: blob.bytes,
      });
    });
  });
  const [first] = damage;
  expect(first).toMatchObject<Partial<Finding>>({
    document: document.name,
    elements: { first: at, last: at + 1 },
    chain: "till1@s1",
  });
  expect(first?.what).toMatch(/does not match its seal$/);
  expect(damage.length).toBe(1);
});

test("an operation under a seal that its device did not sign is found", async () => {
  const document = manifest.documents.at(-1);
  if (!document) throw new Error("a journal");
  const elements = [...(disk.organisation.documents.get(document.name) ?? [])];
  const seal = readSeal(elements.at(-1) ?? "");
  if (!seal) throw new Error("a seal");
  const sig = await signerOf("srv1").sign(sealedBytes(seal));
  elements.splice(-1, 1, writeSeal({ ...seal, sig }));
  const damage = await findingsAfter(async ({ folder }) => {
    const blob = await folder.writeBlob(writeUpdate(document.name, 0, elements));
    await replaceManifest((copy) => {
      Object.assign(copy.documents.at(-1)?.pages[0] ?? {}, { sha256: blob.sha256 });
    });
  });
  const { first, last } = seal;
  expect(damage).toMatchObject([{ chain: "till1@s1", operations: { first, last } }]);
});

test("a page left out of a manifest shows by the operations that are missing", async () => {
  const damage = await findingsAfter(() =>
    replaceManifest((copy) => {
      copy.documents = copy.documents.filter(({ name }) => !name.endsWith("2026-10"));
    }),
  );
  expect(damage[0]).toEqual({
    where: "till1@s1",
    what: "operations 0 to 17 are missing; later ones are there",
    chain: "till1@s1",
    operations: { first: 0, last: 17 },
  });
});

test("an authority log that was cut short does not carry what was done under it", async () => {
  const damage = await findingsAfter(async ({ folder, organisation }) => {
    const entries = organisation.authority.slice(0, 2);
    const blob = await folder.writeBlob(writeUpdate("authority", 0, entries));
    await replaceManifest((copy) => {
      const [authority] = copy.documents;
      if (!authority) return;
      authority.elements = 2;
      authority.pages = [{ sha256: blob.sha256, bytes: blob.bytes, from: 0, count: 2 }];
    });
  });
  expect(damage.map(({ where }) => where)).toContain("till1@s1");
});

test("a snapshot that is not there is no good one", async () => {
  const report = await verifySnapshot(disk.folder, "20200101T000000000Z-aaaaaa", {
    signatures: jsSignatures,
    nowMs: startMs,
  });
  expect(report).toMatchObject({ ok: false, damage: [{ what: "is missing" }] });
  expect(await readSnapshot(disk.folder, "20200101T000000000Z-aaaaaa")).toBeUndefined();
});
