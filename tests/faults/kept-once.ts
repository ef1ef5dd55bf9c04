import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { createFolderStore } from "../../server/adapters/folder-store.ts";
import { createNodeFiles } from "../../server/adapters/node-files.ts";
import type { Run } from "../../shared/journal/run.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";

/** What a server's folder holds. */
export interface Kept {
  documents: Map<string, string[]>;
  /** how often each element is there, in all documents */
  counts: Map<string, number>;
  /** `device@store:sequence` of each operation */
  refs: Set<string>;
  /** members that were added, but without whose key nobody can read them */
  keyless: string[];
}

/**
 * Reads a copy that is taken for it and removed again, so that the server itself may run. Documents are
 * copied first: keys and commit numbers that they need were written before them or are copied after.
 */
export async function readKept(dir: string, scratch: string): Promise<Kept> {
  const live = join(dir, "live");
  await cp(join(live, "documents"), join(scratch, "documents"), { recursive: true });
  await cp(live, scratch, {
    recursive: true,
    filter: (path) => !path.startsWith(join(live, "documents")),
  });
  const store = createFolderStore(scratch, { files: createNodeFiles() });
  try {
    return await keptIn(store);
  } finally {
    await store.close();
    await rm(scratch, { recursive: true });
  }
}

export async function keptIn(store: ReplicaStore): Promise<Kept> {
  const { documents, keys } = await store.load();
  const kept: Kept = { documents: new Map(), counts: new Map(), refs: new Set(), keyless: [] };
  const known = new Set(keys.map(([member]) => member));
  for (const { name, length } of documents) {
    const elements = await store.read(name, 0, length);
    kept.documents.set(name, elements);
    for (const text of elements) {
      kept.counts.set(text, (kept.counts.get(text) ?? 0) + 1);
      const { device, store: place, seq, kind } = JSON.parse(text) as Record<string, unknown>;
      if (seq === undefined) continue;
      const ref = `${device}@${place}:${seq}`;
      kept.refs.add(ref);
      if (kind === "MemberAdded" && !known.has(ref)) kept.keyless.push(ref);
    }
  }
  return kept;
}

/** Nothing is there twice, and what was acknowledged is there. */
export function expectOnce(kept: Kept, acknowledged: Iterable<string>): void {
  expect([...kept.counts].filter(([, count]) => count !== 1)).toEqual([]);
  expect([...acknowledged].filter((text) => !kept.counts.has(text))).toEqual([]);
  expect(kept.keyless).toEqual([]);
}

/** A run is there from its first operation to its seal, in one piece, or not at all. */
export function expectWhole(kept: Kept, runs: readonly Run[]): void {
  const places = new Map<string, { elements: string[]; at: number }>();
  for (const elements of kept.documents.values())
    for (const [at, text] of elements.entries()) places.set(text, { elements, at });
  const halves = runs.filter(({ operations, seal }) => {
    const whole = [...operations, seal];
    const first = places.get(whole[0] ?? "");
    if (!first) return whole.some((text) => places.has(text));
    return whole.some((text, index) => first.elements[first.at + index] !== text);
  });
  expect(halves).toEqual([]);
}
