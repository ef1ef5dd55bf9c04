import { expect, test } from "vitest";
import { nodeSignatures } from "../../server/adapters/node-signatures.ts";
import { defaultPlan } from "../../server/backups/backup-plan.ts";
import { obstaclesOf } from "../../server/backups/prune-guard.ts";
import {
  keepProposed,
  markApproved,
  type PruneDeps,
  previewPrune,
  removeMarked,
  unmarkAll,
} from "../../server/backups/prune-target.ts";
import { readNotes } from "../../server/backups/read-notes.ts";
import type { Target } from "../../server/backups/target.ts";
import type { DrillFacts } from "../../server/backups/target-history.ts";
import { defaultRetention } from "../../server/snapshots/keep-by-time.ts";
import type { Proposal } from "../../shared/access/proposal.ts";
import { done, refuse } from "../../shared/outcome/result.ts";
import { patience } from "../harness/effort.ts";
import { BackupShop } from "./backup-shop.ts";

const dayMs = 24 * 3_600_000;
const place = "/data/backups/usb";

/** Weeks of daily backups, the newest of them proven. */
async function oldShop(days = 45): Promise<BackupShop> {
  const shop = await BackupShop.open();
  for (let day = 0; day < days; day++) {
    await shop.disk.trade(1);
    await shop.put(day % 7 === 0 ? "full" : "differential");
    shop.disk.organisation.clock.now += dayMs - 60_000;
  }
  prove(shop);
  return shop;
}

function prove(shop: BackupShop): void {
  const atMs = shop.disk.organisation.clock.now;
  const drill = { atMs, ok: true, point: shop.history.last?.id } as DrillFacts;
  shop.history = { ...shop.history, drill, provenMs: atMs };
}

/** Shops whose log says that the approval was used up. */
const usedUp = new WeakSet<BackupShop>();

function depsOf(shop: BackupShop, target: Target = shop.target()): PruneDeps {
  const { files, organisation } = shop.disk;
  if (!organisation.state) throw new Error("a shop has an authority log");
  return {
    id: "usb",
    target,
    files,
    dir: place,
    cache: { folder: `${place}/notes`, files },
    plan: defaultPlan,
    history: shop.history,
    policy: defaultRetention,
    authority: usedUp.has(shop)
      ? { ...organisation.state, proposals: new Map([["p1", { doneMs: 1 } as Proposal]]) }
      : organisation.state,
    signatures: nodeSignatures,
    nowMs: organisation.clock.now,
  };
}

/** As if it had been proposed and approved. */
async function mark(shop: BackupShop) {
  const preview = await previewPrune(depsOf(shop));
  await keepProposed(depsOf(shop), "p1", preview.items);
  const marked = await markApproved(
    depsOf(shop),
    { proposal: "p1", subject: preview.subject },
    async () => {
      usedUp.add(shop);
      return done(undefined);
    },
  );
  return { preview, marked };
}

const archives = (shop: BackupShop) => shop.names().filter((name) => name.startsWith("backups/"));

test("a preview changes nothing; what was approved is marked, and removed a month later [RE2]", async () => {
  const shop = await oldShop();
  const before = archives(shop);
  const { preview, marked } = await mark(shop);
  expect(preview).toMatchObject({ obstacles: [], doubtful: [], marked: [] });
  expect(preview.items.length).toBeGreaterThan(4);
  expect(marked.ok && marked.value.marked).toEqual(preview.items);
  expect((await previewPrune(depsOf(shop))).items).toEqual([]);
  const { clock } = shop.disk.organisation;
  clock.now += 30 * dayMs - 1;
  prove(shop);
  expect(await removeMarked(depsOf(shop))).toMatchObject({
    ok: true,
    value: { removed: [], unmarked: [], waiting: preview.items.length },
  });
  expect(archives(shop)).toEqual(before);
  clock.now += 1;
  const removed = await removeMarked(depsOf(shop));
  expect(removed.ok && removed.value.removed.length).toBe(preview.items.length);
  expect(archives(shop).length).toBe(before.length - 2 * preview.items.length);
  expect(await shop.verify()).toMatchObject({ ok: true, unreachable: [] });
  expect(await previewPrune(depsOf(shop))).toMatchObject({ marked: [], obstacles: [] });
});

test("an approval is for exactly the list that was previewed, and nothing is marked until it is used up [RE2]", async () => {
  const shop = await oldShop();
  const { items, subject } = await previewPrune(depsOf(shop));
  const use = async () => done(undefined);
  const approved = { proposal: "p1", subject };
  const refusal = async (
    wanted: typeof approved,
    using: Parameters<typeof markApproved>[2] = use,
  ) => {
    const marked = await markApproved(depsOf(shop), wanted, using);
    return marked.ok ? "marked" : marked.refusal.code;
  };
  expect(await refusal(approved)).toBe("other-list");
  await keepProposed(depsOf(shop), "p1", items.slice(1));
  expect(await refusal(approved)).toBe("other-list");
  await keepProposed(depsOf(shop), "p1", items);
  expect(await refusal({ proposal: "p1", subject: "other" })).toBe("other-list");
  expect(await refusal(approved, async () => refuse("already-used"))).toBe("not-used");
  expect((await previewPrune(depsOf(shop))).marked).toEqual([]);
  // Somebody proves an old point: it is needed from now on.
  const [newest] = items;
  const point = newest?.name.slice("backups/".length, "backups/".length + 26) ?? "";
  const drill = { ...shop.history.drill, point } as DrillFacts;
  shop.history = { ...shop.history, drill };
  expect(await refusal(approved)).toBe("list-changed");
});

test("a mark is taken back by hand, or by itself when what was marked is needed [RE2]", async () => {
  const shop = await oldShop();
  const { preview } = await mark(shop);
  expect(await unmarkAll(depsOf(shop))).toBe(preview.items.length);
  expect((await previewPrune(depsOf(shop))).items).toEqual(preview.items);
  await mark(shop);
  shop.disk.organisation.clock.now += 31 * dayMs;
  prove(shop);
  const point = preview.items[0]?.name.slice("backups/".length, "backups/".length + 26) ?? "";
  shop.history = { ...shop.history, drill: { ...shop.history.drill, point } as DrillFacts };
  const removed = await removeMarked(depsOf(shop));
  expect(removed.ok && removed.value.unmarked).toContain(preview.items[0]?.name);
  expect((await shop.restored(point)).report.ok).toBe(true);
});

test("ten thousand garbage files push out nothing, and stop pruning [RE3]", async () => {
  const shop = await oldShop();
  const before = await previewPrune(depsOf(shop));
  const sample = archives(shop).find((name) => name.endsWith("-full.json")) ?? "";
  const note = JSON.parse(new TextDecoder().decode(shop.usb.content(`/usb/youbei/${sample}`)));
  const { now } = shop.disk.organisation.clock;
  const garbage = new Map<string, Uint8Array>();
  for (let count = 0; garbage.size < 10_000; count++) {
    // Of every day of ten years, past and to come; every third with a note that nobody signed.
    const atMs = now + ((count % 3650) - 1825) * dayMs + count;
    const time = new Date(atMs).toISOString();
    const id = `${time.replace(/[-:.]/g, "")}-${count.toString(36).padStart(6, "z")}`;
    garbage.set(`backups/${id}-full.tar.gz.age`, new Uint8Array(1));
    const forged = { ...note, id, snapshot: id, time, bytes: 1 };
    if (count % 3 === 0)
      garbage.set(`backups/${id}-full.json`, new TextEncoder().encode(JSON.stringify(forged)));
  }
  const flooded = depsOf(shop, withGarbage(shop.target(), garbage));
  const after = await previewPrune(flooded);
  expect(after.items).toEqual(before.items);
  expect(after.doubtful).toEqual([]);
  expect(after.obstacles).toEqual(["foreign-files"]);
  await keepProposed(flooded, "p1", before.items);
  const approved = { proposal: "p1", subject: before.subject };
  const marked = await markApproved(flooded, approved, async () => done(undefined));
  expect(marked).toMatchObject({ ok: false, refusal: { code: "obstacles" } });
  // Somebody cleans up: what was only garbage is not missed.
  expect((await previewPrune(depsOf(shop))).obstacles).toEqual([]);
});

const withGarbage = (target: Target, garbage: ReadonlyMap<string, Uint8Array>): Target => ({
  ...passing(target),
  list: async (folder) => {
    const more = [...garbage].map(([name, { length }]) => ({ name, bytes: length }));
    const files = [...(await target.list(folder)), ...(folder === "backups" ? more : [])];
    return files.sort((a, b) => (a.name < b.name ? -1 : 1));
  },
  async *get(name, from, options) {
    const bytes = garbage.get(name);
    if (bytes) yield bytes;
    else yield* target.get(name, from, options);
  },
});

const passing = (target: Target): Target => ({
  list: (folder) => target.list(folder),
  put: (name, source, options) => target.put(name, source, options),
  get: (name, from, options) => target.get(name, from, options),
  remove: (name) => target.remove(name),
  close: () => target.close(),
});

test("nothing is taken away while something is not as it was [RE4]", async () => {
  const shop = await oldShop();
  const { history } = shop;
  const obstacles = async () => (await previewPrune(depsOf(shop))).obstacles;
  expect(await obstacles()).toEqual([]);
  shop.history = { ...history, provenMs: (history.provenMs ?? 0) - 7 * dayMs - 1 };
  expect(await obstacles()).toEqual(["not-proven"]);
  shop.history = { ...history, provenMs: undefined };
  expect(await obstacles()).toEqual(["not-proven"]);
  shop.history = { ...history, provenMs: (history.provenMs ?? 0) + dayMs };
  expect(await obstacles()).toEqual(["not-proven"]);
  const drill = { ...history.drill, ok: false } as DrillFacts;
  shop.history = { ...history, drill };
  expect(await obstacles()).toEqual(["drill-failed"]);
  const gone = { ...history.drill, point: "20200101T000000000Z-aaaaaa" } as DrillFacts;
  shop.history = { ...history, drill: gone };
  expect(await obstacles()).toEqual(["proven-point-gone"]);
  shop.history = { ...history, isBroken: true };
  expect(await obstacles()).toEqual(["damaged"]);
  shop.history = history;

  const usb = shop.usb.copy();
  const first = archives(shop).find((name) => name.endsWith(".age")) ?? "";
  shop.damage(first, "gone");
  shop.damage(first.replace(".tar.gz.age", ".json"), "gone");
  expect(await obstacles()).toContain("shrank");
  shop.usb = usb;
  shop.damage(first, "cut");
  expect(await obstacles()).toContain("damaged");
});

test("a clock that jumps ahead removes nothing: nothing is proven by that clock [RE4]", async () => {
  const shop = await oldShop();
  await mark(shop);
  shop.disk.organisation.clock.now += 365 * dayMs;
  expect(await removeMarked(depsOf(shop))).toEqual({ ok: false, refusal: ["not-proven"] });
});

test("more points than the plan makes, and a full of another size, stop pruning [RE4]", async () => {
  const shop = await oldShop(10);
  const plan = { ...defaultPlan, incrementalMs: 12 * 3_600_000 };
  for (let count = 0; count < 20; count++) {
    await shop.disk.trade(1);
    await shop.put("incremental");
  }
  prove(shop);
  expect((await previewPrune({ ...depsOf(shop), plan })).obstacles).toEqual(["multiplied"]);
  expect((await previewPrune(depsOf(shop))).obstacles).toEqual([]);
  const { notes } = await readNotes(shop.target(), undefined);
  const { history } = shop;
  const facts = { plan: defaultPlan, history, damaged: 0, missing: 0, foreign: 0 };
  const withLast = (bytes: number) => {
    const last = notes.findLast(({ kind }) => kind === "full");
    const changed = notes.map((note) => (note === last ? { ...note, bytes } : note));
    return obstaclesOf({ ...facts, notes: changed, nowMs: shop.disk.organisation.clock.now });
  };
  const before = notes.find(({ kind }) => kind === "full")?.bytes ?? 0;
  expect(withLast(before * 3)).toEqual([]);
  expect(withLast(before * 4 + 2 * 1024 * 1024)).toEqual(["size-changed"]);
  expect(withLast(Math.floor(before / 5))).toEqual(["size-changed"]);
});

test("killed at any step of a removal, what is left can be restored, and it goes on [RE5]", {
  timeout: patience(120_000),
}, async () => {
  const shop = await oldShop();
  const { preview } = await mark(shop);
  shop.disk.organisation.clock.now += 31 * dayMs;
  prove(shop);
  const removals = 2 * preview.items.length;
  for (let at = 0; at < removals; at += 5) {
    let left = 5;
    const target = shop.target();
    const dying: Target = {
      ...passing(target),
      remove: async (name) => {
        if (left-- <= 0) throw new Error("killed");
        await target.remove(name);
      },
    };
    const removed = await removeMarked(depsOf(shop, dying)).catch(() => "killed");
    expect((await shop.verify()).unreachable).toEqual([]);
    if (removed !== "killed") break;
  }
  await removeMarked(depsOf(shop));
  expect(await shop.verify()).toMatchObject({ ok: true, unreachable: [] });
  for (const { name } of preview.items) expect(archives(shop)).not.toContain(name);
});
