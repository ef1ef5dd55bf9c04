/** Timers of the platform; a test or a simulation brings its own. */
export interface Timers {
  after(delayMs: number, run: () => void): () => void;
}
