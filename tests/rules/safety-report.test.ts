import { describe, expect, it } from "vitest";
import {
  type KnownPlace,
  type KnownSafety,
  type KnownTarget,
  safetyReport,
  thinRanges,
} from "../../server/monitor/safety-report.ts";
import type { SafetyRuleName } from "../../shared/safety/safety-facts.ts";

const nowMs = Date.UTC(2026, 10, 23, 12);
const hourMs = 3_600_000;
const chain = "till1@s1";

const place = (id: string, next: number, more: Partial<KnownPlace> = {}): KnownPlace => ({
  id,
  name: id,
  kind: "device",
  medium: "device",
  heads: new Map([[chain, next]]),
  complete: true,
  sound: true,
  online: true,
  offline: false,
  seenMs: nowMs,
  inShop: true,
  onServersDisk: false,
  ...more,
});
const server = (next: number, more: Partial<KnownPlace> = {}) =>
  place("server", next, { kind: "server", medium: "server", ...more });
const medium = (id: string, next: number, more: Partial<KnownPlace> = {}) =>
  place(id, next, { kind: "target", medium: "disk", ...more });

const target = (id: string, more: Partial<KnownTarget> = {}): KnownTarget => ({
  id,
  name: id,
  kind: "directory",
  offSite: false,
  offline: false,
  lastMs: nowMs,
  provenMs: nowMs - hourMs,
  nextMs: nowMs + hourMs,
  drillEveryMs: 7 * 24 * hourMs,
  ...more,
});

const shop = (more: Partial<KnownSafety> = {}): KnownSafety => ({
  nowMs,
  org: "o1",
  term: 1,
  snapshots: {},
  places: [
    server(100),
    place("till1", 100),
    medium("cloud", 100, { medium: "network", inShop: false }),
    medium("usb", 100, { offline: true }),
  ],
  targets: [target("cloud", { kind: "s3", offSite: true }), target("usb", { offline: true })],
  ...more,
});

const rule = (known: KnownSafety, name: SafetyRuleName) =>
  safetyReport(known).rules.find(({ rule }) => rule === name);
const lost = (known: KnownSafety, what: string, id?: string) =>
  safetyReport(known).losses.find((loss) => loss.what === what && loss.id === id)?.lost;

describe("3-2-1-1-0", () => {
  it("all five are kept, and say by what [SC1]", () => {
    const { rules } = safetyReport(shop());
    expect(rules.map(({ rule, ok, have }) => [rule, ok, have])).toEqual([
      ["copies", true, 4],
      ["media", true, 4],
      ["off-site", true, 1],
      ["offline", true, 1],
      ["errors", true, 0],
    ]);
    expect(rules[2]?.by).toEqual(["cloud"]);
    expect(rules[3]?.by).toEqual(["usb"]);
  });

  it("a server alone keeps none of them [SC1]", () => {
    const { rules } = safetyReport(shop({ places: [server(100)], targets: [] }));
    expect(rules.map(({ ok, why }) => [ok, why])).toEqual([
      [false, "too-few"],
      [false, "too-few"],
      [false, "none-named"],
      [false, "none-named"],
      [false, "no-target"],
    ]);
  });

  it("what lies on the server's own disk is no copy and no medium [SC2]", () => {
    const places = [server(100), medium("usb", 100, { onServersDisk: true })];
    expect(rule(shop({ places }), "copies")?.have).toBe(1);
    expect(rule(shop({ places }), "media")?.have).toBe(1);
  });

  it("a device that is still fetching is no copy [SC2]", () => {
    const places = [server(100), place("till1", 100, { complete: false })];
    expect(rule(shop({ places }), "copies")?.have).toBe(1);
  });

  it.each([
    [100, 400, false, 2],
    [90, 35, false, 2],
    [90, 37, false, 1],
    [90, 30 * 24, true, 2],
    [90, 32 * 24, true, 1],
  ])(
    "%i of 100 operations, seen %i hours ago, offline %s: %i copies [SC2]",
    (next, hours, offline, copies) => {
      const usb = medium("usb", next, { seenMs: nowMs - hours * hourMs, offline });
      expect(rule(shop({ places: [server(100), usb] }), "copies")?.have).toBe(copies);
    },
  );

  it("a target that was never backed up to is neither off-site nor offline [SC2]", () => {
    const { seenMs: _, ...never } = medium("cloud", 0, { complete: false, inShop: false });
    const known = shop({ places: [server(100), never] });
    expect(rule(known, "off-site")).toMatchObject({
      ok: false,
      why: "nothing-there",
      by: ["cloud"],
    });
  });

  it.each([
    [
      "a failed drill",
      { drill: { atMs: nowMs, ok: false, tookMs: 1, members: 0 } },
      "drill-failed",
    ],
    ["damage on a target", { verified: { atMs: nowMs, ok: false } }, "backup-damaged"],
    ["no drill ever", { provenMs: undefined }, "never-proven"],
    ["a proof of 15 days ago", { provenMs: nowMs - 15 * 24 * hourMs }, "proof-old"],
  ] as const)("%s is an error [SC3]", (_name, more, why) => {
    const targets = [target("usb", more as Partial<KnownTarget>)];
    expect(rule(shop({ targets }), "errors")).toMatchObject({ ok: false, why, by: ["usb"] });
  });

  it("a snapshot that was read back damaged, or a damaged live store, is an error [SC3]", () => {
    const verified = { id: "x", atMs: nowMs, ok: false };
    expect(rule(shop({ snapshots: { verified } }), "errors")?.why).toBe("snapshot-damaged");
    const places = [server(100, { sound: false }), place("till1", 100)];
    expect(rule(shop({ places }), "errors")?.why).toBe("store-damaged");
  });
});

describe("what would be lost", () => {
  it("nothing, when somebody else has everything [SC4]", () => {
    expect(safetyReport(shop()).losses.map((each) => each.lost)).toEqual([0, 0, 0, 0, 0]);
  });

  it("what only one device holds goes with it [SC4]", () => {
    const known = shop({ places: [server(97), place("till1", 100)] });
    expect(lost(known, "device", "till1")).toBe(3);
    expect(lost(known, "server", "server")).toBe(0);
  });

  it("everything in the shop goes with the shop; what is off-site stays [SC4]", () => {
    const seenMs = nowMs - hourMs;
    const cloud = medium("cloud", 60, { inShop: false, seenMs });
    const known = shop({ places: [server(100), place("till1", 100), medium("usb", 100), cloud] });
    expect(safetyReport(known).losses[0]).toEqual({
      what: "shop",
      lost: 40,
      rest: { id: "cloud", untilMs: seenMs },
    });
  });

  it("two places that hold different parts make up for a third [SC4]", () => {
    const part = (id: string, of: string) => place(id, 0, { heads: new Map([[of, 5]]) });
    const both = server(0, {
      heads: new Map([
        ["a@s1", 5],
        ["b@s1", 5],
      ]),
    });
    const known = shop({ places: [both, part("one", "a@s1"), part("two", "b@s1")] });
    expect(lost(known, "server", "server")).toBe(0);
    expect(lost(known, "device", "one")).toBe(0);
  });

  it("with nothing off-site the shop loses everything [SC4]", () => {
    const known = shop({ places: [server(100), place("till1", 100), medium("usb", 100)] });
    expect(safetyReport(known).losses[0]).toEqual({ what: "shop", lost: 100 });
  });

  it("with the server burns what is plugged into it, not the disk in the drawer [SC4]", () => {
    const places = [server(100), medium("usb", 100)];
    expect(lost(shop({ places }), "server", "server")).toBe(100);
    const unplugged = [server(100), medium("usb", 90, { offline: true })];
    expect(lost(shop({ places: unplugged }), "server", "server")).toBe(10);
    const same = [server(100), medium("usb", 90, { offline: true, onServersDisk: true })];
    expect(lost(shop({ places: same }), "server", "server")).toBe(100);
  });

  it("nothing comes back from a backup that is damaged [SC4]", () => {
    const places = [server(100), medium("cloud", 100, { inShop: false, sound: false })];
    expect(lost(shop({ places }), "shop")).toBe(100);
  });
});

describe("operations that fewer than three places hold", () => {
  it("are named by chain, with how many hold the newest [SC5]", () => {
    const places = [server(100), place("till1", 103), medium("usb", 90)];
    expect(thinRanges(places)).toEqual([{ chain, from: 90, to: 102, places: 1 }]);
  });

  it("a disk in the server does not count [SC5]", () => {
    const places = [server(100), place("till1", 100), medium("usb", 100, { onServersDisk: true })];
    expect(thinRanges(places)).toEqual([{ chain, from: 0, to: 99, places: 2 }]);
    expect(thinRanges([server(100), place("a", 100), place("b", 100)])).toEqual([]);
  });
});
