import type { FaultName } from "../faults.ts";

/** A mistake that somebody might make, as a change of one place in the product's own source. */
export interface PlantedBug {
  name: string;
  /** what it would mean for a shop */
  story: string;
  file: string;
  /** must stand there exactly once */
  find: string;
  replace: string;
  /** strikes in every history, where chance would take long to bring it */
  faults?: readonly FaultName[];
  /** histories that are tried before it counts as not caught */
  seedsMost?: number;
}
