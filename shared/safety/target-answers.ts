import * as z from "zod/mini";

const text = z.string();

/** A place of backups as it is told to a device: without what opens it. */
const place = z.object({
  id: text,
  name: text,
  kind: z.enum(["directory", "webdav", "s3", "sftp"]),
  /** where it points, for people */
  where: text,
  offSite: z.boolean(),
  offline: z.boolean(),
});

/** A kind of place as people know it; see the server's presets. */
const preset = z.object({
  id: text,
  kind: z.enum(["directory", "webdav", "s3", "sftp"]),
  name: z.object({ zh: text, en: text }),
  defaults: z.record(z.string(), z.union([z.string(), z.number()])),
  asks: z.array(text),
  optional: z.array(text),
  hints: z.object({ zh: text, en: text }),
});
export type ToldPreset = z.infer<typeof preset>;

const test = z.union([
  z.object({ ok: z.literal(true), upBytesPerSecond: z.number(), downBytesPerSecond: z.number() }),
  z.object({
    ok: z.literal(false),
    step: text,
    code: text,
    advice: text,
    message: text,
    hostKey: z.optional(text),
  }),
]);
export type ToldTest = z.infer<typeof test>;

/** What a server answers about its places of backups. */
export const targetAnswers = {
  list: z.object({ targets: z.array(place), presets: z.array(preset) }),
  test: z.object({ test }),
  /** the server has proposed it, and whoever asked may approve; or the test of it failed */
  add: z.union([z.object({ proposal: text }), z.object({ test })]),
  /** for whoever asked to propose under their own name */
  remove: z.object({ proposal: text, subject: text, text }),
} as const;
export type TargetAnswer<Ask extends keyof typeof targetAnswers> = z.infer<
  (typeof targetAnswers)[Ask]
>;
