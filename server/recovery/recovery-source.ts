import type { ChainId } from "../../shared/journal/operation.ts";
import type { Run } from "../../shared/journal/run.ts";
import type { KeyEntry } from "../snapshots/keyring-pages.ts";

/** Something in a source that is not as it was written. */
export interface SourceDamage {
  /** file, blob or document */
  where: string;
  what: string;
  /** of a rescue file, from 1 */
  line?: number;
}

/** What a source brings; nothing of it is checked but that it can be read. */
export type SourcePiece =
  /** entries of the authority log */
  | { type: "log"; entries: readonly string[] }
  /** how far whoever wrote it had each chain: the sequence after the last */
  | { type: "promise"; heads: readonly (readonly [ChainId, number])[] }
  | { type: "runs"; runs: readonly Run[] }
  | { type: "keys"; keys: readonly KeyEntry[] }
  | { type: "damage"; damage: SourceDamage };

/** Where a shop may be recovered from: a file, a folder of snapshots, a backup that was fetched. */
export interface RecoverySource {
  /** as whoever recovers knows it */
  readonly name: string;
  readonly kind: "rescue" | "snapshots" | "backup";
  /** All that can be read, in order; may be asked for again. */
  pieces(): AsyncIterable<SourcePiece>;
}
