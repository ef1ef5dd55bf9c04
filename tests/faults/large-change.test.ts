import { expect, test } from "vitest";
import { createFolderStore } from "../../server/adapters/folder-store.ts";
import { ForgetfulFiles } from "../harness/forgetful-files.ts";

const name = "journal/1/shop/2026-11";

/** A full run is larger than one record: without its seal it would swallow the next one. */
const large = Array.from({ length: 60 }, (_, at) => `${at} ${"x".repeat(12_000)}`);

test.each(["killed", "without power"])(
  "a change of several records is there whole or not at all when the server is %s",
  async (how) => {
    const lengths = new Set<number>();
    for (let steps = 0, isDone = false; !isDone; steps++) {
      const files = new ForgetfulFiles();
      const store = createFolderStore("/live", { files });
      await store.commit({ append: [{ name, from: 0, elements: ["first"] }] });
      files.dieAfter(steps);
      isDone = await store.commit({ append: [{ name, from: 1, elements: large }] }).then(
        () => true,
        () => false,
      );
      if (how === "killed") files.restart();
      else files.loseUnsynced();
      const again = createFolderStore("/live", { files });
      const { documents } = await again.load();
      const length = documents.find((document) => document.name === name)?.length ?? 0;
      lengths.add(length);
      const rest = large.slice(Math.max(0, length - 1));
      if (rest.length > 0) await again.commit({ append: [{ name, from: length, elements: rest }] });
      expect(await again.read(name, 0, 100)).toEqual(["first", ...large]);
    }
    expect([...lengths].sort()).toEqual([1, 61]);
  },
);
