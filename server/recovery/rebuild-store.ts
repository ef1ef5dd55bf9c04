import {
  authorityDocument,
  type DocumentName,
  journalDocument,
  splitJournalName,
} from "../../shared/documents/document-name.ts";
import { elementsOf } from "../../shared/journal/run.ts";
import { byMonth } from "../../shared/replica/enter-runs.ts";
import { runsIn } from "../../shared/replica/operation-places.ts";
import { type ReplicaStore, StoreFault } from "../../shared/replica/ports.ts";
import type { KeyEntry } from "../snapshots/keyring-pages.ts";
import type { SnapshotDocument } from "../snapshots/manifest.ts";
import type { Piece } from "../snapshots/pieces.ts";

export interface RebuildFrom {
  documents: readonly SnapshotDocument[];
  piecesOf(document: SnapshotDocument): AsyncIterable<Piece>;
  keys: readonly KeyEntry[];
  /** the whole log, the new term's entry included */
  authority: readonly string[];
  term: number;
  settings: Record<string, string>;
}

const keysAtOnce = 1000;

/**
 * Fills an empty store for a new term: every run once, in documents of the new term's name. The old
 * names are left behind: devices hold more under them than we know of. The authority log is written
 * last; without it a store is nobody's.
 */
export async function rebuildStore(store: ReplicaStore, from: RebuildFrom): Promise<void> {
  const { keys, authority, settings } = from;
  for (let at = 0; at < keys.length; at += keysAtOnce)
    await store.commit({ keysAdd: keys.slice(at, at + keysAtOnce) });
  const met = new Set<string>();
  const lengths = new Map<DocumentName, number>();
  const journals = from.documents.filter(({ name }) => name !== authorityDocument);
  for (const document of journals.sort(byMonth)) {
    const name = nameInTerm(document.name, from.term);
    for await (const elements of wholeRuns(from.piecesOf(document), met)) {
      const length = lengths.get(name) ?? 0;
      await store.commit({ append: [{ name, from: length, elements }] });
      lengths.set(name, length + elements.length);
    }
  }
  await store.commit({
    append: [{ name: authorityDocument, from: 0, elements: authority }],
    settings,
  });
}

function nameInTerm(name: DocumentName, term: number): DocumentName {
  const split = splitJournalName(name);
  if (!split) throw new StoreFault("broken", `${name} is no document of a journal`);
  return journalDocument(term, split.store, split.month);
}

/** The runs of a document that were not met before, some at a time. */
async function* wholeRuns(
  pieces: AsyncIterable<Piece>,
  met: Set<string>,
): AsyncGenerator<string[]> {
  let tail: string[] = [];
  for await (const piece of pieces) {
    // It was verified a moment ago; nothing is recovered from what changes under us.
    if ("damage" in piece) throw new StoreFault("broken", piece.damage.what);
    const all = [...tail, ...piece.elements];
    const { runs, whole } = runsIn(all, 0);
    tail = all.slice(whole);
    // Runs that stand apart are carried on like all others.
    const fresh = runs.filter(({ run }) => !met.has(run.seal));
    for (const { run } of fresh) met.add(run.seal);
    if (fresh.length > 0) yield fresh.flatMap(({ run }) => elementsOf(run));
  }
}
