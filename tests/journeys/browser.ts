import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** Sizes at which people use it. */
export const sizes = {
  phone: { width: 390, height: 844 },
  tablet: { width: 820, height: 1180 },
  desktop: { width: 1366, height: 900 },
} as const;
export type Size = keyof typeof sizes;

export const browserArgs: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
    args: [...browserArgs],
  });

/** One browser profile: its own storage, as a device of its own. */
export async function openProfile(
  browser: Browser,
  {
    size = "tablet",
    dark = false,
    language = "zh-CN",
  }: { size?: Size; dark?: boolean; language?: string } = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: sizes[size],
    hasTouch: size !== "desktop",
    isMobile: size !== "desktop",
    colorScheme: dark ? "dark" : "light",
    locale: language,
    timezoneId: "Asia/Shanghai",
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(15_000);
  return context;
}

/** Fails the test on whatever the page itself would only write to its console. */
export function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !isNetwork(text)) errors.push(text);
  });
  return errors;
}

/** A cut network is what the test wants, and the browser says so on its console. */
const isNetwork = (text: string): boolean =>
  /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|Failed to load resource|WebSocket connection|net::/.test(
    text,
  );
