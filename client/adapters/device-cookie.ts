import type { FormerDevice } from "../shop/entrance.ts";

const yearSeconds = 365 * 24 * 60 * 60;

/**
 * Browsers that clear a site's storage often leave its cookies: so that a device that comes back empty
 * can say who it was. A name and an id, no secret.
 */
export function writeDeviceCookie({ id, name }: FormerDevice): void {
  keep(encodeURIComponent(JSON.stringify({ id, name: name.slice(0, 80) })), yearSeconds);
}

export function forgetDeviceCookie(): void {
  keep("", 0);
}

/** @returns undefined without such a cookie, or when it is not what we wrote */
export function readDeviceCookie(
  cookies = document.cookie,
  name = cookieName(),
): FormerDevice | undefined {
  const pair = cookies.split("; ").find((each) => each.startsWith(`${name}=`));
  return pair === undefined ? undefined : readDevice(pair.slice(name.length + 1));
}

function readDevice(text: string): FormerDevice | undefined {
  try {
    const value: unknown = JSON.parse(decodeURIComponent(text));
    const { id, name } = value as Partial<Record<keyof FormerDevice, unknown>>;
    const isOurs = typeof id === "string" && /^[a-z0-9]{1,32}$/.test(id);
    if (!isOurs || typeof name !== "string" || name.trim() === "") return undefined;
    return { id, name: name.slice(0, 80) };
  } catch {
    return undefined;
  }
}

/** Cookies know no ports, but storage does: a shop at another port of the host is another one. */
function cookieName(): string {
  const { protocol, port } = location;
  return `youbei-device-${protocol.slice(0, -1)}${port === "" ? "" : `-${port}`}`;
}

function keep(value: string, seconds: number): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is not there in every browser that we serve
  document.cookie = `${cookieName()}=${value}; Path=/; Max-Age=${seconds}; SameSite=Strict${secure}`;
}
