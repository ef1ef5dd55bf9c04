import { spawn } from "node:child_process";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Ubuntu's chromium is a snap, which does not run everywhere: Debian only. */
export const mayInstall = () =>
  process.getuid?.() === 0 &&
  existsSync("/etc/os-release") &&
  /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"));

/** @param {string} path */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether packages with services in them can be installed without any being started: in a container, whose
 * image forbids it, or on a machine that is there for tests only. Nobody's own machine gets an SSH server
 * because somebody ran tests on it.
 */
export const mayInstallServices = () =>
  mayInstall() && (process.env.CI === "true" || existsSync("/usr/sbin/policy-rc.d"));

/**
 * Installs packages, beside whatever else goes on.
 * @param {readonly string[]} packages
 * @returns {Promise<boolean>} whether all went well; what went wrong stands on stderr
 */
export function installPackages(packages) {
  process.stderr.write(`Installing ${packages.join(", ")} (apt-get) …\n`);
  const names = packages.join(" ");
  const script = `apt-get update -q && apt-get install -yq --no-install-recommends ${names}`;
  // Into a file: nobody reads a pipe while a check runs.
  const folder = mkdtempSync(join(tmpdir(), "youbei-apt-"));
  const log = join(folder, "log");
  const said = openSync(log, "w");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const child = spawn("sh", ["-c", script], { env, stdio: ["ignore", said, said] });
  return new Promise((resolve) => {
    /** @param {boolean} isDone */
    const end = (isDone) => {
      closeSync(said);
      if (!isDone) process.stderr.write(readFileSync(log));
      rmSync(folder, { recursive: true });
      resolve(isDone);
    };
    child.once("error", () => end(false));
    child.once("exit", (status) => end(status === 0));
  });
}
