import type { AuthorityState } from "../../shared/access/authority-state.ts";
import type { PairingCode } from "../../shared/access/pairing-code.ts";
import {
  newRecoveryKey,
  readRecoveryWords,
  recoverySigner,
} from "../../shared/access/recovery-key.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import { toBase64Url } from "../../shared/journal/bytes.ts";
import type { Clock, RandomSource, Signatures, Signer } from "../../shared/journal/ports.ts";
import { done, type Result, refuse } from "../../shared/outcome/result.ts";
import {
  type EnrolFault,
  type Enrolled,
  enrolByCode,
  enrolByRecovery,
} from "../../shared/replica/enrol-device.ts";
import { type FoundingFault, foundOrganisation } from "../../shared/replica/found-organisation.ts";
import { type ReplicaStore, StoreFault } from "../../shared/replica/ports.ts";
import { askStanding, type RefillStanding } from "../../shared/replica/refill-server.ts";
import { askMode, readLog, type ServerMode } from "../../shared/replica/server-contact.ts";
import { type ServerApi, Unreachable } from "../../shared/sync/server-api.ts";
import { type AskAddress, askBySetupCode } from "./choose-address.ts";
import { cardSetting, identitySetting, joiningSetting, readCard } from "./own-settings.ts";
import { quietly } from "./refill.ts";
import type { ShopIdentity } from "./shop.ts";

export type WorldFault = "unreachable" | "store-full" | "store-refused" | "store-broken";
export type EntranceFault = FoundingFault | EnrolFault | WorldFault;

export interface FoundingForm {
  setupCode: string;
  name: string;
  storeName: string;
  ownerName: string;
  deviceName: string;
  till: boolean;
}

/** What a browser remembers of the device that it was before its data was cleared. */
export interface FormerDevice {
  id: string;
  name: string;
}

/** A shop that arrives on a new server; `state` once all of it is here, as far as anybody sees. */
export interface Refilled extends RefillStanding {
  shop: string;
}

/** How a device that is nobody yet becomes one of a shop's. */
export interface Entrance {
  /** set when this browser was a device already, whose data is gone */
  readonly before: FormerDevice | undefined;
  mode(): Promise<ServerMode | "unreachable">;
  /** the address of the app, for who has the set-up code */
  address(code: string): AskAddress;
  /**
   * What a device has brought to this new server so far, for who has its code; undefined before.
   * @param before how much it was at the last look: figures are asked for once it stands still
   */
  refilled(code: PairingCode, before: number): Promise<Refilled | undefined>;
  /** goes on where it was interrupted after the server had it; true when the device is enrolled */
  resume(): Promise<boolean>;
  found(form: FoundingForm): Promise<Result<void, EntranceFault>>;
  enrolByCode(code: string, deviceName: string): Promise<Result<void, EntranceFault>>;
  /** reads the log with the recovery card: which devices there are to replace */
  openByCard(words: string): Promise<Result<AuthorityState, EntranceFault>>;
  enrolByCard(
    words: string,
    deviceName: string,
    chosen: { replaces?: string | undefined; till: boolean },
  ): Promise<Result<void, EntranceFault>>;
}

export function createEntrance(deps: {
  api: ServerApi;
  store: ReplicaStore;
  clock: Clock;
  random: RandomSource;
  signatures: Signatures;
  deviceSigner: () => Promise<Signer>;
  personSigner: () => Promise<Signer>;
  timeZone: string;
  before: FormerDevice | undefined;
  /** the device is enrolled and its store holds the authority log */
  onEnrolled: (how: "founded" | "joined") => void;
}): Entrance {
  const { api, store, random, clock, signatures } = deps;
  const tools = { api, random, clock, signatures };
  const keep = async (enrolled: Enrolled, how: "founded" | "joined"): Promise<void> => {
    const identity: ShopIdentity = { ...enrolled.identity, staff: enrolled.staff };
    await store.commit({
      append: [{ name: authorityDocument, from: 0, elements: enrolled.authority }],
      settings: { [identitySetting]: JSON.stringify(identity), [joiningSetting]: undefined },
    });
    deps.onEnrolled(how);
  };
  const unprovedCard = async () => readCard((await store.load()).settings[cardSetting]);
  /** The answer may get lost: the server's log says whether this device is in it. */
  const resume = async (): Promise<boolean> => {
    const entropy = await unprovedCard();
    const isJoining = (await store.load()).settings[joiningSetting] !== undefined;
    if (!entropy && !isJoining) return false;
    const signer = entropy ? recoverySigner({ entropy }) : await deps.deviceSigner();
    const log = await readLog(api, signer, signatures);
    if (!log.ok) return false;
    const { publicKey } = await deps.deviceSigner();
    const { state, texts } = log.value;
    const self = [...state.devices.values()].find(
      ({ key, closed }) => key === publicKey && !closed,
    );
    if (!self) return false;
    const identity = { org: state.org, device: self.id, store: self.store };
    await keep({ identity, staff: self.staff, authority: texts }, entropy ? "founded" : "joined");
    return true;
  };
  const signers = async () => ({
    deviceSigner: await deps.deviceSigner(),
    staffSigner: await deps.personSigner(),
  });
  return {
    before: deps.before,
    async mode() {
      try {
        const asked = await askMode(api);
        return asked.ok ? asked.value : "unreachable";
      } catch (fault) {
        if (fault instanceof Unreachable) return "unreachable";
        throw fault;
      }
    },
    resume: () => resume().catch(() => false),
    found: (form) =>
      inWords(async () => {
        const { deviceSigner, staffSigner: ownerSigner } = await signers();
        const { timeZone } = deps;
        // On the disk before the server hears of it: a shop must never be without its key.
        const known = await unprovedCard();
        const recovery = known ? { entropy: known } : newRecoveryKey(random);
        await store.commit({ settings: { [cardSetting]: toBase64Url(recovery.entropy) } });
        const founded = await foundOrganisation({
          ...tools,
          ...form,
          timeZone,
          recovery,
          deviceSigner,
          ownerSigner,
        });
        if (founded.ok) await keep(founded.value, "founded");
        else if (founded.refusal !== "already-founded" || !(await resume())) return founded;
        return done(undefined);
      }),
    async refilled(code, before) {
      const asked = await quietly(askMode(api));
      if (!asked?.ok || asked.value.mode !== "ready") return undefined;
      const told = await quietly(askStanding({ api, random }, code, false));
      const isStill = told !== undefined && told.operations === before && before > 0;
      const whole = isStill ? await quietly(askStanding({ api, random }, code, true)) : told;
      return whole && { ...whole, shop: asked.value.name };
    },
    address: (code) => askBySetupCode(api, code),
    enrolByCode: (code, deviceName) =>
      inWords(async () => {
        // A code is good once: a device whose answer was lost finds itself in the log by its key.
        await store.commit({ settings: { [joiningSetting]: "1" } });
        const enrolled = await enrolByCode({ ...tools, deviceName, ...(await signers()) }, code);
        if (enrolled.ok) await keep(enrolled.value, "joined");
        else if (enrolled.refusal !== "not-accepted" || !(await resume())) return enrolled;
        return done(undefined);
      }),
    openByCard: (words) =>
      inWords(async () => {
        const recovery = readRecoveryWords(words);
        if (!recovery) return refuse("words-malformed");
        const log = await readLog(api, recoverySigner(recovery), signatures);
        if (log.ok) return done(log.value.state);
        const { refusal } = log;
        return refuse(
          refusal === "too-many-tries" || refusal === "forged-log" ? refusal : "not-accepted",
        );
      }),
    enrolByCard: (words, deviceName, chosen) =>
      inWords(async () => {
        const enrolling = { ...tools, deviceName, ...(await signers()) };
        const enrolled = await enrolByRecovery(enrolling, words, () => chosen);
        if (!enrolled.ok) return enrolled;
        await keep(enrolled.value, "joined");
        return done(undefined);
      }),
  };
}

async function inWords<Value>(
  work: () => Promise<Result<Value, EntranceFault>>,
): Promise<Result<Value, EntranceFault>> {
  try {
    return await work();
  } catch (fault) {
    if (fault instanceof Unreachable) return refuse("unreachable");
    if (fault instanceof StoreFault) return refuse(`store-${fault.reason}` as const);
    throw fault;
  }
}
