import type { StatePages } from "../../shared/replica/ports.ts";

/** State pages in memory, open to be damaged. */
export interface MemoryPages extends StatePages {
  texts: string[];
  written: string | undefined;
}

export const createMemoryPages = (): MemoryPages => ({
  texts: [],
  written: undefined,
  async manifest() {
    return this.written;
  },
  async page(at) {
    return this.texts[at];
  },
  async write(pages, manifest) {
    this.texts = [...pages];
    this.written = manifest;
  },
});
