import { fromBase64Url } from "../../shared/journal/bytes.ts";

/** Where the profile's own identity stands among the store's settings. */
export const identitySetting = "device.identity";

/** The recovery key, only from founding until two of its words were proved. */
export const cardSetting = "device.unproved-card";

export const readCard = (setting: string | undefined): Uint8Array | undefined =>
  setting === undefined ? undefined : fromBase64Url(setting);
