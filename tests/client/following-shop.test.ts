import { expect, test } from "vitest";
import type { TabChannel, TabMessage } from "../../client/shop/following-messages.ts";
import { followShop, WriterChanged } from "../../client/shop/following-shop.ts";
import type { Shop, ShopState } from "../../client/shop/shop.ts";
import { hostFollowers } from "../../client/shop/shop-host.ts";
import { done, refuse } from "../../shared/outcome/result.ts";
import type { MemberView } from "../../shared/replica/member-view.ts";

/** What a BroadcastChannel does: structured clones to everybody else, later. */
function createTabs() {
  const tabs = new Set<(message: TabMessage) => void>();
  return (): TabChannel => {
    const own = new Set<(message: TabMessage) => void>();
    return {
      post(message) {
        const copy = structuredClone(message);
        for (const tab of tabs) if (!own.has(tab)) queueMicrotask(() => tab(copy));
      },
      subscribe(listener) {
        tabs.add(listener);
        own.add(listener);
        return () => tabs.delete(listener);
      },
      close: () => undefined,
    };
  };
}

const view = (id: string, balance: number) => ({ id, balance }) as unknown as MemberView;

function createWriter() {
  const members = new Map([["a", view("a", 100)]]);
  const listeners = new Set<() => void>();
  const performed: unknown[][] = [];
  let version = 1;
  const stateNow = () =>
    ({ version, seat: "writer", authority: { lastHash: "h" }, unsent: 0 }) as unknown as ShopState;
  let state = stateNow();
  const shop = {
    identity: { org: "o", device: "d", store: "s" },
    get state() {
      return state;
    },
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    members: () => members.values(),
    member: (id: string) => members.get(id),
    spendable: async () => 42,
    perform: async (...args: unknown[]) => {
      performed.push(args);
      return done({ operations: ["d@s:1"] });
    },
    importMembers: async (
      _plan: unknown,
      _sources: unknown,
      _staff: unknown,
      watching: { onProgress(progress: object): void; shouldStop(): boolean },
    ) => {
      for (let at = 0; at < 20; at++) {
        watching.onProgress({ done: at, total: 20 });
        await new Promise((resolve) => setTimeout(resolve));
        if (watching.shouldStop()) return refuse({ code: "cancelled" });
      }
      return done({ batch: "b" });
    },
  } as unknown as Shop;
  const change = (id: string, balance: number) => {
    members.set(id, view(id, balance));
    version++;
    state = stateNow();
    for (const listener of listeners) listener();
  };
  return { shop, performed, change, remove: (id: string) => members.delete(id) };
}

const changed = (shop: Shop) => new Promise<void>((seen) => shop.subscribe(seen));

test("a second tab shows what the first one knows, and follows it live", async () => {
  const open = createTabs();
  const writer = createWriter();
  hostFollowers(writer.shop, open());
  const follower = await followShop(open(), "two");
  expect(follower.state.seat).toBe("follower");
  expect(follower.member("a")?.balance).toBe(100);
  const news = changed(follower);
  writer.change("a", 65);
  await news;
  expect(follower.member("a")?.balance).toBe(65);
  expect(follower.state.version).toBe(2);
});

test("a member that went away goes away in the second tab", async () => {
  const open = createTabs();
  const writer = createWriter();
  hostFollowers(writer.shop, open());
  const follower = await followShop(open(), "two");
  const news = changed(follower);
  writer.remove("a");
  writer.change("b", 1);
  await news;
  expect([...follower.members()].map(({ id }) => id)).toEqual(["b"]);
});

test("what a second tab wants done is done once, by the first", async () => {
  const open = createTabs();
  const writer = createWriter();
  hostFollowers(writer.shop, open());
  const follower = await followShop(open(), "two");
  const command = { command: "Reverse", target: "x", reason: "y" } as const;
  expect(await follower.perform(command, "staff")).toEqual(done({ operations: ["d@s:1"] }));
  expect(writer.performed).toEqual([[command, "staff"]]);
  expect(await follower.spendable("a")).toBe(42);
});

test("an import started in a second tab tells its progress and can be stopped", async () => {
  const open = createTabs();
  hostFollowers(createWriter().shop, open());
  const follower = await followShop(open(), "two");
  let told = 0;
  const result = await follower.importMembers({} as never, [], "staff", {
    onProgress: () => told++,
    shouldStop: () => told >= 3,
  });
  expect(result).toEqual(refuse({ code: "cancelled" }));
  expect(told).toBeGreaterThanOrEqual(3);
});

test("when another tab takes over, what was asked of the old one is reported as unknown", async () => {
  const open = createTabs();
  const writer = createWriter();
  writer.shop.history = () => new Promise(() => undefined);
  hostFollowers(writer.shop, open());
  const follower = await followShop(open(), "two");
  const asked = follower.history("a");
  hostFollowers(createWriter().shop, open());
  await expect(asked).rejects.toBeInstanceOf(WriterChanged);
});
