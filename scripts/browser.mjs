import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { run } from "./run.mjs";

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** @returns {string | undefined} the browser of the journeys; CHROMIUM_PATH wins */
function findBrowser() {
  const named = process.env.CHROMIUM_PATH;
  return named ? [named].find(isExecutable) : places.find(isExecutable);
}

/**
 * The browser of the journeys, installed from Debian where that is possible.
 * @returns {string} its path
 */
export function ensureBrowser() {
  const found = findBrowser();
  if (found) {
    ensureCertutil();
    return found;
  }
  if (process.env.CHROMIUM_PATH)
    throw new Error(`no browser at CHROMIUM_PATH, ${process.env.CHROMIUM_PATH}`);
  if (mayInstall()) install(["chromium", "fonts-noto-cjk", certutil.package]);
  const installed = findBrowser();
  if (installed) return installed;
  throw new Error(
    "The tests drive a real browser, and none was found. Install Chromium or Chrome " +
      "(Debian: apt-get install chromium fonts-noto-cjk), or set CHROMIUM_PATH to its program.",
  );
}

/** With it a journey has its browser trust an authority; without it certificates are let through unchecked. */
const certutil = { program: "/usr/bin/certutil", package: "libnss3-tools" };

function ensureCertutil() {
  if (!isExecutable(certutil.program) && mayInstall()) install([certutil.package]);
}

/** @param {readonly string[]} packages of Debian */
function install(packages) {
  process.stderr.write(`Installing ${packages.join(", ")} (apt-get) …\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  run("apt-get", ["update", "-q"], { output: "on-failure", env });
  run("apt-get", ["install", "-yq", "--no-install-recommends", ...packages], {
    output: "on-failure",
    env,
  });
}

/** Ubuntu's chromium is a snap, which does not run everywhere: Debian only. */
const mayInstall = () =>
  process.getuid?.() === 0 &&
  existsSync("/etc/os-release") &&
  /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"));

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
