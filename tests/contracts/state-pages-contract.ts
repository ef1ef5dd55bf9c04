import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StatePages } from "../../shared/replica/ports.ts";

interface Place {
  /** the same place as a start of the program finds it */
  open(): StatePages | Promise<StatePages>;
  dispose(): unknown;
}

/** What every place of state pages keeps to. */
export function statePagesContract(kind: string, prepare: () => Place | Promise<Place>): void {
  describe(`state pages in ${kind}`, () => {
    let place: Place;
    beforeEach(async () => {
      place = await prepare();
    });
    afterEach(() => place.dispose());

    it("are not there before they were written", async () => {
      const pages = await place.open();
      expect(await pages.manifest()).toBeUndefined();
      expect(await pages.page(0)).toBeUndefined();
    });

    it("are read back by the next start, page by page, and no more than there are [KS2]", async () => {
      await (await place.open()).write(["一", "two", ""], "manifest\nof three");
      const again = await place.open();
      expect(await again.manifest()).toBe("manifest\nof three");
      const read = [await again.page(0), await again.page(1), await again.page(2)];
      expect(read).toEqual(["一", "two", ""]);
      expect(await again.page(3)).toBeUndefined();
    });

    it("are replaced as a whole: of the ones before nothing is left", async () => {
      const pages = await place.open();
      await pages.write(["1", "2", "3"], "first");
      await pages.manifest();
      await pages.write(["4"], "second");
      const again = await place.open();
      expect(await again.manifest()).toBe("second");
      expect([await again.page(0), await again.page(1)]).toEqual(["4", undefined]);
    });
  });
}
