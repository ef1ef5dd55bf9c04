import type { World } from "./world.ts";

/** One promise, looked after from outside. Each complaint is a sentence for people. */
export interface Checker {
  name: string;
  /** asked now and then, whatever is going on */
  meanwhile?(world: World): string[];
  /** asked when everything is quiet and everybody is back */
  atEnd(world: World): string[] | Promise<string[]>;
}
