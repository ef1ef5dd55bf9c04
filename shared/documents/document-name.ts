import { hashBytes, utf8 } from "../journal/bytes.ts";

/** `authority` or `journal/<term>/<store>/<yyyy-mm>`. */
export type DocumentName = string;

export const authorityDocument: DocumentName = "authority";

const journalName = /^journal\/([1-9]\d{0,8})\/([a-z0-9]{1,32})\/(\d{4}-(?:0[1-9]|1[0-2]))$/;

export const journalDocument = (term: number, store: string, month: string): DocumentName =>
  `journal/${term}/${store}/${month}`;

export function splitJournalName(
  name: DocumentName,
): { term: number; store: string; month: string } | undefined {
  const match = journalName.exec(name);
  if (!match) return undefined;
  const [, term = "", store = "", month = ""] = match;
  return { term: Number(term), store, month };
}

export const isDocumentName = (name: string): boolean =>
  name === authorityDocument || journalName.test(name);

/** Names are few and come again with every update. */
const writersMost = 1000;
const writerByName = new Map<DocumentName, number>();

/** The Yjs client id under which a document is written: the same in every server process. */
export function writerOf(name: DocumentName): number {
  const known = writerByName.get(name);
  if (known !== undefined) return known;
  const hash = hashBytes(utf8(`youbei-document-v1\n${name}`));
  const id =
    (((hash[0] ?? 0) << 24) | ((hash[1] ?? 0) << 16) | ((hash[2] ?? 0) << 8) | (hash[3] ?? 0)) >>>
    0;
  const writer = id === 0 ? 1 : id;
  if (writerByName.size >= writersMost) writerByName.clear();
  writerByName.set(name, writer);
  return writer;
}
