export type DeviceGuess = "ipad" | "iphone" | "android" | "windows" | "mac" | "other";

/** What kind of device this seems to be: a first proposal for its name. */
export function guessDevice({ userAgent, maxTouchPoints }: Navigator): DeviceGuess {
  if (/iPhone/.test(userAgent)) return "iphone";
  if (/iPad/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)) return "ipad";
  if (/Android/.test(userAgent)) return "android";
  if (/Windows/.test(userAgent)) return "windows";
  return /Macintosh/.test(userAgent) ? "mac" : "other";
}
