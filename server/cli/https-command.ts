import { resolve } from "node:path";
import type { Command } from "commander";
import type { OpenFolder } from "../data/open-data.ts";
import { dateOf } from "../https/certificate-life.ts";
import { readDnsName } from "../https/host-names.ts";
import { HttpsKeeper } from "../https/https-keeper.ts";
import { candidatesOf, hostOf, permanentOrigin, readOrigin } from "../https/origins.ts";
import type { Standing } from "../https/standing.ts";
import type { ServerPlatform } from "../platform.ts";
import type { RunningServer } from "../serve/start-server.ts";
import type { Finding } from "../snapshots/finding.ts";
import { type CommandArgs, textArg } from "./data-command.ts";
import { damaged, failed, finished, type Outcome } from "./outcome.ts";

/** What these commands need of a server's data: nothing of the shop's books. */
export interface HttpsContext {
  data: Pick<OpenFolder, "dir" | "catalogue">;
  platform: ServerPlatform;
  running?: RunningServer | undefined;
}

type HttpsCommand = (context: HttpsContext, args: CommandArgs) => Promise<Outcome>;

/** By the name under which the control socket knows them. */
export const httpsCommands: Readonly<Record<string, HttpsCommand>> = {
  "https create": async (context, args) => {
    const names = namesIn(args);
    if (!names) return failed("name-invalid", "A name is letters, digits, hyphens and dots.");
    const made = await keeperOf(context).create(names, { replace: args["replace"] === true });
    if (made.ok) return status(context, made.value);
    const { refusal } = made;
    return refusal.code === "already-there"
      ? failed(
          refusal.code,
          `${refusal.path} is there, and devices may trust it. With --replace a new one is made, which every device has to trust anew; the old one is kept beside it.`,
        )
      : failed(
          refusal.code,
          `${refusal.name} could be a top-level domain: an authority for it could vouch for anybody below it. Choose a name with a dot.`,
        );
  },

  "https status": async (context) => status(context, await keeperOf(context).look()),

  "https renew": async (context, args) => {
    const names = namesIn(args);
    if (!names) return failed("name-invalid", "A name is letters, digits, hyphens and dots.");
    const renewed = await keeperOf(context).renew(names);
    if (renewed.ok) return status(context, renewed.value);
    const { refusal } = renewed;
    switch (refusal.code) {
      case "no-authority":
        return failed(refusal.code, "There is no local authority in use: see `https create`.");
      case "not-permitted":
        return failed(
          refusal.code,
          `The authority may not vouch for ${refusal.name}; nothing was changed. \`https create --replace --name ${refusal.name}\` makes one that may, which every device has to trust anew.`,
        );
      case "damaged":
        return damaged({ error: refusal }, linesOf(refusal.trouble).join("\n"));
    }
  },

  "https use": async (context, args) => {
    const paths = { cert: textArg(args, "cert") ?? "", key: textArg(args, "key") ?? "" };
    const used = await keeperOf(context).use(paths);
    if (used.ok) return status(context, used.value);
    return used.refusal.code === "certificate-unreadable"
      ? failed(
          "certificate-unreadable",
          `${paths.cert} and ${paths.key} must both be readable PEM files that belong together; nothing was changed.`,
        )
      : failed(used.refusal.code, `${paths.cert} has ended; nothing was changed.`);
  },

  "https origin": async ({ data }) => {
    const origin = permanentOrigin(data.catalogue);
    return finished({ origin }, origin ?? "No address was chosen yet.");
  },

  "https origin set": async (context, args) => {
    const { catalogue } = context.data;
    const before = permanentOrigin(catalogue);
    const outcome = await chooseOrigin(context, textArg(args, "origin") ?? "");
    if (outcome.exit !== 0 || before === undefined || before === permanentOrigin(catalogue))
      return outcome;
    const moving = `Devices that use ${before} must move, one by one: Settings → Address of the app.`;
    return { ...outcome, text: `${outcome.text}\n${moving}` };
  },
};

async function chooseOrigin(context: HttpsContext, text: string): Promise<Outcome> {
  const { data, running } = context;
  const origin = readOrigin(text);
  if (origin === undefined)
    return failed(
      "origin-invalid",
      `${text} is no https address such as https://192.168.1.20:8443.`,
    );
  const keeper = keeperOf(context);
  if (running) {
    const chosen = await running.address.choose(origin);
    if (!chosen.ok) return failed(chosen.refusal, `Nothing was changed: ${chosen.refusal}.`);
  } else {
    await data.catalogue.update((kept) => {
      kept.origin = origin;
    });
  }
  const { leaf } = await keeper.look();
  const { certificates } = context.platform;
  const isCovered = leaf && certificates.covers(leaf.certificate, hostOf(origin));
  const note = isCovered
    ? []
    : [
        leaf
          ? "This server's certificate does not cover it: a proxy or tunnel must answer there."
          : "https is off here: `https create`, or let a proxy or tunnel answer there.",
      ];
  const said = [`Devices open the app at ${origin}.`, ...note];
  return finished({ origin, covered: isCovered === true }, said.join("\n"));
}

/** The running server's, or one for this command alone. */
function keeperOf({ data, platform, running }: HttpsContext): HttpsKeeper {
  if (running) return running.https;
  const chosenHost = () => {
    const origin = permanentOrigin(data.catalogue);
    return origin === undefined ? undefined : hostOf(origin);
  };
  return new HttpsKeeper({ ...platform, dir: data.dir, chosenHost });
}

function status(context: HttpsContext, standing: Standing): Outcome {
  const { data, running, platform } = context;
  const { kind, leaf, authority, own, names, trouble } = standing;
  const origin = permanentOrigin(data.catalogue);
  const facts = running?.address.facts();
  const candidates =
    facts?.candidates ?? candidatesOf(standing, platform.machine, httpsPortShown, []);
  const json = {
    kind,
    origin,
    join: facts?.join,
    certificate: leaf && {
      subject: leaf.facts.subject,
      from: new Date(leaf.facts.fromMs).toISOString(),
      until: new Date(leaf.facts.untilMs).toISOString(),
      hosts: leaf.facts.hosts,
    },
    authority: authority && {
      subject: authority.facts.subject,
      fingerprint: authority.facts.fingerprint,
      until: new Date(authority.facts.untilMs).toISOString(),
      names,
      pem: authority.certificate,
    },
    own,
    candidates,
    trouble,
  };
  if (trouble.length > 0) return damaged(json, linesOf(trouble).join("\n"));
  return finished(json, textOf(standing, { origin, join: facts?.join, candidates }));
}

/** Shown where no server runs that could say. */
const httpsPortShown = 8443;

function textOf(
  { kind, leaf, authority, own }: Standing,
  {
    origin,
    join,
    candidates,
  }: {
    origin: string | undefined;
    join: string | undefined;
    candidates: readonly { origin: string }[];
  },
): string {
  const until = leaf ? dateOf(leaf.facts.untilMs) : "";
  const lines = {
    off: [
      "https is off: `https create` makes a local authority, `https use` takes your own files.",
    ],
    local: [
      `local authority: ${authority?.facts.subject ?? ""}, until ${authority ? dateOf(authority.facts.untilMs) : ""}`,
      `SHA-256 fingerprint: ${authority?.facts.fingerprint ?? ""}`,
      `certificate until ${until}, renewed by itself; for ${leaf?.facts.hosts.join(", ") ?? ""}`,
    ],
    own: [
      `certificate ${own?.cert ?? ""}, until ${until}; for ${leaf?.facts.hosts.join(", ") ?? ""}`,
    ],
  }[kind];
  const chosen =
    origin === undefined
      ? kind === "off"
        ? []
        : [
            "No address was chosen yet: `https origin set <address>` with one of",
            ...candidates.map((each) => `  ${each.origin}`),
          ]
      : [`devices open the app at ${origin}`];
  const first = join === undefined ? [] : [`and first of all, to trust this server: ${join}`];
  return [...lines, ...chosen, ...first].join("\n");
}

const linesOf = (trouble: readonly Finding[]): string[] =>
  trouble.map(({ where, what }) => `${where} ${what}`);

/** @returns undefined when one of them is no DNS name */
function namesIn(args: CommandArgs): string[] | undefined {
  const given = args["name"];
  const names = (Array.isArray(given) ? given : []).map((name) => readDnsName(String(name)));
  return names.every((name) => name !== undefined) ? (names as string[]) : undefined;
}

export function describeHttps(
  program: Command,
  folder: string,
  onData: (name: string) => (args: CommandArgs) => Promise<void>,
): void {
  const names = (name: string, before: string[] = []): string[] => [...before, name];
  const https = program.command("https").description("certificates for the shop's network");
  https
    .command("create")
    .description("make an authority of this shop's own, which devices learn to trust")
    .option("--name <name>", "a domain name that devices will use; may be repeated", names)
    .option("--replace", "make a new one although devices may trust the one that is there")
    .action(onData("https create"));
  https
    .command("status")
    .description("what there is, what it covers, and until when")
    .action(onData("https status"));
  https
    .command("renew")
    .description("a new certificate of the same authority; happens by itself as well")
    .option("--name <name>", "cover this name too; may be repeated", names)
    .action(onData("https renew"));
  https
    .command("use")
    .description("take certificate files of your own, and look at them again every hour")
    .requiredOption("--cert <file>", "certificate chain, PEM")
    .requiredOption("--key <file>", "its private key, PEM")
    .action(({ cert, key }: { cert: string; key: string }) =>
      onData("https use")({ cert: resolve(folder, cert), key: resolve(folder, key) }),
    );
  const origin = https
    .command("origin")
    .description("the address under which devices open the app");
  origin
    .command("show", { isDefault: true })
    .description("which one was chosen")
    .action(onData("https origin"));
  origin
    .command("set <address>")
    .description("choose it; devices that use another one must move")
    .action((address: string) => onData("https origin set")({ origin: address }));
}
