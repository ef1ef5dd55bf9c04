import { readEntry } from "../../shared/access/authority-entry.ts";
import { newRecoveryKey, recoveryWords } from "../../shared/access/recovery-key.ts";
import { foundFromServer } from "../../shared/replica/found-organisation.ts";
import { faultOfFounding } from "../api/setup-routes.ts";
import { type DataCommand, textArg } from "./data-command.ts";
import { failed, finished } from "./outcome.ts";

/** The owner has a day to pair the first device. */
const inviteMs = 24 * 60 * 60 * 1000;

/** Founds an organisation without a browser; the recovery key is shown this once. */
export const initCommand: DataCommand = async ({ data, platform }, args) => {
  const { relay, identity } = data;
  if (relay.authority)
    return failed("already-founded", `This folder already holds ${relay.authority.name}.`);
  const { clock, random, signatures } = platform;
  const recovery = newRecoveryKey(random);
  const server = { device: identity.device, key: identity.signer.publicKey };
  const names = {
    name: textArg(args, "org")?.trim() ?? "",
    storeName: textArg(args, "store")?.trim() ?? "",
    ownerName: textArg(args, "owner")?.trim() ?? "",
    timeZone: textArg(args, "timeZone") ?? "Asia/Shanghai",
  };
  for (const [what, text] of Object.entries(names))
    if (text === "" || text.length > 80)
      return failed("name-invalid", `${what} needs 1 to 80 characters`);
  const { entries, code } = await foundFromServer({
    clock,
    random,
    signatures,
    ...names,
    recovery,
    server,
    till: args["till"] !== false,
    inviteMs,
  });
  const fault = await faultOfFounding(entries, { server, signatures });
  if (fault) return failed("malformed", fault);
  const founded = await relay.found(entries);
  if (!founded.ok) return failed(founded.refusal, `Nothing was written: ${founded.refusal}.`);
  const words = { zh: recoveryWords(recovery, "zh"), en: recoveryWords(recovery, "en") };
  const json = {
    organisation: { id: readEntry(entries[0] ?? "")?.org, name: names.name },
    server: identity.device,
    recoveryKey: words,
    pairingCode: code,
    pairingExpires: new Date(clock.nowMs() + inviteMs).toISOString(),
  };
  return finished(
    json,
    [
      `${names.name} is founded.`,
      "",
      "Recovery key: write it down and keep it away from this machine. It is not shown again.",
      `  ${words.zh.join(" ")}`,
      `  ${words.en.join(" ")}`,
      "",
      `Pairing code for the owner's first device, good for 24 hours: ${code}`,
    ].join("\n"),
  );
};
