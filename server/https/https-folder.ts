import { join } from "node:path";
import * as z from "zod/mini";
import { fromUtf8, utf8 } from "../../shared/journal/bytes.ts";
import { jsonBytes } from "../data/data-lock.ts";
import type { Files } from "../storage/files.ts";
import { makeFolders, readFile, replaceFile } from "../storage/whole-files.ts";
import type { CertificateFacts, Certificates, KeyedCertificate } from "./certificates.ts";

/** A certificate with its key, and what it says. */
export interface HeldCertificate extends KeyedCertificate {
  facts: CertificateFacts;
}

const settingsSchema = z.strictObject({
  format: z.literal(1),
  /** what the authority may vouch for besides localhost, .local and private addresses */
  names: z.array(z.string().check(z.maxLength(253))).check(z.maxLength(64)),
  /** further names for the server's certificate, within those */
  covers: z.array(z.string().check(z.maxLength(253))).check(z.maxLength(64)),
  /** paths of a certificate and key that somebody else looks after */
  own: z.optional(z.strictObject({ cert: z.string(), key: z.string() })),
});
export type HttpsSettings = z.infer<typeof settingsSchema>;

const noSettings: HttpsSettings = { format: 1, names: [], covers: [] };

/** Where a certificate lies that somebody else looks after. */
export type OwnPaths = NonNullable<HttpsSettings["own"]>;

/** A file that is there and is not what it was written as. */
interface DamagedFile {
  file: keyof typeof namedFiles;
  where: string;
  what: string;
}

/** What lies in a data folder for https. */
export interface HttpsFolder {
  settings: HttpsSettings;
  authority: HeldCertificate | undefined;
  leaf: HeldCertificate | undefined;
  damaged: readonly DamagedFile[];
}

const namedFiles = {
  settings: "https.json",
  authority: "authority.pem",
  leaf: "server.pem",
} as const;

const pathIn = (dir: string, name: keyof typeof namedFiles): string =>
  join(dir, "https", namedFiles[name]);

export const authorityPath = (dir: string): string => pathIn(dir, "authority");

interface FolderDeps {
  /** the server's data folder */
  dir: string;
  files: Files;
  certificates: Certificates;
}

/** @throws a file system's error; what is missing or damaged is told */
export async function readHttpsFolder(deps: FolderDeps): Promise<HttpsFolder> {
  const { dir, files, certificates } = deps;
  const damaged: DamagedFile[] = [];
  const settings = readSettings(await textOf(files, pathIn(dir, "settings")));
  const damage = (file: DamagedFile["file"], what: string) =>
    damaged.push({ file, where: pathIn(dir, file), what });
  if (!settings) damage("settings", "is damaged: it cannot be read as settings");
  const held = async (name: "authority" | "leaf") => {
    const text = await textOf(files, pathIn(dir, name));
    if (text === undefined) return undefined;
    const read = readKeyed(text, certificates);
    if (!read) damage(name, "is damaged: it holds no certificate with its private key");
    return read;
  };
  const authority = await held("authority");
  const leaf = await held("leaf");
  return { settings: settings ?? noSettings, authority, leaf, damaged };
}

export async function writeSettings(
  { dir, files }: Omit<FolderDeps, "certificates">,
  settings: HttpsSettings,
): Promise<void> {
  await makeFolders(files, join(dir, "https"));
  await replaceFile(files, pathIn(dir, "settings"), jsonBytes(settings));
}

/** Key and certificate in one file: neither is ever there without the other. */
export async function writeKeyed(
  { dir, files }: Omit<FolderDeps, "certificates">,
  name: "authority" | "leaf",
  { certificate, key }: KeyedCertificate,
): Promise<void> {
  await makeFolders(files, join(dir, "https"));
  await replaceFile(files, pathIn(dir, name), utf8(`${certificate}${key}`));
}

/** Devices may trust it still: an authority is kept under another name, never overwritten. */
export async function setAuthorityAside(
  { dir, files }: Omit<FolderDeps, "certificates">,
  suffix: string,
): Promise<void> {
  const path = pathIn(dir, "authority");
  if (!(await files.stat(path))) return;
  await files.rename(path, join(dir, "https", `authority-until-${suffix}.pem`));
  await files.syncFolder(join(dir, "https"));
}

/** Certificate and key from files that somebody else looks after; undefined while they do not fit. */
export async function readOwnFiles(
  { files, certificates }: Omit<FolderDeps, "dir">,
  { cert, key }: OwnPaths,
): Promise<HeldCertificate | undefined> {
  const read = async (path: string) => (await textOf(files, path).catch(() => undefined)) ?? "";
  const keyed = { certificate: await read(cert), key: await read(key) };
  const facts = certificates.read(keyed.certificate);
  return facts && certificates.belongTogether(keyed) ? { ...keyed, facts } : undefined;
}

function readKeyed(text: string, certificates: Certificates): HeldCertificate | undefined {
  const blocks = text.match(/-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----\n?/g) ?? [];
  const isKey = (block: string) => block.startsWith("-----BEGIN PRIVATE KEY");
  const keyed = {
    certificate: blocks.filter((block) => !isKey(block)).join(""),
    key: blocks.find(isKey) ?? "",
  };
  const facts = certificates.read(keyed.certificate);
  return facts && certificates.belongTogether(keyed) ? { ...keyed, facts } : undefined;
}

function readSettings(text: string | undefined): HttpsSettings | undefined {
  if (text === undefined) return noSettings;
  try {
    const parsed = settingsSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Certificates and settings are small; what is not is none of ours. */
const fileBytesMax = 256 * 1024;

async function textOf(files: Files, path: string): Promise<string | undefined> {
  const found = await files.stat(path);
  if (!found) return undefined;
  if (found.folder || found.size > fileBytesMax) return "";
  const bytes = await readFile(files, path);
  try {
    return bytes && fromUtf8(bytes);
  } catch {
    return "";
  }
}
