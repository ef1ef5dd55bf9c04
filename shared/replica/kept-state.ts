import * as z from "zod/mini";
import { authorityHead } from "../access/authority-state.ts";
import { authorityDocument } from "../documents/document-name.ts";
import { hashText } from "../journal/bytes.ts";
import { Graph, type Plain, type Shape } from "../state-pages/graph.ts";
import type { StateEntry } from "../state-pages/state-entry.ts";
import { entriesOf, keptClasses, type LoosePlace, takeEntries } from "./kept-ledger.ts";
import type { Ledger } from "./ledger.ts";
import type { LoadedLedger } from "./loaded-ledger.ts";
import type { ReplicaStore, StatePages } from "./ports.ts";

/** State pages, and the program whose fold they come from: another one folds anew. */
export interface KeptState {
  pages: StatePages;
  /** digest of the sources */
  program: string;
}

/** @param program undefined where nobody knows which sources run */
export const keptStateOf = (
  { pages }: Pick<ReplicaStore, "pages">,
  program: string | undefined,
): KeptState | undefined =>
  pages !== undefined && program !== undefined ? { pages, program } : undefined;

/** Characters of a page, about. */
const pageLength = 256 * 1024;

const count = z.number().check(z.int(), z.minimum(0));
const manifestSchema = z.strictObject({
  v: z.literal(1),
  program: z.string(),
  /** the authority log when it was written: entries, and the head of the last */
  authority: z.tuple([count, z.string()]),
  /** what was entered of each document: elements, and the hash of the last of them */
  documents: z.array(z.tuple([z.string(), count, z.string()])),
  /** what stood apart by decision, and which lost entries were known; see `Ledger` */
  avoid: z.array(z.string()),
  aside: z.array(z.string()),
  shapes: z.array(z.strictObject({ keys: z.array(z.string()), kept: z.optional(z.string()) })),
  /** hash of each page */
  pages: z.array(z.string()),
});
export type StateManifest = z.infer<typeof manifestSchema>;

/** @returns undefined for one that is damaged, or of another program */
export async function readManifest({
  pages,
  program,
}: KeptState): Promise<StateManifest | undefined> {
  const text = await pages.manifest();
  if (text === undefined) return undefined;
  try {
    const manifest = manifestSchema.parse(JSON.parse(text));
    return manifest.program === program ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** @returns places of loose runs; undefined when a page is missing, damaged or not understood */
export async function takePages(
  loaded: LoadedLedger,
  { pages }: KeptState,
  manifest: StateManifest,
): Promise<LoosePlace[] | undefined> {
  const graph = new Graph(keptClasses, manifest.shapes as Shape[]);
  const loose: LoosePlace[] = [];
  for (const [at, hash] of manifest.pages.entries()) {
    const text = await pages.page(at);
    if (text === undefined || hashText(text) !== hash) return undefined;
    const some = takeEntries(loaded, entriesIn(text, graph));
    if (!some) return undefined;
    loose.push(...some);
  }
  return loose;
}

function* entriesIn(text: string, graph: Graph): Generator<StateEntry> {
  for (const [section, plain] of JSON.parse(text) as [string, Plain][])
    yield [section, graph.read(plain)];
}

export interface KeepDeps {
  loaded: LoadedLedger;
  store: Pick<ReplicaStore, "read">;
  kept: KeptState;
  /** Gives others a turn. @returns false once anything changed: then nothing is kept */
  rest(): Promise<boolean>;
}

/**
 * Writes the folded state as pages, a slice at a time.
 * @returns whether it was written
 * @throws StoreFault
 */
export async function keepState({ loaded, store, kept, rest }: KeepDeps): Promise<boolean> {
  const { ledger, lengths } = loaded;
  if (!ledger.authority || ledger.refoldNeeded) return false;
  const documents: [string, number, string][] = [];
  for (const [name, length] of lengths) {
    if (name === authorityDocument || length === 0) continue;
    const [last = ""] = await store.read(name, length - 1, 1);
    documents.push([name, length, hashText(last)]);
  }
  const label = { ...labelOf(ledger, kept.program), documents };
  const graph = new Graph(keptClasses);
  const pages: string[] = [];
  let texts: string[] = [];
  let size = 0;
  const turnPage = () => {
    pages.push(`[${texts.join(",")}]`);
    texts = [];
    size = 0;
  };
  if (!(await rest())) return false;
  for (const [section, value] of entriesOf(loaded)) {
    const text = JSON.stringify([section, graph.write(value)]);
    texts.push(text);
    size += text.length;
    if (size < pageLength) continue;
    turnPage();
    if (!(await rest())) return false;
  }
  turnPage();
  const manifest: StateManifest = {
    ...label,
    shapes: [...graph.shapes()],
    pages: pages.map(hashText),
  };
  await kept.pages.write(pages, JSON.stringify(manifest));
  return true;
}

const labelOf = (ledger: Ledger, program: string) => ({
  v: 1 as const,
  program,
  authority: [ledger.authorityTexts.length, authorityHead(ledger.log)] as [number, string],
  avoid: [...ledger.avoid],
  aside: [...ledger.aside],
});
