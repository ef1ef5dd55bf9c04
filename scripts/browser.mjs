import { installPackages, isExecutable, mayInstall } from "./debian.mjs";

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
 * @returns {Promise<string>} its path
 */
export async function ensureBrowser() {
  const found = findBrowser();
  if (found) {
    await ensureCertutil();
    return found;
  }
  if (process.env.CHROMIUM_PATH)
    throw new Error(`no browser at CHROMIUM_PATH, ${process.env.CHROMIUM_PATH}`);
  if (mayInstall()) await installPackages(["chromium", "fonts-noto-cjk", certutil.package]);
  const installed = findBrowser();
  if (installed) return installed;
  throw new Error(
    "The tests drive a real browser, and none was found. Install Chromium or Chrome " +
      "(Debian: apt-get install chromium fonts-noto-cjk), or set CHROMIUM_PATH to its program.",
  );
}

/** With it a journey has its browser trust an authority; without it certificates are let through unchecked. */
const certutil = { program: "/usr/bin/certutil", package: "libnss3-tools" };

async function ensureCertutil() {
  if (!isExecutable(certutil.program) && mayInstall()) await installPackages([certutil.package]);
}
