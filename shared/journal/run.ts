/** Operations of one device in sequence and the seal over them: written, sent and relayed as one. */
export interface Run {
  /** operation texts, exactly as sealed */
  operations: readonly string[];
  seal: string;
}

/** Operations in one run at most; larger work is a batch of runs with a closing operation. */
export const runOperationsMax = 500;
/** A run's texts together, bytes of UTF-8. */
export const runBytesMax = 768 * 1024;

/** A run as the elements of a document: the operations, then the seal. */
export const elementsOf = (run: Run): string[] => [...run.operations, run.seal];
