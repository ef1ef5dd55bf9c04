import { join } from "node:path";
import * as z from "zod/mini";
import { utf8 } from "../../shared/journal/bytes.ts";
import type { Files } from "../storage/files.ts";
import { readFile } from "../storage/whole-files.ts";
import { backupPlan } from "./backup-plan.ts";
import type { TargetSettings } from "./target-settings.ts";
import { type TargetRecord, targetPlace } from "./target-store.ts";
import { type ArchiveEntry, ArchiveFault, textOfEntry } from "./ustar.ts";

const systemName = "system.json";
/** What devices trust, and what it may vouch for. */
const httpsNames = ["https/https.json", "https/authority.pem"] as const;

const schema = z.strictObject({
  format: z.literal("youbei-system"),
  version: z.literal(1),
  /** the address under which devices open the app */
  origin: z.optional(z.string()),
  /** without what opens them: whoever starts again must have the password anyway */
  targets: z.array(
    z.strictObject({
      name: z.string(),
      settings: z.record(z.string(), z.unknown()),
      plan: backupPlan,
      place: z.optional(targetPlace),
    }),
  ),
});

export interface SystemFacts {
  origin: string | undefined;
  targets: z.infer<typeof schema>["targets"];
  /** files of the https authority, by their place below the data folder */
  https: ArchiveEntry[];
}

const secretFields = ["password", "secretKey", "privateKey", "passphrase"];

/** Settings that may be shown. */
export const withoutSecrets = (settings: TargetSettings): Record<string, unknown> =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => !secretFields.includes(name)));

/** What a successor of this server needs and no snapshot holds; the same facts give the same bytes. */
export async function systemContent(
  { dir, files }: { dir: string; files: Files },
  { origin, targets }: { origin: string | undefined; targets: readonly TargetRecord[] },
): Promise<ArchiveEntry[]> {
  const facts: z.infer<typeof schema> = {
    format: "youbei-system",
    version: 1,
    ...(origin === undefined ? {} : { origin }),
    targets: targets.map(({ name, settings, plan, place }) => ({
      name,
      settings: withoutSecrets(settings),
      plan,
      ...(place ? { place } : {}),
    })),
  };
  const entries = [
    { name: systemName, bytes: utf8(`${JSON.stringify(facts, undefined, 2)}\n`) as Uint8Array },
  ];
  for (const name of httpsNames) {
    const bytes = await readFile(files, join(dir, name));
    if (bytes) entries.push({ name, bytes });
  }
  return entries;
}

/** @throws ArchiveFault */
export async function readSystemContent(
  entries: AsyncIterable<ArchiveEntry>,
): Promise<SystemFacts> {
  let facts: z.infer<typeof schema> | undefined;
  const https: ArchiveEntry[] = [];
  for await (const entry of entries) {
    if (entry.name === systemName) facts = factsIn(textOfEntry(entry));
    else if (httpsNames.some((name) => name === entry.name)) https.push(entry);
  }
  if (!facts) throw new ArchiveFault(`it has no ${systemName}`);
  return { origin: facts.origin, targets: facts.targets, https };
}

function factsIn(text: string): z.infer<typeof schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
