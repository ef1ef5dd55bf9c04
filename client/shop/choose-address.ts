import type { Signer } from "../../shared/journal/ports.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import { type AddressFacts, addressBytes, readAddressFacts } from "../../shared/sync/address.ts";
import {
  type ApiAnswer,
  problemCode,
  type ServerApi,
  Unreachable,
} from "../../shared/sync/server-api.ts";

const refusals = [
  "not-accepted",
  "too-many-tries",
  "origin-invalid",
  "not-covered",
  "https-failed",
] as const;

export type AddressFault = (typeof refusals)[number] | "no-key" | "offline" | "unexpected";
export type AddressAnswer = Result<AddressFacts, AddressFault>;

/** Reads about the address of the app; chooses another one where it is given. */
export type AskAddress = (origin?: string) => Promise<AddressAnswer>;

let owner: AskAddress | undefined;

/** What the page asks of the address, with the owner's key of this device; undefined in a tab that follows. */
export const ownersAddress = (): AskAddress | undefined => owner;

export function onAskAddress(ask: AskAddress): void {
  owner = ask;
}

/** For who has the set-up code, while there is no owner. */
export const askBySetupCode =
  (api: ServerApi, code: string): AskAddress =>
  (origin) => {
    const path = "/api/v1/setup/address";
    return answerOf(
      origin === undefined
        ? api.get(`${path}?code=${encodeURIComponent(code)}`)
        : api.post(path, { code, origin }),
    );
  };

/** @param signer the person's own key on this device */
export const askByKey =
  (api: ServerApi, org: string, signer: Signer | undefined): AskAddress =>
  async (origin) => {
    if (!signer) return refuse("no-key");
    return answerOf(
      (async () => {
        const { body } = await api.post("/api/v1/challenge", {});
        const challenge = String((body as { challenge?: unknown } | undefined)?.challenge);
        const signature = await signer.sign(addressBytes(org, challenge, origin ?? ""));
        const request = { challenge, key: signer.publicKey, signature };
        return api.post("/api/v1/address", origin === undefined ? request : { ...request, origin });
      })(),
    );
  };

async function answerOf(asked: Promise<ApiAnswer>): Promise<AddressAnswer> {
  try {
    const answer = await asked;
    const facts = answer.status === 200 ? readAddressFacts(answer.body) : undefined;
    if (facts) return done(facts);
    const code = problemCode(answer);
    return refuse(refusals.find((each) => each === code) ?? "unexpected");
  } catch (fault) {
    if (fault instanceof Unreachable) return refuse("offline");
    throw fault;
  }
}
