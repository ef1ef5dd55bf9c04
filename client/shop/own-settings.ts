import { fromBase64Url } from "../../shared/journal/bytes.ts";
import type { ShopIdentity } from "./shop.ts";

/** Where the profile's own identity stands among the store's settings. */
export const identitySetting = "device.identity";

/** Who this profile is, as its store keeps it. */
export interface OwnIdentity extends ShopIdentity {
  /** name of the device's key in the profile, once it is not the first */
  keyName?: string | undefined;
}

/** Set from the moment a device asks to be enrolled until it knows that it is. */
export const joiningSetting = "device.joining";

/** The shop's recovery key, its public half: what a log that was lost must begin with again. */
export const rootSetting = "device.root";

/** The recovery key, only from founding until two of its words were proved. */
export const cardSetting = "device.unproved-card";

export const readCard = (setting: string | undefined): Uint8Array | undefined =>
  setting === undefined ? undefined : fromBase64Url(setting);
