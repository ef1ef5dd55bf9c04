/** A broken promise of our own code; caught once, in `main`. */
class BrokenInvariant extends Error {
  override name = "BrokenInvariant";
}

/** On in production: a wrong balance shown is worse than a screen that stops. */
export function assert(condition: unknown, promise: string): asserts condition {
  if (!condition) throw new BrokenInvariant(promise);
}
