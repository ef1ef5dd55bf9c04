import type { DocumentName } from "../../shared/documents/document-name.ts";
import type { ChainId } from "../../shared/journal/operation.ts";

/** One thing that is not as it was written, named as precisely as it can be. */
export interface Finding {
  /** file, document, chain or keyring */
  where: string;
  what: string;
  document?: DocumentName;
  /** first and last element of the document concerned */
  elements?: { first: number; last: number };
  /** SHA-256 by which a snapshot names the blob */
  blob?: string;
  chain?: ChainId;
  /** first and last operation of the chain concerned */
  operations?: { first: number; last: number };
}

export const elementsText = (first: number, last: number): string =>
  first === last ? `element ${first}` : `elements ${first} to ${last}`;
