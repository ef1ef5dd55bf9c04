import { resolve } from "node:path";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { StoreFault } from "../../shared/replica/ports.ts";
import { DataUnavailable } from "../data/data-lock.ts";
import { type DataPlace, openData, openFolder } from "../data/open-data.ts";
import type { ServerPlatform } from "../platform.ts";
import type { StopSignals } from "../serve/stop-signals.ts";
import { describeApprovals } from "./approve-command.ts";
import { describeBackups } from "./backup-commands.ts";
import type { ControlSocket } from "./control-socket.ts";
import type { CommandArgs } from "./data-command.ts";
import { dataCommands } from "./data-commands.ts";
import { describeHttps, httpsCommands } from "./https-command.ts";
import { absoluteFrom } from "./import-command.ts";
import { listenFault } from "./listen-fault.ts";
import { failed, misused, type Outcome } from "./outcome.ts";
import { describePrune } from "./prune-command.ts";
import { recover } from "./recover-command.ts";
import { describeRecoveryKey } from "./recovery-key-command.ts";
import { replicaCommands } from "./replica-commands.ts";
import { describeRescue } from "./rescue-commands.ts";
import { type ReadyFacts, type ServeSettings, serve } from "./serve-command.ts";
import { describeRestore } from "./snapshot-restore-command.ts";
import { describeStandby } from "./standby-command.ts";
import { describeTargets } from "./target-commands.ts";
import { verifyCommand } from "./verify-command.ts";

export interface ProgramDeps {
  platform: ServerPlatform;
  control: ControlSocket;
  signals: StopSignals;
  env: Readonly<Record<string, string | undefined>>;
  folder: string;
  /** all of standard input */
  typed(): Promise<string>;
  out(text: string): void;
  err(text: string): void;
}

interface GlobalOptions {
  json?: boolean;
  data?: string;
  snapshots?: string;
}

/** `youbei <command>`; @returns the exit code */
export async function runProgram(args: readonly string[], deps: ProgramDeps): Promise<number> {
  const program = new Command("youbei");
  let outcome: Outcome | undefined;
  const settle = (made: Outcome) => {
    outcome = made;
  };
  describe(program, deps, settle);
  const isJson = args.includes("--json");
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      outcome = misused(isJson ? error.message : "");
    } else outcome = outcomeOf(error);
  }
  return show(outcome ?? misused("Name a command; --help lists them."), isJson, deps);
}

function show({ exit, json, text }: Outcome, isJson: boolean, deps: ProgramDeps): number {
  if (isJson) {
    if (json !== undefined) deps.out(`${JSON.stringify(json)}\n`);
  } else if (text !== "") (exit === 0 ? deps.out : deps.err)(`${text}\n`);
  return exit;
}

/** What the world refused is told in its own words; anything else is our mistake. */
function outcomeOf(error: unknown): Outcome {
  if (error instanceof DataUnavailable) return failed(error.code, error.message);
  if (error instanceof StoreFault) return failed(`store-${error.reason}`, error.message);
  const message = error instanceof Error ? error.message : String(error);
  return listenFault(error) ?? failed("failed", message);
}

function describe(program: Command, deps: ProgramDeps, settle: (outcome: Outcome) => void): void {
  const { env } = deps;
  program
    .description("有备 Youbei: a membership system for shops that cannot lose its customers' data")
    .option("--json", "print one JSON document; logs go to stderr")
    .option("--data <folder>", "data folder", env["YOUBEI_DATA"] ?? "./.youbei")
    .option("--snapshots <folder>", "folder of the snapshots", env["YOUBEI_SNAPSHOTS"])
    .version(deps.platform.version)
    .exitOverride()
    .configureOutput({
      writeOut: deps.out,
      writeErr: (text) => {
        if (!program.opts<GlobalOptions>().json) deps.err(text);
      },
    });
  const place = () => {
    const { data = "./.youbei", snapshots } = program.opts<GlobalOptions>();
    return { dir: data, snapshots };
  };
  const isJson = () => program.opts<GlobalOptions>().json === true;
  const onData = (name: string) => async (args: CommandArgs) =>
    settle(await runOnData(name, args, place(), deps));

  serving(program.command("serve"), env)
    .description("serve the app and its data until stopped")
    .action(async (options: ListenOptions) =>
      settle(
        await serve(serveSettings(place(), options, deps), {
          ...deps,
          onReady: ready(isJson(), deps),
        }),
      ),
    );

  program
    .command("init")
    .description("found an organisation without a browser; prints the recovery key once")
    .requiredOption("--org <name>", "name of the organisation")
    .requiredOption("--store <name>", "name of its first store")
    .requiredOption("--owner <name>", "name of the owner")
    .option("--time-zone <zone>", "time zone of the shop", "Asia/Shanghai")
    .option("--no-till", "the owner's first device is no till")
    .action(onData("init"));
  program.command("status").description("health, devices, copies").action(onData("status"));
  program
    .command("state-hash")
    .description("labelled hash of the folded state, counts, trial balance")
    .action(onData("state-hash"));

  program
    .command("verify")
    .description("read the whole live store back and name what is damaged")
    .action(onData("verify"));
  describeSnapshots(program, onData);
  describeRestore(program, onData);
  serving(program.command("recover"), env)
    .description("make a new server of whatever there is: several sources are united")
    .requiredOption("--recovery-key-file <file>", "file with the twelve words; - for typing them")
    .option("--snapshot <id>", "which version", "newest")
    .option(
      "--backup <place>",
      "from a folder with backups, or a file with a target's settings; may be given again",
      (place: string, before: string[]) => [...before, place],
      [],
    )
    .option("--point <id>", "which point of a single place with backups", "newest")
    .option("--rescue <file...>", "from rescue files")
    .option("--devices [seconds]", "wait for devices too, at most so long; then serve", readSeconds)
    .option("--empty", "from nothing: serve, and let the first device bring the rest")
    .option("--move-aside", "keep a live store that is there beside the new one")
    .action(async (options: ListenOptions & RecoverOptions) =>
      settle(
        await recover(
          {
            ...serveSettings(place(), options, deps),
            keyFile: options.recoveryKeyFile,
            typed: deps.typed,
            snapshot: options.snapshot,
            rescue: (options.rescue ?? []).map((file) => resolve(deps.folder, file)),
            backup: options.backup.map((place) => resolve(deps.folder, place)),
            withSnapshots: program.getOptionValueSource("snapshots") === "cli",
            devicesMost: options.devices === true ? devicesSeconds : options.devices,
            point: options.point,
            empty: options.empty === true,
            moveAside: options.moveAside === true,
          },
          { ...deps, onReady: ready(isJson(), deps) },
        ),
      ),
    );

  const imports = program
    .command("import")
    .description("land an old system's members and purchases as one batch")
    .option("--members <file>", "members file")
    .option("--purchases <file>", "purchases file")
    .option("--staff <name>", "owner in whose name it is done")
    .option("--mapping <json>", "columns by file, where they are not guessed right")
    .option("--dry-run", "say what would be done")
    .action(async (options: CommandArgs) => onData("import")(absoluteFrom(deps.folder, options)));
  imports
    .command("undo <batch>")
    .description("take a whole import back")
    .requiredOption("--reason <text>", "why")
    .option("--staff <name>", "owner in whose name it is done")
    .action(async (batch: string, options: CommandArgs) =>
      onData("import undo")({ ...imports.opts(), ...options, batch }),
    );
  describeHttps(program, deps.folder, onData);
  describeRescue(program, deps.folder, onData);
  describeTargets(program, deps, onData);
  describeBackups(program, deps, settle, onData);
  describePrune(program, onData);
  describeApprovals(program, deps.folder, onData);
  describeRecoveryKey(program, deps.folder, onData);
  describeReplica(program, deps, () => place().dir, settle);
  describeStandby(program, {
    serving: (command) => serving(command, env),
    settings: (options) => serveSettings(place(), options, deps),
    deps: { ...deps, onReady: (facts) => ready(isJson(), deps)(facts) },
    settle,
    onData,
    folder: deps.folder,
  });
}

interface ListenOptions {
  host: string;
  port: number;
  httpsHost?: string;
  httpsPort: number;
}

interface RecoverOptions {
  recoveryKeyFile: string;
  snapshot: string;
  rescue?: string[];
  backup: string[];
  devices?: number | true;
  point: string;
  empty?: boolean;
  moveAside?: boolean;
}

const serving = (command: Command, env: ProgramDeps["env"]): Command =>
  command
    .option("--host <address>", "address to listen on", env["YOUBEI_HOST"] ?? "127.0.0.1")
    .option("--port <number>", "port; 0 for any", readPort, readPort(env["YOUBEI_PORT"] ?? "8787"))
    .option(
      "--https-host <address>",
      "address for https and the join page; all of them without it",
      env["YOUBEI_HTTPS_HOST"],
    )
    .option(
      "--https-port <number>",
      "port for https, once it is on",
      readPort,
      readPort(env["YOUBEI_HTTPS_PORT"] ?? "8443"),
    );

function describeSnapshots(
  program: Command,
  onData: (name: string) => (args: CommandArgs) => Promise<void>,
): void {
  const snapshot = program.command("snapshot").description("versions of everything");
  snapshot
    .command("create")
    .description("take a version now")
    .option("--reason <text>", "why, for people")
    .action(onData("snapshot create"));
  snapshot
    .command("list")
    .description("all versions, oldest first")
    .option("--rebuild", "make the list anew from the manifests")
    .action(onData("snapshot list"));
  snapshot
    .command("show <id>")
    .description("what a version holds; `newest` for the last")
    .action((id: string) => onData("snapshot show")({ id }));
  snapshot
    .command("verify [id]")
    .description(
      "read a version back, rebuild everything from it alone, and compare; `all` for all",
    )
    .action((id: string | undefined) => onData("snapshot verify")({ id }));
  snapshot
    .command("diff <first> [second]")
    .description("what changed between two versions, and who did it; the second may be `live`")
    .action((first: string, second: string | undefined) =>
      onData("snapshot diff")({ first, second }),
    );
  snapshot
    .command("thin")
    .description("take away what is kept by time no longer, as the server does once a day")
    .option("--dry-run", "say what would go")
    .action(onData("snapshot thin"));
}

function describeReplica(
  program: Command,
  { platform, signals }: ProgramDeps,
  dir: () => string,
  settle: (outcome: Outcome) => void,
): void {
  const replica = program.command("replica").description("a device without a screen, in a folder");
  const act = (name: string) => async (args: CommandArgs) =>
    settle(
      (await replicaCommands[name]?.({ platform, signals, dir: dir() }, args)) ?? misused(name),
    );
  replica
    .command("join")
    .description("pair an empty folder with a server")
    .requiredOption("--server <url>", "the server's address")
    .requiredOption("--code <code>", "pairing code")
    .option("--name <name>", "how people will know this device")
    .action(act("join"));
  replica.command("run").description("stay connected").action(act("run"));
  replica
    .command("do <command>")
    .description("do a command given as JSON; prints the resulting operations")
    .option("--staff <name>", "who does it")
    .option("--offline", "do not try to reach the server")
    .action(async (command: string, options: CommandArgs) => act("do")({ ...options, command }));
  replica.command("sync").description("connect until everything is exchanged").action(act("sync"));
  replica.command("state-hash").description("labelled state hash").action(act("state-hash"));
  replica
    .command("export")
    .description("write all documents as Yjs updates")
    .requiredOption("--out <folder>", "new folder")
    .action(act("export"));
  replica
    .command("rescue")
    .description("write everything that is here into one rescue file")
    .requiredOption("--out <file>", "file to write")
    .action(act("rescue"));
  replica
    .command("take-rescue <file>")
    .description("take from a rescue file what is missing here")
    .action(async (file: string) => act("take-rescue")({ file }));
}

/** In the process that serves the folder if there is one, else here. */
async function runOnData(
  name: string,
  args: CommandArgs,
  place: DataPlace,
  { control, platform }: ProgramDeps,
): Promise<Outcome> {
  const answered = await control.ask(place.dir, name, args);
  if (answered) return answered;
  if (name === "verify") {
    const folder = await openFolder(place, platform);
    return verifyCommand({ data: folder, platform }).finally(() => folder.close());
  }
  const https = httpsCommands[name];
  if (https) {
    const folder = await openFolder(place, platform);
    return https({ data: folder, platform }, args).finally(() => folder.close());
  }
  const data = await openData(place, platform);
  try {
    return (await dataCommands[name]?.({ data, platform }, args)) ?? misused(name);
  } finally {
    await data.close();
  }
}

function serveSettings(
  { dir, snapshots }: DataPlace,
  { host, port, httpsHost, httpsPort }: ListenOptions,
  { env }: ProgramDeps,
): ServeSettings {
  return {
    dir,
    snapshots,
    host,
    port,
    https: { host: httpsHost, port: httpsPort },
    certPath: env["YOUBEI_TLS_CERT"] || undefined,
    keyPath: env["YOUBEI_TLS_KEY"] || undefined,
    origins: (env["YOUBEI_ORIGINS"] ?? "").split(/[\s,]+/).filter((origin) => origin !== ""),
  };
}

const ready =
  (isJson: boolean, { out }: ProgramDeps) =>
  (facts: ReadyFacts) => {
    if (isJson) {
      out(`${JSON.stringify({ ...facts, recovered: facts.recovered?.json })}\n`);
      return;
    }
    out(`有备 Youbei: ${facts.url}\n`);
    if (facts.origin !== undefined) out(`平板和手机 tablets and phones: ${facts.origin}\n`);
    if (facts.join !== undefined) out(`第一次先打开 before the first time: ${facts.join}\n`);
    if (facts.fingerprint !== undefined) out(`证书指纹 SHA-256: ${facts.fingerprint}\n`);
    if (facts.recovered !== undefined) out(`${facts.recovered.text}\n`);
    if (facts.setupCode !== undefined) out(`设置码 set-up code (one use): ${facts.setupCode}\n`);
  };

/** How long `recover` waits for devices when nobody says. */
const devicesSeconds = 60;

function readSeconds(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError("a number of seconds");
  return Number(text);
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError("not a port");
  return port;
}
