import { approvals } from "./sayings/approvals.ts";
import { disputed } from "./sayings/disputed.ts";
import { identity } from "./sayings/identity.ts";
import { lost } from "./sayings/lost.ts";
import { refill } from "./sayings/refill.ts";
import { replacing } from "./sayings/replacing.ts";
import { rescue } from "./sayings/rescue.ts";
import { restoring } from "./sayings/restoring.ts";
import { centre, runbooks } from "./sayings/safety-centre.ts";
import { stopping } from "./sayings/stopping.ts";
import { targets } from "./sayings/targets.ts";

/**
 * What is said when something of a device, its data or its server was lost or doubtful. A namespace of
 * its own: the compiler compares every key of a namespace with every other.
 */
export const safety = {
  approvals,
  disputed,
  identity,
  lost,
  replacing,
  refill,
  rescue,
  restoring,
  centre,
  stopping,
  runbooks,
  targets,
} as const;
