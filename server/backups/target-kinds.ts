import type { Target } from "./target.ts";
import type { TargetSettings } from "./target-settings.ts";

/** The kinds of places where backups can lie. */
export interface TargetKinds {
  /**
   * Makes a place ready to be a target; what is there already stays.
   * @returns settings as they are to be kept: a folder has its marker's id in them
   * @throws TargetFault
   */
  add(settings: TargetSettings): Promise<TargetSettings>;
  open(settings: TargetSettings): Target;
}
