import { type DataCommand, textArg } from "./data-command.ts";
import { failed, finished, type Outcome } from "./outcome.ts";

/** On the server: which device stands by for it, and where devices would find that one. */
const name: DataCommand = async ({ data, running }, args) => {
  const { relay, catalogue } = data;
  const wanted = textArg(args, "device") ?? "";
  const address = textArg(args, "address") ?? "";
  const origin = readAddress(address);
  if (origin === undefined) return noAddress(address);
  const device = [...(relay.authority?.devices.values() ?? [])].find(
    (each) => !each.closed && !each.server && (each.id === wanted || each.name === wanted),
  );
  if (!device) return failed("no-such-device", `There is no device ${wanted}: see \`status\`.`);
  if (device.till)
    return failed("is-a-till", `${device.name} is a till: a standby must not be one.`);
  await catalogue.update((kept) => {
    kept.standby = { device: device.id, origin };
  });
  running?.desk.tellAddresses();
  return finished(
    { device: device.id, origin },
    `${device.name} stands by at ${origin}; devices that are there know it now, others at their next contact.`,
  );
};

const forget: DataCommand = async ({ data, running }) => {
  await data.catalogue.update((kept) => {
    delete kept.standby;
  });
  running?.desk.tellAddresses();
  return finished({}, "No machine stands by any more.");
};

export const standbyCommands: Readonly<Record<string, DataCommand>> = {
  "standby name": name,
  "standby forget": forget,
};

/** @returns an http or https address as browsers write it, without a path */
export function readAddress(text: string): string | undefined {
  if (text.length > 300 || !URL.canParse(text)) return undefined;
  const { protocol, pathname, search, hash, username, origin } = new URL(text);
  const isBare = pathname === "/" && search + hash + username === "";
  return isBare && /^https?:$/.test(protocol) ? origin : undefined;
}

export const noAddress = (text: string): Outcome =>
  failed("address-invalid", `${text} is no address like https://192.168.1.21:8443.`);
