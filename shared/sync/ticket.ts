import { utf8 } from "../journal/bytes.ts";

/** A ticket opens one socket, within this time. */
export const ticketMsMax = 60_000;

/** What a device signs to get tickets: the server's one-use challenge, bound to who asks and for what. */
export const ticketBytes = (
  org: string,
  device: string,
  challenge: string,
): Uint8Array<ArrayBuffer> => utf8(`youbei-ticket-v1\n${org}\n${device}\n${challenge}`);

/** What a pairing device (by its invitation's key) or the recovery key signs to read the log. */
export const pairingBytes = (challenge: string): Uint8Array<ArrayBuffer> =>
  utf8(`youbei-pairing-v1\n${challenge}`);

/** What a recovering server signs with the recovery key, so that devices know it is the owner's. */
export const recoveryProofBytes = (org: string, nonce: string): Uint8Array<ArrayBuffer> =>
  utf8(`youbei-recovery-v1\n${org}\n${nonce}`);
