import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Target, TargetSource } from "../../server/backups/target.ts";

/** A real place where targets can be opened. */
export interface TargetPlace {
  /** A target of its own for each root; opened again, it is the same. */
  open(root: string): Promise<Target> | Target;
  /** bytes that went out to it so far: on the wire, or written to the disk */
  sentBytes(): number;
  /** What is under way breaks off, and nothing more gets through. */
  cut(): Promise<void> | void;
  mend(): Promise<void> | void;
  /** the same place with a wrong password, secret or key */
  openWrong?: (root: string) => Promise<Target> | Target;
  /** the same kind of place with room for less than 64 MiB */
  openFull?: (root: string) => Promise<Target> | Target;
  dispose(): Promise<void> | void;
}

const mebibyte = 1024 * 1024;
const large = 64 * mebibyte;
/** What is sent once more after an interruption, at most: what was under way. */
const lostMost = 9 * mebibyte;
/** Requests, headers, encryption: of the bytes that are sent. */
const overhead = 1.02;

/** Bytes that differ at every place and with every seed, without holding them in memory. */
export function sourceOf(bytes: number, seed = "a"): TargetSource {
  const blockBytes = 64 * 1024;
  const pattern = createHash("sha512").update(seed).digest();
  const block = (index: number) => {
    const content = Buffer.alloc(blockBytes, pattern);
    for (let at = 0; at < blockBytes; at += 4096) content.writeUInt32BE(index * 16 + at / 4096, at);
    return content;
  };
  return {
    bytes,
    async *read(from) {
      for (let at = from; at < bytes; ) {
        const index = Math.floor(at / blockBytes);
        const end = Math.min(bytes, (index + 1) * blockBytes);
        yield block(index).subarray(at - index * blockBytes, end - index * blockBytes);
        at = end;
      }
    },
  };
}

async function digestOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

const all = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
};

const fault = (code: string) => expect.objectContaining({ name: "TargetFault", code });

interface Conditions {
  /** without the server's program its tests are skipped, by name */
  isInstalled: boolean;
  /** the place has `openFull`; undefined for a kind that cannot be filled or does not say so */
  canFill?: boolean;
}

/** What every kind of target promises, against the real thing. */
export function targetContract(
  name: string,
  { isInstalled, canFill }: Conditions,
  create: () => Promise<TargetPlace>,
): void {
  describe.skipIf(!isInstalled)(`${name} keeps backups`, () => {
    let place: TargetPlace;
    let target: Target;
    let root: string;
    let roots = 0;
    const opened: Target[] = [];

    const open = async (): Promise<Target> => {
      const again = await place.open(root);
      opened.push(again);
      return again;
    };
    const expectWhole = async (file: string, source: TargetSource, from: Target = target) =>
      expect(await digestOf(from.get(file))).toBe(await digestOf(source.read(0)));

    beforeAll(async () => {
      place = await create();
    }, 60_000);
    afterAll(() => place?.dispose());
    beforeEach(async () => {
      root = `root-${++roots}`;
      target = await open();
    });
    afterEach(async () => {
      await place.mend();
      for (const each of opened.splice(0)) await each.close();
    });

    test.each([0, 1, 100_000, 9 * mebibyte + 17])(
      "%i bytes come back as they are",
      async (bytes) => {
        const source = sourceOf(bytes);
        const seen: number[] = [];
        await target.put("one.bin", source, { onProgress: (sent) => seen.push(sent) });
        await expectWhole("one.bin", source);
        expect(await target.list("")).toEqual([{ name: "one.bin", bytes }]);
        expect(seen.at(-1)).toBe(bytes);
        expect(seen).toEqual([...seen].sort((one, other) => one - other));
      },
    );

    test("files in folders are listed by their whole names, sorted", async () => {
      for (const file of ["b/two/x.age", "a.json", "b/one.age", "bc/three"])
        await target.put(file, sourceOf(10, file));
      const name = ({ name: each }: { name: string }) => each;
      expect((await target.list("")).map(name)).toEqual([
        "a.json",
        "b/one.age",
        "b/two/x.age",
        "bc/three",
      ]);
      expect((await target.list("b")).map(name)).toEqual(["b/one.age", "b/two/x.age"]);
      expect(await target.list("b/two")).toEqual([{ name: "b/two/x.age", bytes: 10 }]);
      expect(await target.list("nowhere")).toEqual([]);
      await expectWhole("b/two/x.age", sourceOf(10, "b/two/x.age"));
    });

    test("names that look like something else are names", async () => {
      const names = ["0123", "1e3", "null", "one.tar.gz", "part-000001-0", "true"];
      for (const each of names) await target.put(each, sourceOf(3, each));
      expect((await target.list("")).map((file) => file.name)).toEqual(names);
      for (const each of names) await expectWhole(each, sourceOf(3, each));
    });

    test.each([50_000, 20 * mebibyte + 5])("of %i bytes any end can be read", async (bytes) => {
      const source = sourceOf(bytes);
      await target.put("a/long.bin", source);
      for (const from of [1, bytes - 40_000, bytes - 1, bytes, bytes + 10]) {
        const expected = from < bytes ? await all(source.read(from)) : Buffer.alloc(0);
        const got = await all(target.get("a/long.bin", from));
        expect(Buffer.compare(got, expected), `from ${from}`).toBe(0);
      }
    });

    test("what is not there is said to be not there", async () => {
      await expect(all(target.get("a/b/nothing"))).rejects.toEqual(fault("not-there"));
      await expect(all(target.get("nothing", 5))).rejects.toEqual(fault("not-there"));
    });

    test.each([300, 20 * mebibyte])(
      "a file of %i bytes is removed, once or twice",
      async (bytes) => {
        await target.put("a/one", sourceOf(bytes));
        await target.put("a/two", sourceOf(10));
        await target.remove("a/one");
        await target.remove("a/one");
        await target.remove("never/there");
        expect(await target.list("")).toEqual([{ name: "a/two", bytes: 10 }]);
        await expect(all(target.get("a/one"))).rejects.toEqual(fault("not-there"));
      },
    );

    test.each([400_000, 20 * mebibyte])(
      "a file of %i bytes that is there is left alone",
      async (bytes) => {
        await target.put("one", sourceOf(bytes));
        const before = place.sentBytes();
        await target.put("one", sourceOf(bytes));
        expect(place.sentBytes() - before).toBeLessThan(100_000);
      },
    );

    test.each([
      [300, 20 * mebibyte],
      [20 * mebibyte, 300],
      [20 * mebibyte, 20 * mebibyte + 1],
      [300, 301],
    ])("a file of %i bytes is replaced by one of %i", async (before, after) => {
      await target.put("a/one", sourceOf(before));
      await target.put("a/one", sourceOf(after, "other"));
      await expectWhole("a/one", sourceOf(after, "other"));
      expect(await target.list("")).toEqual([{ name: "a/one", bytes: after }]);
    });

    test("an upload that is cut goes on where it was, also for a new process", {
      timeout: 120_000,
    }, async () => {
      const source = sourceOf(large);
      const start = place.sentBytes();
      await expect(
        target.put("full/one.age", source, {
          onProgress: (sent) => {
            if (sent >= 24 * mebibyte) void place.cut();
          },
        }),
      ).rejects.toEqual(fault("unreachable"));
      await place.mend();
      const cut = place.sentBytes();
      expect(cut - start).toBeGreaterThan(20 * mebibyte);
      const later = await open();
      expect(await later.list("")).toEqual([]);
      await expect(all(later.get("full/one.age"))).rejects.toEqual(fault("not-there"));
      await later.put("full/one.age", source);
      const end = place.sentBytes();
      expect(end - cut).toBeLessThan((large - 24 * mebibyte + lostMost) * overhead);
      expect(end - start).toBeLessThan((large + lostMost) * overhead);
      await expectWhole("full/one.age", source, later);
      expect(await later.list("full")).toEqual([{ name: "full/one.age", bytes: large }]);
    });

    test("half of one file is never joined to half of another", { timeout: 60_000 }, async () => {
      const [one, other] = [sourceOf(20 * mebibyte, "one"), sourceOf(20 * mebibyte, "other")];
      const controller = new AbortController();
      await expect(
        target.put("same", one, {
          signal: controller.signal,
          onProgress: (sent) => {
            if (sent >= 8 * mebibyte) controller.abort();
          },
        }),
      ).rejects.toEqual(fault("cancelled"));
      await target.put("same", other);
      await expectWhole("same", other);
    });

    test("a source that is not as long as it says becomes no file", async () => {
      for (const bytes of [1000, 20 * mebibyte]) {
        const short = { ...sourceOf(bytes - 1), bytes };
        await expect(target.put("wrong", short)).rejects.toThrow(RangeError);
        const long = { ...sourceOf(bytes + 1), bytes };
        await expect(target.put("wrong", long)).rejects.toThrow(RangeError);
      }
      const torn = {
        bytes: 1000,
        read: () => ({
          [Symbol.asyncIterator]: () => ({
            next: () => Promise.reject(new Error("the disk of the source")),
          }),
        }),
      };
      await expect(target.put("wrong", torn)).rejects.toThrow("the disk of the source");
      expect(await target.list("")).toEqual([]);
    });

    test("who cancels hears so at once, and nothing is listed", { timeout: 60_000 }, async () => {
      const gone = AbortSignal.abort();
      await expect(target.put("one", sourceOf(10), { signal: gone })).rejects.toEqual(
        fault("cancelled"),
      );
      const controller = new AbortController();
      const options = {
        signal: controller.signal,
        onProgress: (sent: number) => {
          if (sent >= 16 * mebibyte) controller.abort();
        },
      };
      const before = place.sentBytes();
      await expect(target.put("one", sourceOf(large), options)).rejects.toEqual(fault("cancelled"));
      expect(place.sentBytes() - before).toBeLessThan(large / 2);
      expect(await target.list("")).toEqual([]);
      await target.put("two", sourceOf(large, "two"));
      const reading = async () => {
        for await (const _ of target.get("two", 0, { signal: gone })) break;
      };
      await expect(reading()).rejects.toEqual(fault("cancelled"));
    });

    test("two files at once, and one file twice at once", { timeout: 60_000 }, async () => {
      const [one, other] = [sourceOf(20 * mebibyte, "one"), sourceOf(18 * mebibyte, "other")];
      await Promise.all([
        target.put("a/one", one),
        target.put("a/other", other),
        target.put("a/one", one),
        target.put("small", sourceOf(5)),
      ]);
      await expectWhole("a/one", one);
      await expectWhole("a/other", other);
      expect(await target.list("")).toHaveLength(3);
    });

    test("a download that is cut never looks whole", { timeout: 60_000 }, async () => {
      await target.put("one", sourceOf(large));
      let got = 0;
      const reading = async () => {
        for await (const chunk of target.get("one")) {
          got += chunk.length;
          if (got > mebibyte) await place.cut();
        }
      };
      await expect(reading()).rejects.toEqual(fault("unreachable"));
      expect(got).toBeLessThan(large);
      await place.mend();
      const rest = await digestOf((await open()).get("one", got));
      expect(rest).toBe(await digestOf(sourceOf(large).read(got)));
    });

    test("who cannot be reached is said to be out of reach", async () => {
      await target.put("one", sourceOf(10));
      await place.cut();
      for (const each of [target, await open()]) {
        await expect(each.list("")).rejects.toEqual(fault("unreachable"));
        await expect(each.put("two", sourceOf(10))).rejects.toEqual(fault("unreachable"));
        await expect(all(each.get("one"))).rejects.toEqual(fault("unreachable"));
        await expect(each.remove("one")).rejects.toEqual(fault("unreachable"));
      }
      await place.mend();
      expect(await target.list("")).toEqual([{ name: "one", bytes: 10 }]);
    });

    test("where credentials are asked for, wrong ones are said to be wrong", async () => {
      const wrong = await place.openWrong?.(root);
      if (!wrong) return;
      opened.push(wrong);
      await target.put("one", sourceOf(10));
      await expect(wrong.list("")).rejects.toEqual(fault("wrong-credentials"));
      await expect(wrong.put("two", sourceOf(10))).rejects.toEqual(fault("wrong-credentials"));
      await expect(wrong.put("two", sourceOf(20 * mebibyte))).rejects.toEqual(
        fault("wrong-credentials"),
      );
      await expect(all(wrong.get("one"))).rejects.toEqual(fault("wrong-credentials"));
      await expect(wrong.remove("one")).rejects.toEqual(fault("wrong-credentials"));
      expect(await target.list("")).toEqual([{ name: "one", bytes: 10 }]);
    });

    if (canFill === undefined) return;
    test.skipIf(!canFill)(
      "a target without room says so, keeps what it has, and goes on when there is room",
      { timeout: 60_000 },
      async () => {
        const full = await place.openFull?.(root);
        if (!full) throw new Error("the place cannot be filled");
        opened.push(full);
        await full.put("before", sourceOf(10));
        await expect(full.put("large", sourceOf(large))).rejects.toEqual(fault("full"));
        expect(await full.list("")).toEqual([{ name: "before", bytes: 10 }]);
        await expectWhole("before", sourceOf(10), full);
        await full.remove("large");
        await full.put("after", sourceOf(mebibyte));
        await expectWhole("after", sourceOf(mebibyte), full);
      },
    );
  });
}
