import { describe, expect, it } from "vitest";
import { type Finding, findingsOf } from "../../client/shop/findings.ts";
import type { ShopState } from "../../client/shop/shop.ts";
import type { Device } from "../../shared/access/authority-state.ts";
import type { ServerFinding } from "../../shared/replica/server-watch.ts";

type Seen = Parameters<typeof findingsOf>[0];

const own = { org: "o", device: "me", store: "s" };
const missing = [{ chain: "other@s", from: 3, to: 5 }];
const damaged = [{ where: "journal", what: "element 3" }];
const wentBack: ServerFinding = {
  kind: "went-back",
  sinceMs: 5,
  regress: undefined,
  isMended: false,
};

function device(id: string, more: Partial<Device> = {}): [string, Device] {
  return [id, { id, since: 4, ...more } as Device];
}

function seen(more: Partial<Seen> = {}, devices = [device("me")]): Seen {
  return {
    authority: { devices: new Map(devices), lost: new Map() } as unknown as ShopState["authority"],
    complete: true,
    damaged: [],
    link: { state: "online", fetching: 0 },
    missing: [],
    renewed: false,
    serverFinding: undefined,
    trouble: undefined,
    unsent: 0,
    ...more,
  };
}

const kinds = (found: readonly Finding[]) => found.map(({ kind }) => kind);
const closedBy = (by: string | undefined, settledSince: number | undefined) => ({
  closed: { why: "replaced" as const, by, since: 7, cut: {}, server: "srv", settledSince },
});

describe("what a device noticed", () => {
  it("is nothing where nothing is the matter", () => {
    expect(findingsOf(seen(), own)).toEqual([]);
  });

  it("is told the gravest first", () => {
    const state = seen({
      trouble: "copied",
      serverFinding: wentBack,
      damaged,
      missing,
      link: { state: "offline" },
    });
    expect(kinds(findingsOf(state, own))).toEqual(["in-doubt", "server", "damaged"]);
  });

  it("a successor that is there already comes before the doubt that led to it", () => {
    expect(kinds(findingsOf(seen({ trouble: "lost", renewed: true }), own))).toEqual(["renewed"]);
  });

  it("a device that was replaced by an enrolment was not copied; one that went on by itself was", () => {
    const replaced = [device("me", closedBy("heir", 8)), device("heir", { since: 8 })];
    const copied = [device("me", closedBy("heir", undefined)), device("heir", { since: 8 })];
    expect(findingsOf(seen({ unsent: 2 }, replaced), own)).toEqual([
      { kind: "succeeded", isCopy: false, unsent: 2 },
    ]);
    const settled = [device("me", closedBy("heir", 12)), device("heir", { since: 8 })];
    for (const devices of [copied, settled])
      expect(findingsOf(seen({}, devices), own)).toEqual([
        { kind: "succeeded", isCopy: true, unsent: 0 },
      ]);
  });

  it("a server that lets it in no longer is told, without claiming more than that", () => {
    const link = { state: "refused", reason: "not-admitted" } as const;
    expect(kinds(findingsOf(seen({ link }), own))).toEqual(["not-admitted"]);
  });

  it("its old purse is frozen until the succession is settled", () => {
    const heir = (settledSince: number | undefined) => [
      device("old", closedBy("me", settledSince)),
      device("me", { replaces: "old" }),
    ];
    const renewal = { before: "old", why: "copied" as const, atMs: 9 };
    expect(findingsOf(seen({}, heir(undefined)), { ...own, renewal })).toEqual([
      { kind: "frozen", renewal },
    ]);
    expect(findingsOf(seen({}, heir(9)), { ...own, renewal })).toEqual([]);
  });

  it("what is still being fetched is not missing", () => {
    const fetching = { state: "online", fetching: 2 } as const;
    expect(findingsOf(seen({ missing, link: fetching }), own)).toEqual([]);
    expect(findingsOf(seen({ missing }), own)).toEqual([{ kind: "missing", missing }]);
  });

  it("damage is whole again only once everything is here and the server has been heard [LO2]", () => {
    const told = (more: Partial<Seen>) => kinds(findingsOf(seen({ damaged, ...more }), own));
    expect(told({ link: { state: "offline" } })).toEqual(["damaged"]);
    expect(told({ link: { state: "online", fetching: 1 } })).toEqual(["damaged"]);
    expect(told({ missing })).toEqual(["damaged"]);
    expect(told({ complete: false })).toEqual(["damaged"]);
    expect(told({})).toEqual(["whole"]);
  });

  it("a server that is as it was again is told last", () => {
    const serverFinding = { ...wentBack, isMended: true };
    expect(kinds(findingsOf(seen({ serverFinding, missing }), own))).toEqual([
      "missing",
      "server-mended",
    ]);
  });
});
