/** Why the app cannot run where it was opened; each has its own screen that says what to do. */
export type Impossible =
  | { why: "insecure" }
  | { why: "inApp"; app: string }
  | { why: "private" }
  | { why: "storage" }
  | { why: "full" }
  /** the shop's log of devices and people is damaged here, and the server cannot be asked for it */
  | { why: "logDamaged" }
  | { why: "old"; missing: string }
  | { why: "broken"; detail: string };

/** Looks at the browser before anything is opened. */
export function lookAtEnvironment(
  browser: Window & typeof globalThis = window,
): Impossible | undefined {
  const { navigator } = browser;
  const app = inAppBrowser(navigator.userAgent);
  if (app) return { why: "inApp", app };
  if (!browser.isSecureContext) return { why: "insecure" };
  const missing = missingIn(browser);
  if (missing) return { why: "old", missing };
  // Firefox takes service workers away in its private windows.
  if (!("serviceWorker" in navigator)) return { why: "private" };
  return undefined;
}

/** Browsers inside other apps clear their storage and have no service worker that lasts. */
export function inAppBrowser(userAgent: string): string | undefined {
  const known: readonly (readonly [RegExp, string])[] = [
    [/MicroMessenger/i, "微信"],
    [/\bQQ\/\d/i, "QQ"],
    [/DingTalk/i, "钉钉"],
    [/AlipayClient/i, "支付宝"],
    [/\bLark\/|Feishu/i, "飞书"],
    [/Weibo/i, "微博"],
    [/aweme|BytedanceWebview/i, "抖音"],
  ];
  return known.find(([pattern]) => pattern.test(userAgent))?.[1];
}

function missingIn(browser: Window & typeof globalThis): string | undefined {
  const { navigator, crypto } = browser;
  const needed: readonly (readonly [string, boolean])[] = [
    ["Web Crypto", crypto?.subtle !== undefined],
    ["Web Locks", navigator.locks !== undefined],
    ["BroadcastChannel", "BroadcastChannel" in browser],
    ["String.isWellFormed", "isWellFormed" in String.prototype],
    ["Array.findLast", "findLast" in Array.prototype],
    ["dialog", "HTMLDialogElement" in browser],
  ];
  return needed.find(([, there]) => !there)?.[0];
}

/** Safari and Firefox refuse the file system of a private window. */
export async function isPrivateWindow(storage: StorageManager): Promise<boolean> {
  if (!("getDirectory" in storage)) return false;
  try {
    await storage.getDirectory();
    return false;
  } catch (fault) {
    return fault instanceof DOMException && fault.name === "SecurityError";
  }
}
