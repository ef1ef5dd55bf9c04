import { hostname } from "node:os";
import { join } from "node:path";
import type { AuthorityKey } from "../../shared/access/sign-entry.ts";
import { authorityDocument } from "../../shared/documents/document-name.ts";
import type { Signer } from "../../shared/journal/ports.ts";
import { done, type Result } from "../../shared/outcome/result.ts";
import { createDeviceReplica, type DeviceReplica } from "../../shared/replica/device-replica.ts";
import type { Identity } from "../../shared/replica/device-replica-deps.ts";
import { DeviceSession } from "../../shared/replica/device-session.ts";
import { type EnrolFault, enrolByCode } from "../../shared/replica/enrol-device.ts";
import type { ReplicaStore } from "../../shared/replica/ports.ts";
import { ServerAddresses } from "../../shared/replica/server-addresses.ts";
import type { Platform } from "../platform.ts";
import { createOwnSuccession } from "./own-succession.ts";

/** What a folder says of the replica in it. */
interface HeadlessIdentity extends Identity {
  server: string;
  /** whose personal key is here */
  staff?: string | undefined;
  /** file of the device's key, once it is not the first */
  keyFile?: string | undefined;
}

/** A device without a screen: the same replica in a folder, an extra copy and the way in for scripts. */
export interface HeadlessReplica {
  replica: DeviceReplica;
  server: string;
  /** the personal key that is kept here, for changes of rights */
  personalKey: AuthorityKey | undefined;
  /**
   * @param onRenewed this device goes on under a new identity: close the replica and open it again
   */
  connect(onRenewed?: () => void): DeviceSession;
  close(): Promise<void>;
}

const identitySetting = "identity";

/** Pairs an empty folder with a server by an invitation's code. */
export async function joinHeadless(
  platform: Platform,
  folder: string,
  { server, code, name }: { server: string; code: string; name?: string | undefined },
): Promise<Result<HeadlessIdentity, EnrolFault | "already-joined">> {
  const store = await platform.openStore(folder);
  try {
    const { settings } = await store.load();
    if (settings[identitySetting] !== undefined) return { ok: false, refusal: "already-joined" };
    const enrolled = await enrolByCode(
      {
        api: platform.httpApi(server),
        signatures: platform.signatures,
        random: platform.random,
        clock: platform.clock,
        deviceName: name ?? hostname(),
        deviceSigner: await deviceSigner(platform, folder),
        staffSigner: await personalSigner(platform, folder),
      },
      code,
    );
    if (!enrolled.ok) return enrolled;
    const { identity, staff, authority } = enrolled.value;
    const joined = { ...identity, server, staff };
    await store.commit({
      append: [{ name: authorityDocument, from: 0, elements: authority }],
      settings: { [identitySetting]: JSON.stringify(joined) },
    });
    return done(joined);
  } finally {
    await store.close();
  }
}

/** @throws Error when the folder holds no replica */
export async function openHeadless(platform: Platform, folder: string): Promise<HeadlessReplica> {
  const store = await platform.openStore(folder);
  try {
    return await openOn(platform, store, folder);
  } catch (fault) {
    await store.close();
    throw fault;
  }
}

async function openOn(
  platform: Platform,
  store: ReplicaStore,
  folder: string,
): Promise<HeadlessReplica> {
  const { settings } = await store.load();
  const text = settings[identitySetting];
  if (text === undefined)
    throw new Error(`${folder} holds no replica: join it to a server first (replica join)`);
  const joined = JSON.parse(text) as HeadlessIdentity;
  const { server, staff, keyFile, ...identity } = joined;
  const signer = await deviceSigner(platform, folder, keyFile);
  const { clock, random, signatures, timers, WebSocket } = platform;
  const replica = await createDeviceReplica({
    store,
    clock,
    random,
    signatures,
    signer,
    identity,
    program: platform.program,
  });
  const keeper = replica.keeper(timers);
  const remembered = new Map(Object.entries(settings));
  const remember = {
    get: (key: string) => remembered.get(key),
    set(key: string, value: string) {
      remembered.set(key, value);
      void store.commit({ settings: { [key]: value } }).catch(() => undefined);
    },
  };
  const addresses = new ServerAddresses({
    home: server,
    apiAt: (address) => platform.httpApi(address),
    timers,
    remember,
    known: () => ({ org: replica.authority.org, term: replica.authority.term }),
  });
  const sessions: DeviceSession[] = [];
  const personal = staff === undefined ? undefined : await personalSigner(platform, folder);
  return {
    replica,
    server,
    personalKey: personal && { by: `staff:${staff}`, signer: personal },
    connect(onRenewed) {
      const session = new DeviceSession({
        replica,
        api: addresses,
        get socketUrl() {
          return addresses.socketUrl;
        },
        WebSocket,
        signer,
        signatures,
        clock,
        random,
        timers,
        persisted: () => true,
        succession: createOwnSuccession({
          platform,
          folder,
          store,
          settings,
          identified: ({ org, device, store: shop }, keyFile) => ({
            [identitySetting]: JSON.stringify({ ...joined, org, device, store: shop, keyFile }),
          }),
          onRenewed,
        }),
        remember,
      });
      sessions.push(session);
      return session;
    },
    async close() {
      for (const session of sessions) session.close();
      keeper.close();
      await keeper.keepNow();
      await replica.close();
    },
  };
}

const deviceSigner = (
  platform: Platform,
  folder: string,
  keyFile = "device.key",
): Promise<Signer> => platform.fileSigner(join(folder, keyFile));

const personalSigner = (platform: Platform, folder: string): Promise<Signer> =>
  platform.fileSigner(join(folder, "personal.key"));
