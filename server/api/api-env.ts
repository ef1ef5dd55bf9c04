/** What a request carries besides itself. */
export interface ApiEnv {
  Bindings: { address: string };
  Variables: {
    /** Takes one of this address's tries at a secret; false when there are none left. */
    guess: () => boolean;
  };
}
