import * as z from "zod/mini";
import type { RandomSource } from "../../shared/journal/ports.ts";
import type { Files } from "../storage/files.ts";
import { backupPlan } from "./backup-plan.ts";
import { SealedList } from "./sealed-list.ts";
import { targetSettings } from "./target-settings.ts";

export const targetPlace = z.strictObject({
  /** does not burn with the shop */
  offSite: z.boolean(),
  /** unplugged between backups, or what lies there cannot be changed */
  offline: z.boolean(),
});
export type TargetPlace = z.infer<typeof targetPlace>;

const record = z.strictObject({
  id: z.string().check(z.regex(/^[a-z0-9]{1,32}$/)),
  /** for people */
  name: z.string().check(z.minLength(1), z.maxLength(80)),
  /** with what opens it: passwords, keys */
  settings: targetSettings,
  plan: backupPlan,
  addedMs: z.number(),
  /** where it is, as whoever added it said; without it, in the shop and always connected */
  place: z.optional(targetPlace),
});

/** A target as the owner added it. */
export type TargetRecord = z.infer<typeof record>;

const schema = z.array(record).check(z.maxLength(100));

interface StoreDeps {
  /** `<data>/backups` */
  folder: string;
  files: Files;
  random: RandomSource;
}

/** The list of targets. */
export class TargetStore extends SealedList<TargetRecord> {
  constructor(deps: StoreDeps) {
    super(deps, "targets.age", (value) => schema.parse(value));
  }
}

const change = z.union([
  z.strictObject({ do: z.literal("add"), record }),
  /** with another id where it points elsewhere: what was known of the old place does not hold there */
  z.strictObject({ do: z.literal("change"), id: record.shape.id, record }),
  z.strictObject({ do: z.literal("remove"), id: record.shape.id }),
]);

/** What is to become of the list of targets. */
export type TargetChange = z.infer<typeof change>;

const pending = z.array(
  z.strictObject({
    proposal: z.string(),
    /** so that nobody guesses a password from the hash in the proposal */
    salt: z.string(),
    change,
  }),
);

/** A change that waits for its approval. */
export type PendingChange = z.infer<typeof pending>[number];

/** Changes that wait, with the passwords that they bring. */
export class PendingChanges extends SealedList<PendingChange> {
  constructor(deps: StoreDeps) {
    super(deps, "pending-targets.age", (value) => pending.parse(value));
  }
}
