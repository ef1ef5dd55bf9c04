import type { AuthorityProposal } from "../../../shared/access/authority-entry.ts";
import type { Device } from "../../../shared/access/authority-state.ts";
import { newPairingCode, pairingSigner } from "../../../shared/access/pairing-code.ts";

const goodForMs = 30 * 60 * 1000;

const random = {
  bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
};

/** A code with which a device joins again somewhere else, as its own successor. */
export interface MovingCode {
  code: string;
  /** the invitation's key */
  invitation: string;
  expiresMs: number;
}

/** The same rights, the same person, the same store: only the address is another one. */
export function inviteSuccessor(
  { id, store, ceiling, till, staff }: Device,
  nowMs: number,
): { made: MovingCode; proposal: AuthorityProposal } {
  const code = newPairingCode(random);
  const key = pairingSigner(code).publicKey;
  const expires = nowMs + goodForMs;
  return {
    made: { code, invitation: key, expiresMs: expires },
    proposal: {
      kind: "DeviceInvited",
      body: {
        key,
        store,
        ceiling: ceiling === "system" ? "cashier" : ceiling,
        till,
        ...(staff === undefined ? {} : { staff }),
        replaces: id,
        expires,
      },
    },
  };
}
