import type { Checker } from "./checker.ts";
import { acknowledgedSurvives } from "./checkers/acknowledged-survives.ts";
import { anySurvivorRefills } from "./checkers/any-survivor-refills.ts";
import { booksBalance } from "./checkers/books-balance.ts";
import { converged } from "./checkers/converged.ts";
import { noFalseAlarm } from "./checkers/no-false-alarm.ts";
import { noPurseBelowZero } from "./checkers/no-purse-below-zero.ts";
import { nothingSilent } from "./checkers/nothing-silent.ts";
import { oracleAgrees } from "./checkers/oracle-agrees.ts";

/** All promises that a simulation looks after, the plainest first. */
export const checkers: readonly Checker[] = [
  converged,
  booksBalance,
  noPurseBelowZero,
  noFalseAlarm,
  acknowledgedSurvives,
  oracleAgrees,
  nothingSilent,
  anySurvivorRefills,
];
