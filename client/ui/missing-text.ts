import type { TFunction } from "i18next";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import { deviceOfChain } from "../../shared/journal/operation.ts";
import type { Missing } from "../../shared/replica/witness.ts";

export interface Telling {
  t: TFunction;
  tell: TFunction<"safety">;
  authority: AuthorityState;
}

const listedMax = 3;

/** By device name and number; a long list is cut, and says so. */
export function missingText(missing: readonly Missing[], { t, tell, authority }: Telling): string {
  const listed = missing.slice(0, listedMax).map(({ chain, from, to }) => {
    const known = authority.devices.get(deviceOfChain(chain));
    const device = known?.server
      ? t("receipt.savedServer")
      : (known?.name ?? t("ledger.unknownDevice"));
    return from === to
      ? tell("identity.missingOne", { device, from })
      : tell("identity.missingRange", { device, from, to });
  });
  const more = missing.length - listed.length;
  if (more > 0) listed.push(tell("identity.missingMore", { n: missing.length }));
  return listed.join(tell("identity.comma"));
}
