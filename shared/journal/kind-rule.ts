import type { Operation, OperationRef } from "./operation.ts";

/** An operation that came before the one that closes its batch. */
export interface KeptInBatch {
  operation: Operation;
  /** as its own kind reads it */
  body: unknown;
}

/**
 * What a kind of operation means. Every part is a function of the operation and of operations that it
 * names, never of the order in which they arrive; so that replicas with the same set agree.
 */
export interface KindRule<Body, Books, Claim> {
  /** @returns undefined for a body that is not of this kind */
  read(body: unknown): Body | undefined;
  /** operations that must count before this one can */
  needs(body: Body): readonly OperationRef[];
  /** debits of the author's own purse */
  claims(body: Body): readonly Claim[];
  /** the batch it belongs to; it counts once the batch is closed */
  batch?(body: Body): OperationRef | undefined;
  /** of an operation that closes a batch: which, and whether it is what is stated of it */
  closes?: {
    batch(body: Body): OperationRef;
    isWhole(body: Body, kept: readonly KeptInBatch[], books: Books): boolean;
  };
  /** why its form alone forbids it, whatever else there is; then it does not even claim */
  faultOfForm?(operation: Operation, body: Body): string | undefined;
  /** why it can never count; asked when everything that it needs counts */
  fault(operation: Operation, body: Body, books: Books): string | undefined;
  /** takes effect, once; every effect is a sum or belongs to this operation alone */
  apply(operation: Operation, body: Body, books: Books): void;
  /** members in whose history it shows */
  members(body: Body, books: Books): readonly OperationRef[];
}
