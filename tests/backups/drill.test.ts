import { expect, test } from "vitest";
import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import { drill, type LiveSource } from "../../server/backups/drill.ts";
import { authorityDocument, journalDocument } from "../../shared/documents/document-name.ts";
import { summarise } from "../../shared/replica/state-hash.ts";
import { month } from "../harness/organisation.ts";
import { BackupShop } from "./backup-shop.ts";

function liveOf(shop: BackupShop): LiveSource & { elements: Map<string, string[]> } {
  const { authority, documents } = shop.disk.organisation;
  const elements = new Map([[authorityDocument, [...authority]]]);
  for (const [name, texts] of documents) elements.set(name, [...texts]);
  return {
    elements,
    term: () => shop.disk.organisation.state?.term,
    lengthOf: (name) => elements.get(name)?.length ?? 0,
    read: async (name, from, most) => (elements.get(name) ?? []).slice(from, from + most),
  };
}

async function drilled(shop: BackupShop, live: LiveSource = liveOf(shop)) {
  const { files, organisation } = shop.disk;
  const { identity } = await shop.drillKey();
  const facts = await drill({
    target: shop.target(),
    files,
    cache: undefined,
    scratch: "/data/backups/usb/drill",
    identity,
    signatures: nodeSignatures,
    clock: organisation.clock,
    live,
  });
  expect(files.paths().filter((path) => path.includes("/drill/"))).toEqual([]);
  return facts;
}

async function shopWithBackups(): Promise<BackupShop> {
  const shop = await BackupShop.open();
  await shop.put("full");
  await shop.disk.trade(1);
  await shop.put("incremental");
  return shop;
}

const runningMonth = journalDocument(1, "s1", month);

test("what a drill restored is the live shop at that very point, though it went on since [BA12]", async () => {
  const shop = await shopWithBackups();
  const { hash, trialBalance } = summarise(shop.disk.organisation.serverLedger);
  await shop.disk.trade(2);
  expect(await drilled(shop)).toMatchObject({
    ok: true,
    isAsLive: true,
    archives: 2,
    members: 13,
    missingKeys: 0,
    state: { hash, trialBalance },
    damage: [],
  });
});

test("a live shop that lost or changed what was backed up is found by a drill [BA12]", async () => {
  const shop = await shopWithBackups();
  const short = liveOf(shop);
  short.elements.get(runningMonth)?.pop();
  expect(await drilled(shop, short)).toMatchObject({
    ok: false,
    isAsLive: false,
    damage: [{ where: runningMonth }],
  });
  const changed = liveOf(shop);
  const texts = changed.elements.get(runningMonth) ?? [];
  // A run that was taken out whole: what is left checks, and comes to another state.
  const elements = [...texts.slice(3), ...texts.slice(0, 3)];
  elements.splice(-2, 2, ...elements.slice(0, 2));
  changed.elements.set(runningMonth, elements);
  expect(await drilled(shop, changed)).toMatchObject({ ok: false, isAsLive: false });
});

test("a drill fails, and says why, where the newest point cannot be restored", async () => {
  const shop = await shopWithBackups();
  const [full = ""] = shop.names().filter((name) => name.endsWith("full.tar.gz.age"));
  shop.damage(full, "flip");
  const facts = await drilled(shop);
  expect(facts.ok).toBe(false);
  expect(facts.damage.map(({ where }) => where)).toContain(full);
});

test("a drill fails where members' keys do not come back", async () => {
  const shop = await shopWithBackups();
  for (const name of shop.names().filter((known) => known.startsWith("keyring/")))
    shop.damage(name, "gone");
  expect(await drilled(shop)).toMatchObject({ ok: false, missingKeys: 13 });
});

test("with the drill key of another server it fails, and names the reason", async () => {
  const shop = await shopWithBackups();
  shop.disk.files.change("/data/backups/drill.key", undefined);
  const { ok, damage } = await drilled(shop);
  expect(ok).toBe(false);
  expect(damage[0]?.what).toContain("another key");
});
