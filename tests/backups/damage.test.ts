import { expect, test } from "vitest";
import { openArchive, sealArchive } from "../../server/backups/archive.ts";
import type { ArchiveEntry } from "../../server/backups/ustar.ts";
import { concatBytes, fromUtf8, utf8 } from "../../shared/journal/bytes.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { ForgetfulFiles } from "../harness/forgetful-files.ts";
import { BackupShop } from "./backup-shop.ts";

/** A full, two incrementals and a differential; keys in two generations. */
async function filledShop(): Promise<BackupShop> {
  const shop = await BackupShop.open();
  for (const kind of ["full", "incremental", "differential", "incremental"] as const) {
    await shop.disk.trade(1);
    await shop.put(kind);
  }
  return shop;
}

for (const how of ["flip", "cut", "gone"] as const)
  test(`each file that is damaged (${how}) is named, and nothing wrong is restored [BA7]`, async () => {
    const shop = await filledShop();
    const { hash } = summarise(shop.disk.organisation.serverLedger);
    expect((await shop.verify()).damage).toEqual([]);
    const names = shop.names();
    expect(names.length).toBe(13);
    const restored: string[] = [];
    for (const name of names) {
      const usb = shop.usb.copy();
      shop.damage(name, how, usb);
      const { ok, damage } = await shop.verify({}, usb);
      const isNamed = damage.some(
        ({ where }) => where === name || where.replace(".json", ".tar.gz.age") === name,
      );
      // Half a backup is an upload that was interrupted; of keys there is an older generation.
      const isUnfinished = how === "gone" && /json$|keyring|system/.test(name);
      if (!isUnfinished || name.includes("system"))
        expect({ name, ok }).toEqual({ name, ok: false });
      if (!isUnfinished) expect({ name, isNamed }).toEqual({ name, isNamed: true });
      const back = await shop.restore({ usb });
      if (!back.ok) {
        expect(back.refusal).toMatchObject({ code: "unreachable" });
        if (!isUnfinished) expect(JSON.stringify(back.refusal)).toContain(name.slice(0, 60));
        continue;
      }
      const { report, point } = await shop.restored(back.value.point, usb);
      if (point === newestOf(names)) expect(report.state?.hash).toBe(hash);
      expect(report.damage).toEqual([]);
      restored.push(name);
    }
    // Without the full nothing leads anywhere, and the last incremental has nobody to stand in for it.
    expect(names.filter((name) => !restored.includes(name)).length).toBeLessThanOrEqual(4);
  });

const newestOf = (names: readonly string[]) =>
  names
    .flatMap((name) => /^backups\/(\w+-\w+)-/.exec(name)?.[1] ?? [])
    .sort()
    .at(-1);

test("a note that somebody wrote himself is no note of this shop", async () => {
  const shop = await filledShop();
  const [name = ""] = shop.names().filter((known) => known.endsWith("full.json"));
  const path = `/usb/youbei/${name}`;
  const text = new TextDecoder().decode(shop.usb.content(path));
  const changed = text.replace(/"time": "2026/, '"time": "2025');
  shop.usb.change(path, new TextEncoder().encode(changed));
  expect((await shop.verify()).damage).toEqual([
    { where: name, what: "is not signed by a server of this shop" },
  ]);
});

test("an archive that was put in another's place is found", async () => {
  const shop = await filledShop();
  const [first = "", second = ""] = shop
    .names()
    .filter((name) => name.endsWith("incremental.tar.gz.age"));
  const stolen = shop.usb.content(`/usb/youbei/${second}`);
  const kept = shop.usb.content(`/usb/youbei/${first}`);
  // Of the same length, so that nothing shows from outside.
  const whole = new Uint8Array(kept.length);
  whole.set(stolen.subarray(0, kept.length));
  shop.usb.change(`/usb/youbei/${first}`, whole);
  expect((await shop.verify()).damage).toMatchObject([{ where: first }]);
});

/** Anybody can seal for a card: an archive is opened, changed, and sealed again. */
async function forge(
  shop: BackupShop,
  name: string,
  change: (entries: ArchiveEntry[]) => ArchiveEntry[],
): Promise<void> {
  const path = `/usb/youbei/${name}`;
  const entries: ArchiveEntry[] = [];
  for await (const entry of openArchive(streamed([shop.usb.content(path)]), shop.recoveryIdentity))
    entries.push(entry);
  const sealed: Uint8Array[] = [];
  const recipients = await shop.deps().recipients();
  for await (const chunk of sealArchive(streamed(change(entries)), recipients)) sealed.push(chunk);
  const whole = concatBytes(...sealed);
  shop.usb.change(path, whole);
  // And the note made to fit, but for its signature.
  const note = `${path.replace(".tar.gz.age", "")}.json`;
  const text = fromUtf8(shop.usb.content(note)).replace(/"bytes": \d+/, `"bytes": ${whole.length}`);
  shop.usb.change(note, utf8(text));
}

async function* streamed<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

const forgeries: Record<string, { change(entries: ArchiveEntry[]): ArchiveEntry[]; why: string }> =
  {
    "a blob that was changed": {
      change: ([manifest, first, ...rest]) =>
        [
          manifest,
          first && { ...first, bytes: first.bytes.map((byte) => byte ^ 1) },
          ...rest,
        ].flatMap((entry) => entry ?? []),
      why: "not what the manifest says",
    },
    "a blob that was left out": {
      change: (entries) => entries.slice(0, -1),
      why: "does not bring blob",
    },
    "a file that belongs elsewhere": {
      change: (entries) => [...entries, { name: "../../authority.pem", bytes: new Uint8Array(3) }],
      why: "not in the manifest",
    },
    "nothing at all": { change: () => [], why: "empty" },
  };

for (const [what, { change, why }] of Object.entries(forgeries))
  test(`somebody seals another archive for the card: ${what} [BA7]`, async () => {
    const shop = await BackupShop.open();
    await shop.put("full");
    const [name = ""] = shop.names().filter((known) => known.endsWith("full.tar.gz.age"));
    await forge(shop, name, change);
    const files = new ForgetfulFiles();
    const back = await shop.restore({ files });
    expect(back).toMatchObject({ ok: false, refusal: { code: "unreachable" } });
    expect(JSON.stringify(back)).toContain(why);
    expect(files.paths().filter((path) => !path.startsWith("/restored.restoring/"))).toEqual([]);
    expect((await shop.verify()).damage.map(({ where }) => where)).toContain(
      name.replace(".tar.gz.age", ".json"),
    );
  });

test("verification with a budget reads a part, and goes on there the next time", async () => {
  const shop = await filledShop();
  const { there } = await shop.verify();
  let cursor: string | undefined;
  let files = 0;
  let rounds = 0;
  do {
    const report = await shop.verify({ budgetBytes: 6000, cursor });
    expect(report.checked.bytes).toBeLessThanOrEqual(16_000);
    files += report.checked.files;
    cursor = report.cursor;
    rounds++;
  } while (cursor !== undefined);
  expect(files).toBe(there.files);
  expect(rounds).toBeGreaterThan(2);
});

test("words of another card open nothing, and nothing is written", async () => {
  const shop = await filledShop();
  const other = await BackupShop.open("another shop");
  const answer = await shop.restore({ identity: other.recoveryIdentity });
  expect(answer).toEqual({ ok: false, refusal: { code: "wrong-key" } });
});

test("a member who was erased since has no key in an older point either [BA9]", async () => {
  const shop = await filledShop();
  const { keys } = shop.disk.organisation;
  const [erased = ""] = [...keys.keys()];
  const lists = shop.names().filter((name) => name.startsWith("backups/"));
  const [oldest = ""] = lists.flatMap((name) => /^backups\/(\w+-\w+)-full/.exec(name)?.[1] ?? []);
  const before = await shop.restored(oldest);
  expect(before.report).toMatchObject({ ok: true, missingKeys: 0 });
  keys.delete(erased);
  // Two generations later nothing on the medium knows it any more.
  for (let count = 0; count < 2; count++) {
    await shop.disk.trade(1);
    // Devices that have it would bring it back.
    keys.delete(erased);
    await shop.put("incremental");
  }
  const after = await shop.restored(oldest);
  expect(after.report).toMatchObject({ ok: true, missingKeys: 1, damage: [] });
  expect(after.report.keys.some(([member]) => member === erased)).toBe(false);
  expect(shop.names().filter((name) => name.startsWith("keyring/")).length).toBe(2);
});

test("without any keys the money comes back all the same, and it is said", async () => {
  const shop = await filledShop();
  const { hash } = summarise(shop.disk.organisation.serverLedger);
  for (const name of shop.names().filter((known) => known.startsWith("keyring/")))
    shop.damage(name, "cut");
  const { report, damage } = await shop.restored("newest");
  expect(report).toMatchObject({ ok: true, missingKeys: 16, state: { hash } });
  expect(damage.map(({ where }) => where)).toContain("keyring");
});

test("no byte of an archive's head can be changed unseen, and none is taken for a wrong card", async () => {
  const shop = await BackupShop.open();
  await shop.put("full");
  for (const name of shop.names().filter((known) => known.endsWith(".age"))) {
    const path = `/usb/youbei/${name}`;
    for (let at = 0; at < 360; at += 13) {
      const usb = shop.usb.copy();
      const content = usb.content(path).slice();
      content[at] = (content[at] ?? 0) ^ 1;
      usb.change(path, content);
      const { damage } = await shop.verify({}, usb);
      expect({ at, named: damage.map(({ where }) => where) }).toEqual({ at, named: [name] });
      const back = await shop.restore({ usb });
      if (name.startsWith("backups/"))
        expect(back).toMatchObject({ ok: false, refusal: { code: "unreachable" } });
      else expect(back.ok).toBe(true);
    }
  }
});
