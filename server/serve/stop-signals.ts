/** How the outside asks a process to stop. */
export interface StopSignals {
  /** Resolves at the first request to stop; a second one ends the process at once. */
  first(): Promise<string>;
  /** Ends the process when an orderly stop takes longer than this, milliseconds. */
  forceAfter(limitMs: number): void;
}
