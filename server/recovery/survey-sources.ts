import type { RecoveryKey } from "../../shared/access/recovery-key.ts";
import type { ChainId } from "../../shared/journal/operation.ts";
import type { Signatures } from "../../shared/journal/ports.ts";
import type { KeyEntry } from "../snapshots/keyring-pages.ts";
import { followLog, type OfferedLog } from "./offered-logs.ts";
import type { RecoverySource, SourceDamage, SourcePiece } from "./recovery-source.ts";

/** What a source holds, before any of its runs was looked at. */
export interface SurveyedSource {
  source: RecoverySource;
  /** undefined when it holds no log that checks */
  log: OfferedLog | undefined;
  promised: Map<ChainId, number>;
  keys: KeyEntry[];
  damage: SourceDamage[];
}

/** More is not listed: a file of noise is one finding after the other. */
const damageMost = 1000;

/** Reads everything once; what is wrong with one source stops no other. */
export async function surveySources(
  sources: readonly RecoverySource[],
  {
    recovery,
    signatures,
    goOn = () => {},
  }: {
    recovery: RecoveryKey;
    signatures: Signatures;
    /** asked at every piece; throws to break off */
    goOn?(): void;
  },
): Promise<SurveyedSource[]> {
  const surveyed: SurveyedSource[] = [];
  for (const source of sources) {
    const entries: string[] = [];
    const found: SurveyedSource = {
      source,
      log: undefined,
      promised: new Map(),
      keys: [],
      damage: [],
    };
    for await (const piece of untilItFails(source)) {
      goOn();
      if (piece.type === "log") for (const text of piece.entries) entries.push(text);
      else if (piece.type === "keys") for (const key of piece.keys) found.keys.push(key);
      else if (piece.type === "promise") promise(found.promised, piece.heads);
      else if (piece.type === "damage" && found.damage.length < damageMost)
        found.damage.push(piece.damage);
    }
    const log = await followLog(entries, recovery, signatures);
    if (log) found.log = { from: source.name, ...log };
    surveyed.push(found);
  }
  return surveyed;
}

/** A medium that is pulled out, or goes bad: what was read until then counts. */
export async function* untilItFails(source: RecoverySource): AsyncGenerator<SourcePiece> {
  try {
    yield* source.pieces();
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    yield { type: "damage", damage: { where: source.name, what } };
  }
}

/** Keeps the larger of what was promised of each chain. */
export function promise(
  promised: Map<ChainId, number>,
  heads: Iterable<readonly [ChainId, number]>,
): void {
  for (const [chain, next] of heads) promised.set(chain, Math.max(next, promised.get(chain) ?? 0));
}
