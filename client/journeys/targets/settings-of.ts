import type { ToldPreset } from "../../../shared/safety/target-answers.ts";
import type { Typed } from "./use-targets.ts";

const fields = [
  "path",
  "url",
  "host",
  "port",
  "endpoint",
  "region",
  "bucket",
  "user",
  "password",
  "privateKey",
  "passphrase",
  "authority",
  "accessKey",
  "secretKey",
  "folder",
] as const;
export type TargetField = (typeof fields)[number];

/** A field that a newer server asks for and this app cannot show is left to the server's default. */
export const isField = (name: string): name is TargetField =>
  (fields as readonly string[]).includes(name);

/** What stands in the form when a kind of place is chosen. */
export const typedFor = ({ asks, defaults }: ToldPreset): Typed =>
  Object.fromEntries(asks.map((field) => [field, String(defaults[field] ?? "")]));

/** What the server is told: the preset's, and over it what was typed; the region goes into the address. */
export function settingsOf(
  { kind, defaults, optional }: ToldPreset,
  typed: Typed,
): Record<string, unknown> {
  const settings: Record<string, unknown> = { kind, ...defaults };
  for (const [field, value] of Object.entries(typed)) {
    const text = field === "privateKey" || field === "authority" ? value : value.trim();
    if (text !== "") settings[field] = field === "port" ? Number(text) : text;
    else if (field === "folder" && optional.includes(field)) settings[field] = "";
    else delete settings[field];
  }
  const { endpoint, region } = settings;
  if (typeof endpoint === "string" && typeof region === "string")
    settings["endpoint"] = endpoint.replace("{region}", region);
  return settings;
}
