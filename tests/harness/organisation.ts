import { createHash } from "node:crypto";
import type { AuthorityProposal } from "../../shared/access/authority-entry.ts";
import { appendEntry } from "../../shared/access/authority-log.ts";
import type { AuthorityState } from "../../shared/access/authority-state.ts";
import {
  newRecoveryKey,
  type RecoveryKey,
  recoveryPublic,
  recoverySigner,
  seedSigner,
  verifyInJavaScript,
} from "../../shared/access/recovery-key.ts";
import { type AuthorityKey, signEntry } from "../../shared/access/sign-entry.ts";
import { authorityDocument, journalDocument } from "../../shared/documents/document-name.ts";
import type { Heads } from "../../shared/journal/chain.ts";
import type { Clock, RandomSource, Signatures, Signer } from "../../shared/journal/ports.ts";
import { elementsOf, type Run } from "../../shared/journal/run.ts";
import { authorRun, type Drafting } from "../../shared/replica/author.ts";
import { createDeviceReplica, type DeviceReplica } from "../../shared/replica/device-replica.ts";
import { Ledger } from "../../shared/replica/ledger.ts";
import { createMemoryStore, type MemoryStore } from "../contracts/memory-store.ts";

export const startMs = Date.UTC(2026, 10, 23, 2, 0, 0);
export const month = "2026-11";

/** Random bytes that are the same for the same seed. */
export function seededRandom(seed: string): RandomSource {
  let counter = 0;
  return {
    bytes(length) {
      const parts: Buffer[] = [];
      for (let have = 0; have < length; have += 32)
        parts.push(createHash("sha256").update(`${seed} ${counter++}`).digest());
      return new Uint8Array(Buffer.concat(parts).subarray(0, length));
    },
  };
}

export const jsSignatures: Signatures = {
  verify: (key, message, signature) => Promise.resolve(verifyInJavaScript(key, message, signature)),
};

export const signerOf = (name: string): Signer =>
  seedSigner(createHash("sha256").update(`key of ${name}`).digest());

export interface Till {
  replica: DeviceReplica;
  store: MemoryStore;
  name: string;
}

/**
 * An organisation for tests: an authority log, tills with their own stores, and a server's purse,
 * whose documents this harness appends by hand, run by run, as a relay would.
 */
export class TestOrganisation {
  readonly recovery: RecoveryKey;
  readonly random: RandomSource;
  readonly authority: string[] = [];
  readonly clock: Clock & { now: number };
  readonly documents = new Map<string, string[]>();
  readonly keys = new Map<string, string>();
  state: AuthorityState | undefined;
  serverLedger = new Ledger(jsSignatures);

  constructor(seed = "organisation") {
    this.random = seededRandom(seed);
    this.recovery = newRecoveryKey(this.random);
    this.clock = {
      now: startMs,
      nowMs() {
        return this.now;
      },
    };
  }

  static async found(seed?: string): Promise<TestOrganisation> {
    const organisation = new TestOrganisation(seed);
    await organisation.append({
      kind: "OrganisationFounded",
      body: {
        name: "云水间",
        timeZone: "Asia/Shanghai",
        recovery: recoveryPublic(organisation.recovery),
        owner: { staff: "boss", name: "老板", key: signerOf("boss").publicKey },
        server: { device: "srv1", key: signerOf("srv1").publicKey },
        store: { id: "s1", name: "总店" },
        term: 1,
        fold: 1,
      },
    });
    await organisation.append({
      kind: "StaffAdded",
      body: { staff: "amy", name: "小王", role: "cashier" },
    });
    return organisation;
  }

  get recoveryKey(): AuthorityKey {
    return { by: "recovery", signer: recoverySigner(this.recovery) };
  }

  async append(proposal: AuthorityProposal, keys = [this.recoveryKey]): Promise<void> {
    const after = this.state ?? { org: "testorg" };
    const text = await signEntry(after, proposal, keys, this.clock.now);
    const appended = await appendEntry(this.state, text, jsSignatures);
    if (!appended.ok) throw new Error(`authority entry refused: ${appended.refusal}`);
    this.state = appended.value;
    this.authority.push(text);
    await this.serverLedger.addAuthority(text);
  }

  async enrol(
    name: string,
    options: { till?: boolean; ceiling?: "owner" | "cashier"; replaces?: string; cut?: Heads } = {},
  ): Promise<Till> {
    const cut = options.cut && Object.fromEntries([...options.cut]);
    await this.append({
      kind: "DeviceEnrolled",
      body: {
        device: name,
        name,
        key: signerOf(name).publicKey,
        store: "s1",
        ceiling: options.ceiling ?? "owner",
        till: options.till ?? true,
        replaces: options.replaces,
        cut: options.replaces === undefined ? undefined : (cut ?? {}),
      },
    });
    const store = createMemoryStore();
    await store.commit({
      append: [{ name: authorityDocument, from: 0, elements: this.authority }],
    });
    return { name, store, replica: await this.open(name, store) };
  }

  open(name: string, store: MemoryStore): Promise<DeviceReplica> {
    return createDeviceReplica({
      store,
      clock: this.clock,
      random: this.random,
      signatures: jsSignatures,
      signer: signerOf(name),
      identity: { org: "testorg", device: name, store: "s1" },
    });
  }

  /** Everything that the tills have and the documents do not, appended as a relay would. */
  async collect(...tills: Till[]): Promise<void> {
    for (const { replica } of tills) {
      for (const [member, key] of replica.keys()) this.keys.set(member, key);
      const from = this.serverLedger.head(replica.chain).next;
      for (const run of await replica.runsFrom(replica.chain, from, 10_000)) await this.accept(run);
    }
  }

  async accept(run: Run): Promise<void> {
    const checked = await this.serverLedger.check(run, { verify: true });
    if (!checked.ok) throw new Error(`run refused: ${checked.refusal.code}`);
    if (checked.value.operations.length === 0) return;
    this.serverLedger.enter(checked.value, this.clock.now);
    const name = journalDocument(this.state?.term ?? 1, "s1", month);
    const document = this.documents.get(name) ?? [];
    document.push(...elementsOf(run));
    this.documents.set(name, document);
  }

  /** What the server writes in its own name. */
  async serverWrites(drafts: Drafting[], staff = ""): Promise<void> {
    const device = this.state?.server ?? "srv1";
    for (const drafting of drafts) {
      const run = await authorRun(
        { ledger: this.serverLedger, clock: this.clock, signer: signerOf(device) },
        { device, store: "s1", staff, attested: true },
        [drafting],
      );
      await this.accept(run);
    }
  }

  /** Everything that the documents have, given to the tills. */
  async deliver(...tills: Till[]): Promise<void> {
    for (const { replica } of tills) {
      const known = replica.documentLength(authorityDocument);
      await replica.receive(authorityDocument, known, this.authority.slice(known));
      await replica.receiveKeys([...this.keys]);
      for (const [name, elements] of this.documents) {
        const from = replica.documentLength(name);
        const outcome = await replica.receive(name, from, elements.slice(from));
        if (!outcome.ok) throw new Error(`${replica.device} refused ${name}: ${outcome.code}`);
      }
      replica.serverHolds(this.serverLedger.heads());
    }
  }

  async exchange(...tills: Till[]): Promise<void> {
    await this.collect(...tills);
    await this.deliver(...tills);
    await this.collect(...tills);
    await this.deliver(...tills);
  }
}
