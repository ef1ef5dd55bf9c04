import type { StatePages } from "../../shared/replica/ports.ts";
import type { YoubeiDatabase } from "./database.ts";
import { toStoreFault } from "./store-fault.ts";

const manifestAt = -1;

/** State pages in IndexedDB, replaced in one transaction. What cannot be read is not there. */
export function createIndexedDbPages({ statePages }: YoubeiDatabase): StatePages {
  const textAt = async (at: number) => (await statePages.get(at).catch(() => undefined))?.text;
  return {
    manifest: () => textAt(manifestAt),
    page: textAt,
    async write(pages, manifest) {
      try {
        await statePages.db.transaction("rw", statePages, async () => {
          await statePages.clear();
          const rows = pages.map((text, at) => ({ at, text }));
          await statePages.bulkAdd([...rows, { at: manifestAt, text: manifest }]);
        });
      } catch (error) {
        throw toStoreFault(error);
      }
    },
  };
}
