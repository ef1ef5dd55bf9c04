import { afterEach, describe, expect, test } from "vitest";
import type { Run } from "../../shared/journal/run.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";

/** A place where a store can be opened, closed and opened again. */
export interface StorePlace {
  open(): Promise<ReplicaStore> | ReplicaStore;
  dispose(): Promise<void> | void;
}

const november = "journal/1/shop/2026-11";
const december = "journal/1/shop/2026-12";

const run = (seal: string): Run => ({ operations: [`{"operation":"of ${seal}"}`], seal });

/** What every store of a replica promises, whatever it is made of. */
export function replicaStoreContract(
  name: string,
  create: () => Promise<StorePlace> | StorePlace,
): void {
  describe(`${name} keeps a replica`, () => {
    const opened: ReplicaStore[] = [];
    const places: StorePlace[] = [];

    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
      for (const place of places.splice(0)) await place.dispose();
    });

    async function place() {
      const here = await create();
      places.push(here);
      const open = async () => {
        for (const store of opened.splice(0)) await store.close();
        const store = await here.open();
        opened.push(store);
        return store;
      };
      return { open };
    }

    test("a new store is empty and undamaged", async () => {
      const store = await (await place()).open();
      expect(await store.load()).toEqual({
        documents: [],
        outbox: [],
        keys: [],
        settings: {},
        damaged: [],
      });
      expect(await store.read(november, 0, 10)).toEqual([]);
    });

    test("elements are read back as they were appended, also after reopening", async () => {
      const { open } = await place();
      const store = await open();
      await store.load();
      const elements = ["一", '{"b":2}', "😀", ""];
      await store.commit({ append: [{ name: november, from: 0, elements }] });
      await store.commit({ append: [{ name: november, from: 4, elements: ["five"] }] });
      expect(await store.read(november, 0, 10)).toEqual([...elements, "five"]);
      const again = await open();
      expect((await again.load()).documents).toEqual([{ name: november, length: 5 }]);
      expect(await again.read(november, 1, 3)).toEqual(elements.slice(1));
      expect(await again.read(november, 4, 1)).toEqual(["five"]);
      expect(await again.read(november, 5, 1)).toEqual([]);
    });

    test("a change is there in all its parts after reopening", async () => {
      const { open } = await place();
      const store = await open();
      await store.load();
      await store.commit({
        outboxAdd: [run("seal 1"), run("seal 2")],
        keysAdd: [["d@shop:1", "key one"]],
        settings: { device: "d", staff: "wang" },
      });
      await store.commit({
        append: [
          { name: november, from: 0, elements: ["a", "b"] },
          { name: december, from: 0, elements: ["c"] },
        ],
        outboxRemove: ["seal 1"],
        keysAdd: [["d@shop:2", "key two"]],
        settings: { staff: undefined, month: "2026-12" },
      });
      const state = await (await open()).load();
      expect([...state.documents].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
        { name: november, length: 2 },
        { name: december, length: 1 },
      ]);
      expect(state.outbox).toEqual([run("seal 2")]);
      expect(new Map(state.keys)).toEqual(
        new Map([
          ["d@shop:1", "key one"],
          ["d@shop:2", "key two"],
        ]),
      );
      expect(state.settings).toEqual({ device: "d", month: "2026-12" });
      expect(state.damaged).toEqual([]);
    });

    test("changes that come at once are stored in the order of the calls", async () => {
      const { open } = await place();
      const store = await open();
      await store.load();
      await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          store.commit({
            append: [{ name: november, from: index, elements: [`element ${index}`] }],
            settings: { last: String(index) },
            outboxAdd: [run(`seal ${index}`)],
          }),
        ),
      );
      const again = await open();
      const state = await again.load();
      expect(state.settings).toEqual({ last: "39" });
      expect(state.outbox.map(({ seal }) => seal)).toEqual(
        Array.from({ length: 40 }, (_, index) => `seal ${index}`),
      );
      expect(await again.read(november, 0, 100)).toEqual(
        Array.from({ length: 40 }, (_, index) => `element ${index}`),
      );
    });

    test("a change that does not continue its document is turned away as a whole", async () => {
      const { open } = await place();
      const store = await open();
      await store.load();
      await store.commit({ append: [{ name: november, from: 0, elements: ["a"] }] });
      await expect(
        store.commit({
          append: [{ name: november, from: 5, elements: ["b"] }],
          settings: { half: "written" },
        }),
      ).rejects.toThrow();
      await store.commit({ append: [{ name: november, from: 1, elements: ["b"] }] });
      const again = await open();
      expect((await again.load()).settings).toEqual({});
      expect(await again.read(november, 0, 9)).toEqual(["a", "b"]);
    });

    test("a document that is replaced is the new one as a whole, together with the rest of the change", async () => {
      const { open } = await place();
      const store = await open();
      await store.load();
      const before = ["a", "b", "c", "d"];
      await store.commit({ append: [{ name: november, from: 0, elements: before.slice(0, 2) }] });
      await store.commit({
        append: [
          { name: november, from: 2, elements: before.slice(2) },
          { name: december, from: 0, elements: ["x"] },
        ],
      });
      expect(await store.read(november, 0, 9)).toEqual(before);
      await store.commit({
        replace: [
          { name: november, elements: ["a", "T", "u"] },
          { name: december, elements: [] },
        ],
        settings: { aside: "b c d" },
      });
      expect(await store.read(december, 0, 9)).toEqual([]);
      expect(await store.read(november, 0, 9)).toEqual(["a", "T", "u"]);
      expect(await store.read(november, 1, 1)).toEqual(["T"]);
      await store.commit({ append: [{ name: november, from: 3, elements: ["v"] }] });
      const emptied = await open();
      const lengths = new Map(
        (await emptied.load()).documents.map(({ name, length }) => [name, length]),
      );
      expect(lengths.get(november)).toBe(4);
      expect(lengths.get(december) ?? 0).toBe(0);
      await emptied.commit({ append: [{ name: december, from: 0, elements: ["y"] }] });
      const again = await open();
      const state = await again.load();
      expect(state.damaged).toEqual([]);
      expect(state.settings).toEqual({ aside: "b c d" });
      expect(await again.read(november, 0, 9)).toEqual(["a", "T", "u", "v"]);
      expect(await again.read(november, 2, 1)).toEqual(["u"]);
      expect(await again.read(december, 0, 9)).toEqual(["y"]);
    });

    test("a document may be larger than a page", async () => {
      const { open } = await place();
      const store = await open();
      await store.load();
      const elements = Array.from({ length: 31_000 }, (_, index) => `${index} ${"x".repeat(60)}`);
      await store.commit({
        append: [{ name: november, from: 0, elements: elements.slice(0, 29_990) }],
      });
      await store.commit({
        append: [{ name: november, from: 29_990, elements: elements.slice(29_990) }],
      });
      const again = await open();
      expect((await again.load()).documents).toEqual([{ name: november, length: 31_000 }]);
      expect(await again.read(november, 0, 40_000)).toEqual(elements);
      expect(await again.read(november, 29_999, 2)).toEqual(elements.slice(29_999, 30_001));
    });
  });
}
