import { address } from "./sayings/address.ts";
import { common, fields, header, keypad, kinds, roles, tenders } from "./sayings/common.ts";
import { card, checklist, enrol, notPossible, setUp } from "./sayings/entrance.ts";
import { imports } from "./sayings/import.ts";
import { records } from "./sayings/records.ts";
import { refusals } from "./sayings/refusals.ts";
import { review } from "./sayings/review.ts";
import { settings } from "./sayings/settings.ts";
import { status } from "./sayings/status.ts";
import {
  checkOut,
  ledger,
  member,
  memberForm,
  receipt,
  till,
  today,
  topUp,
  undo,
} from "./sayings/till.ts";

/** Everything that the app says, by room. */
export const sayings = {
  common,
  keypad,
  tenders,
  roles,
  kinds,
  fields,
  header,
  status,
  records,
  refusals,
  review,
  till,
  checkOut,
  topUp,
  receipt,
  undo,
  member,
  ledger,
  memberForm,
  today,
  notPossible,
  setUp,
  card,
  enrol,
  checklist,
  imports,
  settings,
  address,
} as const;
