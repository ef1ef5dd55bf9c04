import * as z from "zod/mini";
import type { AuthorityProposal } from "../access/authority-entry.ts";
import { appendEntry } from "../access/authority-log.ts";
import type { AuthorityState } from "../access/authority-state.ts";
import { newPairingCode, type PairingCode, pairingSigner } from "../access/pairing-code.ts";
import { type RecoveryKey, recoveryPublic, recoverySigner } from "../access/recovery-key.ts";
import { type AuthorityKey, signEntry } from "../access/sign-entry.ts";
import type { Clock, RandomSource, Signatures, Signer } from "../journal/ports.ts";
import { assert } from "../outcome/assert.ts";
import { done, type Result, refuse } from "../outcome/result.ts";
import { problemCode, type ServerApi } from "../sync/server-api.ts";
import type { Enrolled } from "./enrol-device.ts";
import { newId } from "./new-id.ts";

export interface OrganisationNames {
  name: string;
  timeZone: string;
  storeName: string;
  ownerName: string;
}

export interface FoundingTools {
  random: RandomSource;
  clock: Clock;
  signatures: Signatures;
}

/** Builds the first entries of an authority log, each checked as a replica would. */
class Founding {
  readonly texts: string[] = [];
  #state: AuthorityState | undefined;
  readonly #tools: FoundingTools;
  readonly #org: string;

  constructor(tools: FoundingTools) {
    this.#tools = tools;
    this.#org = newId(tools.random, 16);
  }

  async add(proposal: AuthorityProposal, keys: readonly AuthorityKey[]): Promise<void> {
    const after = this.#state ?? { org: this.#org };
    const text = await signEntry(after, proposal, keys, this.#tools.clock.nowMs());
    const appended = await appendEntry(this.#state, text, this.#tools.signatures);
    assert(appended.ok, "a founding entry is good");
    this.#state = appended.value;
    this.texts.push(text);
  }

  get org(): string {
    return this.#org;
  }
}

const foundingBody = (
  names: OrganisationNames,
  recovery: RecoveryKey,
  owner: { staff: string; key?: string | undefined },
  server: { device: string; key: string },
  store: string,
): AuthorityProposal => ({
  kind: "OrganisationFounded",
  body: {
    name: names.name.trim(),
    timeZone: names.timeZone,
    recovery: recoveryPublic(recovery),
    owner: { staff: owner.staff, name: names.ownerName.trim(), key: owner.key },
    server,
    store: { id: store, name: names.storeName.trim() },
    term: 1,
    fold: 1,
  },
});

/** What a new server is to be called in the first entry of the log. */
const setupAnswer = z.object({
  server: z.object({
    device: z.string().check(z.regex(/^[a-z0-9]{1,32}$/)),
    key: z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)),
  }),
});

export type FoundingFault = "not-accepted" | "too-many-tries" | "already-founded" | "unexpected";

/** From the owner's browser: founds the organisation on a new server and enrols this device. */
export async function foundOrganisation(
  deps: FoundingTools &
    OrganisationNames & {
      api: ServerApi;
      setupCode: string;
      deviceName: string;
      till: boolean;
      recovery: RecoveryKey;
      deviceSigner: Signer;
      ownerSigner: Signer;
    },
): Promise<Result<Enrolled, FoundingFault>> {
  const code = encodeURIComponent(deps.setupCode.trim());
  const asked = await deps.api.get(`/api/v1/setup?code=${code}`);
  const { data } = setupAnswer.safeParse(asked.body);
  if (asked.status !== 200 || !data) return refuse(faultOf(problemCode(asked)));
  const { server } = data;
  const { random, recovery, deviceSigner, ownerSigner, deviceName, till } = deps;
  const [staff, device, store] = [newId(random), newId(random), newId(random, 4)];
  const founding = new Founding(deps);
  const owner = { staff, key: ownerSigner.publicKey };
  const recoveryKey = { by: "recovery", signer: recoverySigner(recovery) };
  await founding.add(foundingBody(deps, recovery, owner, server, store), [recoveryKey]);
  const enrolment: AuthorityProposal = {
    kind: "DeviceEnrolled",
    body: {
      device,
      name: deviceName.trim().slice(0, 80) || device,
      key: deviceSigner.publicKey,
      store,
      ceiling: "owner",
      till,
      staff,
    },
  };
  await founding.add(enrolment, [recoveryKey]);
  const entries = founding.texts;
  const answer = await deps.api.post("/api/v1/setup", { code: deps.setupCode.trim(), entries });
  if (answer.status !== 200) return refuse(faultOf(problemCode(answer)));
  return done({ identity: { org: founding.org, device, store }, staff, authority: entries });
}

/** From the server's command line: founds the organisation and invites the owner's first device. */
export async function foundFromServer(
  deps: FoundingTools &
    OrganisationNames & {
      recovery: RecoveryKey;
      server: { device: string; key: string };
      till: boolean;
      /** how long the owner has to pair, milliseconds */
      inviteMs: number;
    },
): Promise<{ entries: string[]; code: PairingCode }> {
  const { random, clock, recovery, server, till, inviteMs } = deps;
  const [staff, store] = [newId(random), newId(random, 4)];
  const founding = new Founding(deps);
  const recoveryKey = { by: "recovery", signer: recoverySigner(recovery) };
  await founding.add(foundingBody(deps, recovery, { staff }, server, store), [recoveryKey]);
  const code = newPairingCode(random);
  const key = pairingSigner(code).publicKey;
  const expires = clock.nowMs() + inviteMs;
  const invitation = { key, store, ceiling: "owner", till, staff, expires } as const;
  await founding.add({ kind: "DeviceInvited", body: invitation }, [recoveryKey]);
  return { entries: founding.texts, code };
}

const faultOf = (code: string): FoundingFault =>
  code === "too-many-tries" || code === "already-founded" || code === "unexpected"
    ? code
    : "not-accepted";
