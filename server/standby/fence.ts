import { readAuthorityLog } from "../../shared/access/authority-log.ts";
import { compareLogs } from "../../shared/access/compare-logs.ts";
import type { Signatures } from "../../shared/journal/ports.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import type { Relay } from "../relay/relay.ts";

/** Why a server whose shop is another one's now takes nothing. */
const reason = "store-of-another-server";

/** Whether the recovery key has made another server of this shop: this one writes nothing more. */
export function isSuperseded(relay: Pick<Relay, "authority" | "device" | "trouble">): boolean {
  const { authority, device } = relay;
  return authority !== undefined && (authority.server !== device || relay.trouble() === reason);
}

/** From the moment at which its log says that another server was opened, a server takes nothing. */
export function fenceWhenSuperseded(
  relay: Pick<Relay, "authority" | "device" | "goReadOnly" | "listen">,
): void {
  const look = () => {
    if (relay.authority && relay.authority.server !== relay.device) relay.goReadOnly(reason);
  };
  look();
  relay.listen({ authorityGrew: look });
}

/**
 * What the new server shows to the old one: the log in which the recovery key closes it. Where the old
 * one has written entries of its own since, its log stays as it is and only the fence stands.
 */
export async function hearOfSuccessor(
  relay: Relay,
  entries: readonly string[],
  signatures: Signatures,
): Promise<Result<void, string>> {
  const { authority, device } = relay;
  if (!authority) return refuse("not-founded");
  if (isSuperseded(relay)) return done(undefined);
  const log = await readAuthorityLog(entries, signatures);
  if (!log.ok) return refuse("not-accepted");
  const { standing, common } = compareLogs(authority, log.value);
  const isClosed = log.value.devices.get(device)?.closed !== undefined;
  if (!isClosed || log.value.term <= authority.term) return refuse("not-accepted");
  if (standing === "longer")
    return relay.log.take(authority.heads[common - 1] ?? "", entries.slice(common));
  if (standing !== "superseding") return refuse("not-accepted");
  relay.goReadOnly(reason);
  return done(undefined);
}
