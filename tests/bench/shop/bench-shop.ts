import { randomBytes } from "node:crypto";
import { createNodePlatform } from "../../../server/adapters/node-platform.ts";
import { nodeSignatures, signerFromSeed } from "../../../server/adapters/node-signatures.ts";
import { openData } from "../../../server/data/open-data.ts";
import { appendEntry, readAuthorityLog } from "../../../shared/access/authority-log.ts";
import type { AuthorityState } from "../../../shared/access/authority-state.ts";
import {
  newRecoveryKey,
  recoverySigner,
  recoveryWords,
} from "../../../shared/access/recovery-key.ts";
import { signEntry } from "../../../shared/access/sign-entry.ts";
import type { RandomSource } from "../../../shared/journal/ports.ts";
import { foundFromServer } from "../../../shared/replica/found-organisation.ts";
import { silentLog } from "./silent-log.ts";

/** An organisation with as many tills as a bench needs; plain data, to be handed to other processes. */
export interface BenchShop {
  org: string;
  store: string;
  staff: string;
  authority: string[];
  devices: { id: string; seed: string }[];
  /** enrols one more device, for a headless replica */
  pairingCode: string;
  recoveryWords: string;
}

export const random: RandomSource = { bytes: (length) => new Uint8Array(randomBytes(length)) };
export const clock = { nowMs: () => Date.now() };

const inviteMs = 24 * 60 * 60 * 1000;

/** Founds an organisation in a new data folder; the devices are enrolled by the recovery key. */
export async function foundShop(dir: string, devices: number): Promise<BenchShop> {
  const platform = createNodePlatform(silentLog);
  const data = await openData({ dir }, platform);
  try {
    const recovery = newRecoveryKey(random);
    const { device, signer } = data.identity;
    const { entries, code } = await foundFromServer({
      clock,
      random,
      signatures: nodeSignatures,
      name: "有备小店",
      timeZone: "Asia/Shanghai",
      storeName: "总店",
      ownerName: "王",
      recovery,
      server: { device, key: signer.publicKey },
      till: false,
      inviteMs,
    });
    const log = await readAuthorityLog(entries, nodeSignatures);
    if (!log.ok) throw new Error(log.refusal);
    let state: AuthorityState = log.value;
    const store = [...state.stores.keys()][0] ?? "";
    const staff = [...state.staff.keys()][0] ?? "";
    const tills = [];
    for (let nth = 0; nth < devices; nth++) {
      const till = { id: `till${nth}`, seed: Buffer.from(random.bytes(32)).toString("base64url") };
      const key = tillSigner(till).publicKey;
      const body = { device: till.id, name: till.id, key, store, till: true };
      const text = await signEntry(
        state,
        { kind: "DeviceEnrolled", body: { ...body, ceiling: "owner" } },
        [{ by: "recovery", signer: recoverySigner(recovery) }],
        clock.nowMs(),
      );
      const appended = await appendEntry(state, text, nodeSignatures);
      if (!appended.ok) throw new Error(appended.refusal);
      state = appended.value;
      entries.push(text);
      tills.push(till);
    }
    const founded = await data.relay.found(entries);
    if (!founded.ok) throw new Error(founded.refusal);
    return {
      org: state.org,
      store,
      staff,
      authority: entries,
      devices: tills,
      pairingCode: code,
      recoveryWords: recoveryWords(recovery, "en").join(" "),
    };
  } finally {
    await data.close();
  }
}

export const tillSigner = ({ seed }: { seed: string }) =>
  signerFromSeed(Buffer.from(seed, "base64url"));
