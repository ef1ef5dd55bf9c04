/** What a fresh client is asked to fetch. */
export interface CopyOrder {
  /** path of the module that exports `connectCopy` */
  copier: string;
  url: string;
  shopFile: string;
  /** how many elements are everything */
  elements: number;
  /** go on for so long at most, milliseconds */
  patienceMs: number;
  /** write the texts of all elements here, one JSON text a line; empty: do not */
  textsFile: string;
}

export interface CopyResult {
  elements: number;
  seconds: number;
}

/** An ordinary provider with a whole document. */
export interface Copy {
  count(): number;
  texts(): string[];
}

/** A module that connects one. */
export type ConnectCopy = (order: { url: string; shopFile: string }) => Promise<Copy>;
