import { type JoinDevice, type JoinLanguage, joinDevices } from "./join-words.ts";

export interface JoinRequest {
  language: JoinLanguage;
  device: JoinDevice;
  /** whether `device` was chosen rather than guessed */
  isChosen: boolean;
  /** the browser inside WeChat */
  isWeChat: boolean;
  /** another browser than Safari, on an iPhone or iPad */
  isForeignOnIos: boolean;
}

/** What a browser says of itself, unless somebody chose otherwise. */
export function readJoinRequest({
  chosenDevice,
  chosenLanguage,
  userAgent,
  acceptLanguage,
}: {
  chosenDevice: string | undefined;
  chosenLanguage: string | undefined;
  userAgent: string;
  acceptLanguage: string;
}): JoinRequest {
  const chosen = joinDevices.find((device) => device === chosenDevice);
  const device = chosen ?? deviceOf(userAgent);
  const language: JoinLanguage =
    chosenLanguage === "zh" || chosenLanguage === "en"
      ? chosenLanguage
      : /^\s*($|zh)/i.test(acceptLanguage)
        ? "zh"
        : "en";
  return {
    language,
    device,
    isChosen: chosen !== undefined,
    isWeChat: /MicroMessenger/i.test(userAgent),
    isForeignOnIos: device === "ios" && /CriOS|FxiOS|EdgiOS|MQQBrowser|UCBrowser/.test(userAgent),
  };
}

/** An iPad calls itself a Mac; the page's script looks again. */
function deviceOf(userAgent: string): JoinDevice {
  if (/iPhone|iPad|iPod/.test(userAgent)) return "ios";
  if (/Android|HarmonyOS/.test(userAgent)) return "android";
  return /Macintosh|Mac OS X/.test(userAgent) ? "mac" : "windows";
}
